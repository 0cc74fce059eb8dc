"""Any picture an owner has, made into one that VK takes: an upright square JPEG and nothing else in it.

Never stretched and never cropped: what is not square gets white margins. The picture is always drawn anew, so
nothing that was hidden in the file (places, thumbnails, scripts) gets through.
"""

import hashlib
import io
import struct
import warnings
from typing import IO, NamedTuple

from flask_babel import gettext
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from app.publishing.photos.blocks import has_too_many_blocks
from app.publishing.photos.jpeg_parts import parts_of
from app.publishing.photos.sizes import (
    JPEG_PIXELS_MAX,
    SIDE_MAX,
    SIDE_MIN,
    draft_small,
    refusal_by_size,
    too_many_pixels,
)
from app.words import gettext_noop

# Of a file's own nonsense it tells by as many lines as that has tags.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

# Its letters take four bytes each once unpacked, and nobody reads them.
PngImagePlugin.MAX_TEXT_MEMORY = 8 * 1024 * 1024

BYTES_MAX = 2 * 1024 * 1024
UPLOAD_MAX = 25 * 1024 * 1024

# What decoders raise at broken and hostile files.
_BROKEN = (
    OSError,
    EOFError,
    IndexError,
    KeyError,
    OverflowError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"RIFF", b"GIF8", b"BM")
_DAMAGED = gettext_noop("Файл повреждён или скачан не до конца. Загрузите его ещё раз")
_NO_PHOTO = gettext_noop("Это не фотография. Подойдут JPEG, PNG, WebP и GIF")
# How a BMP says that it is packed by runs of pixels, of eight bits or of four.
_RUN_LENGTHS = (1, 2)
_QUALITIES = (90, 82, 74, 66, 50)
_WHITE = (255, 255, 255)
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PictureRefused(ValueError):
    """The file gives no picture to show; the message is a sentence for the owner."""


class Picture(NamedTuple):
    """A JPEG of `side` × `side` pixels; `digest` is the SHA-256 of `data` in hexadecimal."""

    data: bytes
    digest: str
    side: int


def prepare(upload: IO[bytes]) -> Picture:
    """Make a picture out of an uploaded file; raise PictureRefused with what to do instead.

    Of an animation the first frame is taken: VK would not move it either.
    """
    start = upload.read(UPLOAD_MAX + 1)
    if not start:
        raise PictureRefused(gettext("Файл пуст. Выберите фотографию"))
    if len(start) > UPLOAD_MAX:
        most = UPLOAD_MAX // 1024 // 1024
        raise PictureRefused(gettext("Файл больше %(most)s МБ. Уменьшите фотографию", most=most))
    _refuse_by_signature(start)
    parts = parts_of(start)
    if parts.is_laborious or has_too_many_blocks(start):
        raise PictureRefused(gettext(_DAMAGED))
    with _opened(start) as source:
        if refusal := refusal_by_size(source) or draft_small(source, parts.coefficients):
            raise PictureRefused(refusal)
        picture = _decoded(source)
    return as_picture(_squared(picture))


def as_picture(image: Image.Image) -> Picture:
    """Write a square RGB image as a JPEG small enough; the same image gives the same bytes."""
    for quality in _QUALITIES:
        data = io.BytesIO()
        image.save(data, "JPEG", quality=quality, optimize=True)
        if data.tell() <= BYTES_MAX:
            break
    written = data.getvalue()
    return Picture(written, hashlib.sha256(written).hexdigest(), image.width)


def _refuse_by_signature(start: bytes) -> None:
    if start[4:8] == b"ftyp":
        raise PictureRefused(
            gettext(
                "Это снимок в формате HEIC или AVIF. На айфоне: «Настройки» → «Камера» → «Форматы» → "
                "«Наиболее совместимый». Или сохраните его как JPEG"
            )
        )
    head = start[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        raise PictureRefused(
            gettext("Это рисунок SVG или страница, а не фотография. Сохраните его как JPEG или PNG")
        )
    if start.startswith(b"%PDF"):
        raise PictureRefused(
            gettext("Это документ PDF, а не фотография. Сохраните страницу как JPEG или PNG")
        )


def _opened(data: bytes) -> Image.Image:
    try:
        source = Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(too_many_pixels(JPEG_PIXELS_MAX)) from error
    except _BROKEN as error:
        if data.startswith(_SIGNATURES):
            raise PictureRefused(gettext(_DAMAGED)) from error
        raise PictureRefused(gettext(_NO_PHOTO)) from error
    # Their lines are taken apart in Python, one pixel after the other: 15 KB took a second and a half.
    if source.format == "BMP" and source.info.get("compression") in _RUN_LENGTHS:
        raise PictureRefused(gettext(_NO_PHOTO))
    return source


def _decoded(source: Image.Image) -> Image.Image:
    """The first frame, no larger than needed, upright and in RGB on white."""
    try:
        source.load()
        picture = _with_scalable_pixels(source)
        picture.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
        picture = _on_white(picture, source.info.get("icc_profile"))
    except _BROKEN as error:
        raise PictureRefused(gettext(_DAMAGED)) from error
    return _upright(picture, source)


def _upright(picture: Image.Image, source: Image.Image) -> Image.Image:
    try:
        turn = _UPRIGHT.get(source.getexif().get(_ORIENTATION, 1))
    except _BROKEN:  # A camera's nonsense is no reason to refuse its picture.
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _with_scalable_pixels(image: Image.Image) -> Image.Image:
    """The image in one of L, LA, RGB, RGBA and CMYK, whose pixels can be averaged."""
    mode = image.mode
    if mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    if mode.startswith("I") or mode == "F":
        # Sixteen bits of grey, as scanners write them.
        return image.convert("F").point(lambda value: value * (255 / 65535) + 0).convert("L")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode in ("LA", "RGBA"):
        coloured = _in_srgb(image.convert("RGB"), profile)
        white = Image.new("RGB", image.size, _WHITE)
        white.paste(coloured, mask=image.getchannel("A"))
        return white
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"), profile)
    return _in_srgb(image, profile)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The image in RGB as screens show it: phones write in wider colours and say so in a profile."""
    if profile:
        try:
            own = ImageCms.getOpenProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if found is not None:
                return found
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # A profile of another colour space or none at all: the plain colours are near enough.
    return image.convert("RGB")


def _squared(picture: Image.Image) -> Image.Image:
    if (longer := max(picture.size)) < SIDE_MIN:
        picture = ImageOps.scale(picture, SIDE_MIN / longer, Image.Resampling.LANCZOS)
    side = max(SIDE_MIN, *picture.size)
    square = Image.new("RGB", (side, side), _WHITE)
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def kept_picture(data: bytes, digest: str) -> Picture:
    """A picture that was made here before, as it was read from a file."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        return Picture(data, digest, image.width)


def thumbnail(data: bytes, side: int) -> bytes:
    """A small WebP of a picture that was made here, for a list of many; PictureRefused where it is none."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            if max(image.size) > SIDE_MAX:
                raise PictureRefused(gettext(_DAMAGED))
            image.draft("RGB", (side, side))
            image.thumbnail((side, side))
            small = io.BytesIO()
            image.save(small, "WEBP", quality=75)
    except (*_BROKEN, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(gettext(_DAMAGED)) from error
    return small.getvalue()
