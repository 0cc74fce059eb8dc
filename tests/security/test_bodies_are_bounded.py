"""No route reads more than it has use for."""

import io

from flask import Flask
from gunicorn.http.errors import InvalidChunkSize  # type: ignore[import-untyped]

from tests.owners import Owner
from tests.web.test_security import DELIVERIES, posts

MEGABYTE = 1024 * 1024


def test_every_form_refuses_a_body_over_its_bound(app: Flask, alice: Owner) -> None:
    body = b"name=" + b"x" * 21 * MEGABYTE
    for address in posts(app):
        answer = alice.client.open(
            address,
            method="POST",
            data=body,
            headers={"X-CSRFToken": alice.client.csrf_token()},
            content_type="application/x-www-form-urlencoded",
        )
        # The page that takes a file says beside the field how big it may be.
        assert answer.status_code == (422 if address == "/sync/rules/import" else 413), address


def test_a_form_of_too_many_fields_is_refused(alice: Owner) -> None:
    body = "&".join(f"f{number}=1" for number in range(100_000))
    token = {"X-CSRFToken": alice.client.csrf_token()}
    answer = alice.client.post(
        "/profile", csrf=False, data=body, headers=token, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (303, 413, 422)
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
