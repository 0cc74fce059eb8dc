"""No route reads more than it has use for."""

import io

import pytest
from flask import Flask
from gunicorn.http.errors import InvalidChunkSize  # type: ignore[import-untyped]

from app.web.bodies import MAX_BODY_BYTES
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.web.test_security import DELIVERIES, posts

MEGABYTE = 1024 * 1024


FIELDS, FILES = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
WITH_FILES = {
    "/sync/rules/import",
    "/catalog/photos",
    "/catalog/photos/take",
    "/catalog/photos/archive",
}


@pytest.mark.parametrize("content_type", [FIELDS, FILES])
def test_only_the_files_of_who_is_signed_in_may_be_big(
    app: Flask, alice: Owner, client: CheckingClient, content_type: str
) -> None:
    let_in = {
        (visitor, address)
        for visitor in (alice.client, client)
        for address in posts(app)
        if _code(visitor, address, content_type) != 413
    }
    files = WITH_FILES if content_type == FILES else set()
    assert let_in == {(alice.client, address) for address in files}


def _code(visitor: CheckingClient, address: str, content_type: str) -> int:
    answer = visitor.open(
        address,
        method="POST",
        input_stream=io.BytesIO(b"--x--"),
        environ_overrides={"CONTENT_LENGTH": str(MAX_BODY_BYTES + 1)},
        content_type=content_type,
    )
    return answer.status_code


def test_a_form_of_too_many_fields_is_refused(alice: Owner) -> None:
    body = "&".join(f"f{number}=1" for number in range(2000))
    token = {"X-CSRFToken": alice.client.csrf_token()}
    answer = alice.client.post(
        "/profile", csrf=False, data=body, headers=token, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\n1\r\n' for n in range(5000))
    answer = alice.client.post(
        "/profile",
        csrf=False,
        data=parts + "--x--\r\n",
        headers=token,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413


def test_deliveries_are_bounded_and_strangers_are_not_read_at_all(app: Flask) -> None:
    client = app.test_client()
    for address in DELIVERIES:
        body = b"[" + b" " * 20 * MEGABYTE + b"]"
        stranger = client.open(address, method="POST", data=body, headers={"Authorization": "Bearer wrong"})
        assert stranger.status_code == 401, address
        known = client.open(
            address, method="POST", data=body, headers={"Authorization": "Bearer evotor-app-secret"}
        )
        assert known.status_code in (400, 413), address


def test_a_body_in_broken_pieces_is_the_senders_fault(alice: Owner) -> None:
    class Broken(io.RawIOBase):
        def readinto(self, buffer: object) -> int:
            raise InvalidChunkSize(b"zz")

        def seek(self, *place: int) -> int:
            return 0

    answer = alice.client.post(
        "/profile",
        csrf=False,
        input_stream=Broken(),
        environ_overrides={"wsgi.input_terminated": True},
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400
