"""Whatever an owner uploads becomes an upright square JPEG without secrets, or is refused in words."""

import io
import resource
import struct
import zlib
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from app.publishing.photos import pictures, sizes
from app.publishing.photos.pictures import Picture, PictureRefused, prepare

WHITE = (255, 255, 255)
RED = (200, 30, 30)


def written(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    data = io.BytesIO()
    image.save(data, format, **options)
    return data.getvalue()


def prepared(data: bytes) -> Picture:
    return prepare(io.BytesIO(data))


def shown(picture: Picture) -> Image.Image:
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    return image


def is_near(found: Any, wanted: tuple[int, int, int]) -> bool:
    return all(abs(one - other) <= 12 for one, other in zip(found, wanted, strict=True))


def refusal(data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        prepared(data)
    return str(refused.value)


def png_of_size(width: int, height: int) -> bytes:
    """A file that claims these sizes and holds next to nothing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@settings(max_examples=40)
@given(
    size=st.tuples(st.integers(1, 1700), st.integers(1, 1700)),
    mode=st.sampled_from(("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK")),
    format=st.sampled_from(("PNG", "JPEG", "WEBP", "GIF", "BMP")),
    orientation=st.integers(0, 9),
)
def test_any_size_mode_and_orientation_gives_a_square_or_a_sentence(
    size: tuple[int, int], mode: str, format: str, orientation: int
):
    image = Image.new(mode, size)
    exif = Image.Exif()
    exif[0x0112] = orientation
    try:
        data = written(image, format, exif=exif)
    except (OSError, ValueError):
        data = written(image.convert("RGB"), format, exif=exif)
    try:
        picture = prepared(data)
    except PictureRefused as refused:
        assert max(size) < sizes.LONGER_SIDE_MIN or max(size) > 20 * min(size)
        assert "Фото слишком маленькое" in str(refused) or "Картинка слишком узкая" in str(refused)
        return
    found = shown(picture)
    assert (found.format, found.mode) == ("JPEG", "RGB")
    assert found.width == found.height == picture.side
    assert sizes.SIDE_MIN <= picture.side <= sizes.SIDE_MAX
    assert len(picture.data) <= pictures.BYTES_MAX
    assert picture.digest == sha256(picture.data).hexdigest()


def test_a_wide_picture_is_padded_and_neither_stretched_nor_cropped():
    found = shown(prepared(written(Image.new("RGB", (800, 400), RED))))
    assert found.size == (800, 800)
    assert is_near(found.getpixel((400, 100)), WHITE)
    assert is_near(found.getpixel((400, 700)), WHITE)
    assert is_near(found.getpixel((10, 400)), RED)
    assert is_near(found.getpixel((790, 210)), RED)


def test_a_small_picture_is_enlarged_to_what_vk_takes_and_keeps_its_shape():
    found = shown(prepared(written(Image.new("RGB", (200, 100), RED))))
    assert found.size == (400, 400)
    assert [is_near(found.getpixel((200, y)), RED) for y in (90, 110, 290, 310)] == [False, True, True, False]


@pytest.mark.parametrize("size", [(90, 90), (199, 199), (40, 199)])
def test_a_picture_that_would_be_a_blur_is_refused_with_its_size_and_the_least(size: tuple[int, int]):
    with pytest.raises(PictureRefused, match=f"маленькое: {size[0]}×{size[1]}. ВКонтакте .* 400×400"):
        prepared(written(Image.new("RGB", size, RED)))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright(orientation: int, format: str):
    upright = Image.new("RGB", (600, 800), WHITE)
    upright.paste(RED, (0, 0, 300, 200))
    # What a camera held this way writes.
    inverse = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    written_so = upright.transpose(Image.Transpose(inverse[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = shown(prepared(written(written_so, format, exif=exif)))
    assert is_near(found.getpixel((150, 50)), RED)
    assert [is_near(found.getpixel(spot), WHITE) for spot in ((650, 50), (150, 700), (650, 700))] == [
        True
    ] * 3


def test_nothing_of_the_camera_stays_in_the_file():
    exif = Image.Exif()
    exif[0x010E] = "Улица Ленина, 5"
    exif.get_ifd(0x8825)[2] = (55.0, 45.0, 21.0)
    source = written(
        Image.new("RGB", (500, 500), RED),
        "JPEG",
        exif=exif,
        comment=b"secret comment",
        xmp=b"<x>secret xmp</x>",
    )
    assert b"secret" in source
    picture = prepared(source)
    assert b"secret" not in picture.data
    assert not shown(picture).getexif()
    assert set(shown(picture).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_stands_behind_the_picture_in_the_file_is_not_kept():
    script = b"<script>alert(1)</script>PK\x03\x04"
    assert b"script" not in prepared(written(Image.new("RGB", (500, 500), RED)) + script).data


def test_what_is_transparent_becomes_white():
    image = Image.new("RGBA", (500, 500), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 250, 500))
    for format in ("PNG", "WEBP"):
        found = shown(prepared(written(image, format)))
        assert is_near(found.getpixel((400, 250)), WHITE)
        assert is_near(found.getpixel((100, 250)), RED)
    with_palette = Image.new("P", (500, 500), 0)
    with_palette.putpalette([0, 0, 0, *RED])
    with_palette.paste(1, (0, 0, 250, 500))
    found = shown(prepared(written(with_palette, "PNG", transparency=0)))
    assert is_near(found.getpixel((400, 250)), WHITE)
    assert is_near(found.getpixel((100, 250)), RED)


def test_sixteen_bits_of_grey_stay_grey():
    assert is_near(
        shown(prepared(written(Image.new("I;16", (500, 500), 32768)))).getpixel((9, 9)), (128,) * 3
    )


def test_a_profile_of_colours_is_applied_and_not_kept():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = prepared(written(Image.new("RGB", (500, 500), RED), "JPEG", icc_profile=profile))
    assert is_near(shown(picture).getpixel((9, 9)), RED)
    assert "icc_profile" not in shown(picture).info
    broken = prepared(written(Image.new("RGB", (500, 500), RED), "JPEG", icc_profile=b"nonsense" * 20))
    assert is_near(shown(broken).getpixel((9, 9)), RED)


@pytest.mark.parametrize("format", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(format: str):
    frames = [Image.new("RGB", (500, 500), colour) for colour in (RED, (0, 0, 255))]
    data = written(frames[0], format, save_all=True, append_images=frames[1:], duration=100)
    assert is_near(shown(prepared(data)).getpixel((250, 250)), RED)


def test_noise_still_fits_two_megabytes():
    noise = Image.effect_noise((1200, 1200), 200)
    noisy = Image.merge("RGB", [noise, noise.rotate(90), noise.rotate(180)])
    assert len(prepared(written(noisy)).data) <= pictures.BYTES_MAX


def test_the_same_file_gives_the_same_picture():
    data = written(Image.radial_gradient("L").resize((700, 500)))
    assert prepared(data) == prepared(data)


# Pillow warns of what it skips in the notes of a camera.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=100)
@given(
    format=st.sampled_from(("PNG", "JPEG", "WEBP", "GIF", "BMP")),
    spoilt=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=12),
)
def test_a_spoilt_file_gives_a_picture_or_a_sentence(format: str, spoilt: list[tuple[int, int]]):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = bytearray(written(Image.radial_gradient("L").convert("RGB"), format, exif=exif))
    for place, value in spoilt:
        data[place % min(len(data), 400)] = value
    try:
        assert shown(prepared(bytes(data))).size >= (400, 400)
    except PictureRefused as refused:
        assert str(refused)


def test_a_file_cut_short_is_refused():
    for format in ("JPEG", "PNG", "WEBP"):
        data = written(Image.effect_noise((600, 600), 90), format)
        assert "повреждён" in refusal(data[: len(data) // 2])


def bmp_of_runs(side: int) -> bytes:
    """A BMP whose every line is one run of five pixels, and short."""
    pixels, colours = bytes((5, 1, 0, 0)) * side, bytes(1024)
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    start = 14 + len(header) + len(colours)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + colours + pixels


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "пуст"),
        (b"hello", "не фотография"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "Наиболее совместимый"),
        (b"\0\0\0\x1cftypavif", "HEIC или AVIF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "не фотография"),
        (b"\xff\xd8\xff" + b"\0" * 100, "повреждён"),
        (bmp_of_runs(3600), "не фотография"),
    ],
)
def test_what_is_no_photo_is_refused_with_what_to_do(data: bytes, part: str):
    assert part in refusal(data)


def test_a_file_too_large_is_refused_unread():
    assert "больше 25 МБ" in refusal(b"\xff" * (pictures.UPLOAD_MAX + 10))


@pytest.mark.parametrize("side", [6_000, 12_000, 60_000])
def test_a_picture_that_would_unpack_beyond_all_bounds_is_refused_before_it_is_unpacked(side: int):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "млн точек" in refusal(png_of_size(side, side))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_to_ask_whether_a_size_is_refused_changes_nothing_of_the_picture():
    with Image.open(io.BytesIO(written(Image.new("RGB", (2400, 2400)), "JPEG"))) as source:
        assert sizes.refusal_by_size(source) is None and source.size == (2400, 2400)
        assert sizes.draft_small(source, coefficients=0) is None and source.size == (1200, 1200)


def test_a_large_photo_of_a_phone_is_taken():
    data = written(Image.new("RGB", (8000, 6000), RED), "JPEG")
    assert prepared(data).side == 1200


@pytest.mark.parametrize(("size", "part"), [((40, 30), "маленькое"), ((1000, 10), "узкая")])
def test_a_picture_that_shows_nothing_is_refused(size: tuple[int, int], part: str):
    assert part in refusal(written(Image.new("RGB", size)))
