"""A JPEG that would be read for hours is refused before anybody begins to."""

import pytest
from PIL import Image

from app.publishing.photos import pictures
from tests.publishing.photos.test_pictures import RED, prepared, refusal, written


def jpeg_of_scans(scans: int) -> bytes:
    """A progressive file whose last scans change nothing; each takes ten bytes and a walk over all pixels."""
    data = written(Image.new("L", (800, 800), 128), "JPEG", progressive=True)
    own = data.count(b"\xff\xda")
    return data[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10" * (scans - own) + data[-2:]


def test_a_jpeg_that_is_scanned_again_and_again_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert prepared(jpeg_of_scans(64)).side == 800
    monkeypatch.setattr(pictures, "_decoded", None)
    assert "повреждён" in refusal(jpeg_of_scans(65))
    assert "повреждён" in refusal(jpeg_of_scans(100_000))


def test_a_film_behind_a_photo_is_no_part_of_it() -> None:
    photo = written(Image.new("RGB", (800, 800), RED), "JPEG", progressive=True)
    assert prepared(photo + b"\xff\xda" * 1000 + photo * 100).side == 800


def test_a_jpeg_of_countless_segments_is_refused_before_they_are_joined(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = written(Image.new("L", (800, 800), 128), "JPEG")
    exif = b"\xff\xe1\x00\x0aExif\0\0MM"
    assert prepared(data[:2] + exif * 900 + data[2:]).side == 800
    monkeypatch.setattr(pictures, "_opened", None)
    for part in (exif, b"\xff" + exif, b"\xff\xd9" + exif, b"junk" + exif):
        assert "повреждён" in refusal(data[:2] + part * 1001 + data[2:])


@pytest.mark.parametrize(
    ("mode", "width", "height"), [("CMYK", 7200, 7200), ("RGB", 7200, 7200), ("CMYK", 20_000, 1001)]
)
def test_a_jpeg_whose_scans_are_all_held_at_once_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch, mode: str, width: int, height: int
) -> None:
    small = written(Image.new(mode, (64, 64)), "JPEG", progressive=True, subsampling=0)
    monkeypatch.setattr(pictures, "_decoded", None)
    assert "млн точек" in refusal(claiming(small, width, height))


def test_a_jpeg_of_one_scan_of_each_colour_is_held_at_once_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    small = written(Image.new("RGB", (64, 64)), "JPEG", subsampling=0)
    monkeypatch.setattr(pictures, "_decoded", None)
    scan = small.index(b"\xff\xda")
    by_colour = small[:scan] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + small[scan + 14 :]
    assert "млн точек" in refusal(claiming(by_colour, 7200, 7200))


@pytest.mark.parametrize(("mode", "side"), [("L", 7200), ("RGB", 6900)])
def test_a_progressive_photo_of_a_phone_is_taken(
    monkeypatch: pytest.MonkeyPatch, mode: str, side: int
) -> None:
    small = written(Image.new(mode, (64, 64)), "JPEG", progressive=True, subsampling=2)
    decoded = Image.new("RGB", (800, 800))
    monkeypatch.setattr(pictures, "_decoded", lambda source: decoded)
    assert prepared(claiming(small, side, side)).side == 800


def claiming(jpeg: bytes, width: int, height: int) -> bytes:
    """The file as if its picture were that large."""
    frame = next(place for begin in (b"\xff\xc0", b"\xff\xc2") if (place := jpeg.find(begin)) > 0)
    return jpeg[: frame + 5] + height.to_bytes(2) + width.to_bytes(2) + jpeg[frame + 9 :]
