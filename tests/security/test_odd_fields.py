"""Fields without a name, and whole numbers of any length, are refused and break nothing."""

import io

import pytest

from tests.checking_client import CheckingClient
from tests.publishing.conftest import (  # noqa: F401 (fixtures)
    Publishing,
    maria,
    publishing,
    teahouse,
    vk,
)

NAMELESS = (
    "Content-Disposition: form-data",
    "Content-Disposition:",
    'Content-Disposition: form-data; filename="a"',
)
NUMBERS = ("9" * 400, "-" + "9" * 4299, "-", "+", "٣", "1e400")


@pytest.mark.parametrize("heading", NAMELESS)
@pytest.mark.parametrize("path", ["/login", "/language", "/sync/rules/import"])
def test_a_field_without_a_name_is_nobodys(client: CheckingClient, path: str, heading: str) -> None:
    body = f"--x\r\n{heading}\r\n\r\na\r\n--x--\r\n".encode()
    answer = client.open(path, method="POST", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 400


TEXTS = {
    "/login": ("email", "next"),
    "/profile": ("name", "seen"),
    "/profile/password": ("password", "password_confirm"),
    "/connections/evotor": ("token",),
    "/catalog/new/all": ("left_at",),
    "/catalog/photos?store_id=s1&product_id=p1": ("next", "file"),
    "/sync/listings/album": ("album",),
    "/sync/listings/join": ("mark", "product_id"),
    "/sync/listings/pair": ("item_id", "store_id"),
    "/sync/publish": ("product_id",),
    "/sync/questions/deleted": ("listing_id",),
    "/sync/rules/import": ("next", "photo"),
    "/sync/rules/remove": ("only",),
    "/sync/settings/stores": ("store_id",),
}


def test_a_file_in_the_place_of_a_text_is_left_out(
    publishing: Publishing,  # noqa: F811
    client: CheckingClient,
) -> None:
    for path, fields in TEXTS.items():
        visitor = client if path == "/login" else publishing.owner.client
        for field in fields:
            for more in ({}, dict.fromkeys(fields, "a")):
                answer = visitor.post(path, data={**more, field: (io.BytesIO(b"a"), "a.txt")})
                assert answer.status_code < 500, (path, field)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/sync/listings/pair", "item_id"),
        ("/sync/listings/other", "item_id"),
        ("/sync/listings/album", "album"),
        ("/sync/questions/edited", "listing_id"),
        ("/sync/questions/deleted", "listing_id"),
        ("/sync/rules/remove", "only"),
        ("/sync/settings", "old_price_days"),
        ("/sync/settings", "price_guard_percent"),
    ],
)
def test_a_whole_number_beyond_measure_is_refused(
    publishing: Publishing,  # noqa: F811
    path: str,
    field: str,
) -> None:
    for number in NUMBERS:
        answer = publishing.owner.client.post(path, data={field: number, "seen": ""})
        assert 300 <= answer.status_code < 500, number
