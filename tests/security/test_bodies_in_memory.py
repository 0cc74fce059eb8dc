"""Whatever a form is made of, memory holds little of it."""

import io
import tracemalloc

import pytest

from app.web.bodies import MAX_BODY_BYTES
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.publishing.photos.archive.archives import ADDRESS

MEGABYTE = 1024 * 1024
WITH_FILES = [
    "/sync/rules/import",
    "/catalog/photos?store_id=s1&product_id=p1",
    "/catalog/photos/take",
    ADDRESS,
]
PHOTOS = "/catalog/photos?store_id=s1&product_id=p1"
MULTIPART = "multipart/form-data; boundary=x"


def part(about: str, content: bytes = b"1") -> bytes:
    return f"--x\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() + content + b"\r\n"


# One letter above U+FFFF makes all others of its text four bytes each.
PARTS = {
    "long names of files": part(f'name="photo"; filename="🦄{"a" * 60_000}"'),
    "headers of a thousand parameters": part(f'name="photo"; filename="a"{"; a=b" * 10_000}'),
    "long names of fields": part(f'name="🦄{"a" * 60_000}"'),
    "long fields": part('name="a"', "🦄".encode() + b"a" * 60_000),
    "short fields": part('name="a"') * 500,
    "small files": part('name="photo"; filename="a.jpg"', b"a" * 60_000),
    "no files": part('name="photo"; filename=""', b"") * 500,
}
FIELDS = [b"a&", b"%F0%9F%A6%84=&", b"%41", b"%41\xd1\x8f", b"\xf0\x9f\xa6\x84", b"+"]


def send(client: CheckingClient, address: str, piece: bytes, size: int, content_type: str) -> tuple[int, int]:
    """POST so many bytes of a piece said again and again; the answer's code, and the bytes held at most."""
    body = io.BytesIO(piece * (size // len(piece)) + b"--x--\r\n")
    token = {"X-CSRFToken": client.csrf_token()}
    tracemalloc.start()
    try:
        answer = client.open(
            address, method="POST", input_stream=body, headers=token, content_type=content_type
        )
        return answer.status_code, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("piece", PARTS.values(), ids=PARTS)
def test_an_owners_form_of_files_is_held_in_part_only(alice: Owner, piece: bytes) -> None:
    code, held = send(alice.client, PHOTOS, piece, 4 * MEGABYTE, MULTIPART)
    assert code == 413 and held < 4 * MEGABYTE


# The files of an archive lie in one on the disk.
@pytest.mark.parametrize(("name", "answered"), [("long names of files", 413), ("small files", 303)])
def test_an_archive_is_held_in_part_only(alice: Owner, name: str, answered: int) -> None:
    code, held = send(alice.client, ADDRESS, PARTS[name], 4 * MEGABYTE, MULTIPART)
    assert code == answered and held < 16 * MEGABYTE


@pytest.mark.parametrize("piece", FIELDS)
def test_a_strangers_form_of_fields_is_held_in_part_only(client: CheckingClient, piece: bytes) -> None:
    _, held = send(client, "/login", piece, MAX_BODY_BYTES - 100, "application/x-www-form-urlencoded")
    assert held < 12 * MEGABYTE
