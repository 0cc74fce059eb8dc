"""What no camera sends: nothing of it is kept or run, and each is answered in words."""

import io
import struct
import zlib
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from app.config import Settings
from app.publishing.photos import keeping
from app.publishing.photos.archive.incoming import Place
from app.publishing.photos.form import BODY_MAX, FILES_MAX, how_much
from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.photos.pictures import Picture
from app.web import turns
from app.web.turns import WORKING
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.publishing.photos.uploading import jpeg, shown, upload
from tests.stock import Stock, product


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    stock.put(products=[product("p1", "Улун")])


def png(width: int, height: int, body: bytes) -> bytes:
    """A PNG that claims these sizes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


REFUSED = {
    "bomb.png": png(30_000, 30_000, zlib.compress(b"\0" * 1_000_000)),
    "huge.png": png(2**31 - 1, 2**31 - 1, b""),
    "thin.png": png(5000, 1, zlib.compress(b"\0" * 20_000)),
    "truncated.jpg": jpeg()[:300],
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "page.jpg": b"<!doctype html><script>alert(1)</script>",
    "script.png": b"#!/bin/sh\nrm -rf /",
    "empty.jpg": b"",
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words_and_nothing_is_kept(alice: Owner, settings: Settings, name: str) -> None:
    answer = upload(alice, (name, REFUSED[name]))
    assert answer.status_code == 422
    (said,) = answer.page.texts("//*[@id='photo-error']/li")
    assert said.startswith(f"{name}: ")
    assert not settings.media_dir.exists() and shown(alice) == []


def test_what_hides_behind_a_picture_does_not_get_through(alice: Owner) -> None:
    hidden = b"<script>alert(1)</script>PK\x03\x04<?php system($_GET[0]);"
    assert upload(alice, ("p.jpg", jpeg() + hidden)).status_code == 303
    kept = alice.client.get(shown(alice)[0])
    assert kept.mimetype == "image/jpeg"
    assert all(part not in kept.data for part in (b"script", b"PK\x03\x04", b"php"))


def test_of_an_animation_the_first_frame_is_kept(alice: Owner) -> None:
    frames = [Image.new("P", (500, 500), colour) for colour in (1, 2, 3)]
    data = io.BytesIO()
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:])
    assert upload(alice, ("moves.gif", data.getvalue())).status_code == 303
    kept = Image.open(io.BytesIO(alice.client.get(shown(alice)[0]).data))
    assert (kept.format, getattr(kept, "n_frames", 1)) == ("JPEG", 1)


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "<b>'\"&.jpg", "я" * 300 + ".jpg"]
)
def test_a_name_leads_nowhere(alice: Owner, settings: Settings, name: str, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if settings.media_dir not in path.parents}
    assert upload(alice, (name, jpeg())).status_code == 303
    after = {path for path in tmp_path.rglob("*") if settings.media_dir not in path.parents}
    assert after - before <= {settings.media_dir}
    refused = upload(alice, (name, b"no picture"))
    (said,) = refused.page.texts("//*[@id='photo-error']/li/b")
    assert "/" not in said and "\\" not in said and len(said) <= 60


@pytest.mark.parametrize(
    "digest", ["../../secret", "/etc/passwd", "", "a" * 63, "A" * 64, "a" * 64 + "/../x", "é" * 64]
)
def test_what_is_no_digest_reads_writes_and_removes_nothing(tmp_path: Path, digest: str) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    files = PictureFiles(tmp_path / "media", 1)
    with pytest.raises(PictureLost):
        files.read(digest)
    with pytest.raises(ValueError, match="not a digest"):
        files.put(Picture(b"x", digest, 400))
    files.remove(digest)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [secret]
    # Nor does the name of an upload lead out of its owner's folder.
    incoming = Place(tmp_path / "media", 1)
    assert incoming.upload(digest or "x").parent == tmp_path / "media" / "incoming" / "1"


def test_the_body_is_bounded_for_owners_and_much_more_for_strangers(
    alice: Owner, client: CheckingClient
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    for visitor, size, code in ((alice.client, BODY_MAX + 1, 413), (client, 2 * 1024 * 1024, 413)):
        answer = visitor.open(
            "/catalog/photos?store_id=s1&product_id=p1",
            method="POST",
            input_stream=io.BytesIO(head),
            environ_overrides={"CONTENT_LENGTH": str(size)},
            headers={"X-CSRFToken": visitor.csrf_token()},
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code == code
        assert how_much() in answer.page.text


def test_photos_of_many_owners_at_once_leave_the_threads_to_others(
    alice: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)
    with ExitStack() as others:
        for owner in range(WORKING):
            assert turns._take(owner)
            others.callback(turns._give_back, owner)
        answer = upload(alice, ("a.jpg", jpeg()))
        assert answer.status_code == 429 and "обрабатывается столько фото" in answer.page.text
    assert upload(alice, ("a.jpg", jpeg())).status_code == 303 and len(shown(alice)) == 1


def test_of_a_form_with_many_files_none_is_looked_at(alice: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "prepare", None)
    answer = upload(alice, *((f"{number}.jpg", b"broken") for number in range(FILES_MAX + 1)))
    assert answer.status_code == 413 and how_much() in answer.page.text
