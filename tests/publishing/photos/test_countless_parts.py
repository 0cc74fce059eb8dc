"""A file of countless small parts is refused before any of them becomes an object in memory."""

import struct
import subprocess
import sys
import zlib

import pytest
from PIL import Image

from app.publishing.photos import pictures
from tests.publishing.photos.test_pictures import RED, prepared, refusal, written

GIF = written(Image.new("P", (500, 500), 1), "GIF")
PNG = written(Image.new("RGB", (500, 500), RED), "PNG")


def in_gif(blocks: bytes) -> bytes:
    """The GIF with these blocks before its picture."""
    place = GIF.index(b",\0\0\0\0")
    return GIF[:place] + blocks + GIF[place:]


def in_png(name: bytes, count: int, content: bytes = b"") -> bytes:
    """The PNG with so many such chunks before its picture."""
    place = PNG.index(b"IDAT") - 4
    head, sum = struct.pack(">I", len(content)) + name, struct.pack(">I", zlib.crc32(name + content))
    return PNG[:place] + (head + content + sum) * count + PNG[place:]


def in_comment(count: int) -> bytes:
    return b"!\xfe" + b"\2aa" * count + b"\0"


@pytest.mark.parametrize(
    "data",
    [
        in_gif(in_comment(900)),
        in_gif(b"junk" + in_comment(400) + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0" + in_comment(400)),
        GIF + in_comment(2000),
        in_png(b"abCd", 900),
        in_png(b"IDAT", 40_000),
    ],
)
def test_what_cameras_and_programs_write_is_taken(data: bytes) -> None:
    assert prepared(data).side == 500


@pytest.mark.parametrize(
    "data",
    [
        in_gif(in_comment(1001)),
        in_gif(in_comment(1) * 1001),
        in_gif(b"junk" + in_comment(600) + b"w" + in_comment(600)),
        in_gif(in_comment(8_000_000)),
        in_png(b"abCd", 1001),
        in_png(b"tEXt", 1001, b"a\0b"),
        in_png(b"IDAT", 60_000),
    ],
)
def test_more_of_them_are_refused_unopened(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(pictures, "_opened", None)
    assert "повреждён" in refusal(data)


def test_long_texts_in_a_png_are_not_unpacked_without_bound() -> None:
    megabyte = zlib.compress(("я" * 2**19).encode())
    text = b"Comment\0\1\0\0\0" + megabyte
    assert prepared(in_png(b"iTXt", 4, text)).side == 500
    assert "повреждён" in refusal(in_png(b"iTXt", 20, text))


PREPARE = (
    "import sys; from app.publishing.photos.pictures import prepare; print(prepare(sys.stdin.buffer).side)"
)


def test_a_file_full_of_broken_tags_writes_nothing_into_the_log() -> None:
    tags = b"".join(struct.pack("<HHII", number, 7, 0x7FFFFFF0, 8) for number in range(1, 5001))
    exif = b"II*\0\x08\0\0\0" + struct.pack("<H", 5000) + tags + b"\0" * 4
    image = in_png(b"eXIf", 1, exif)
    done = subprocess.run([sys.executable, "-c", PREPARE], input=image, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"500\n", b"")
