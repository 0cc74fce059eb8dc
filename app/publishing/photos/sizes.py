"""Which sizes of an uploaded picture can be made into one for VK, and how much memory that may take."""

from flask_babel import gettext
from PIL import Image

SIDE_MIN = 400
SIDE_MAX = 1200
# What is smaller would have to be enlarged more than twice: a blur would please no buyer.
LONGER_SIDE_MIN = SIDE_MIN // 2

JPEG_PIXELS_MAX = 52_000_000
# A JPEG is decoded at a fraction of its size; of others all pixels are held, and a second time on the way.
_PIXELS_MAX = 13_000_000
_BYTES_OF_PIXEL = 4
# What a JPEG may hold while it is decoded: its pixels at that fraction, and its coefficients.
_BYTES_MAX = JPEG_PIXELS_MAX * _BYTES_OF_PIXEL
# No side of a picture is thinner than this part of the other.
_THINNEST = 20


def refusal_by_size(source: Image.Image) -> str | None:
    """Why a picture of this size is not decoded, a sentence for its owner; None for one that may be."""
    width, height = source.size
    is_jpeg = source.format in ("JPEG", "MPO")
    most = JPEG_PIXELS_MAX if is_jpeg else _PIXELS_MAX
    if width * height > most:
        return too_many_pixels(most)
    if max(width, height) < LONGER_SIDE_MIN:
        return gettext(
            "Фото слишком маленькое: %(size)s. ВКонтакте принимает от %(least)s точек. Найдите побольше",
            size=f"{width}×{height}",
            least=f"{SIDE_MIN}×{SIDE_MIN}",
        )
    if max(width, height) > _THINNEST * min(width, height):
        return gettext(
            "Картинка слишком узкая: %(size)s. Обрежьте её ближе к квадрату", size=f"{width}×{height}"
        )
    return None


def draft_small(source: Image.Image, coefficients: int) -> str | None:
    """Have a picture decoded as small as it may be; the sentence why not, where even so it takes too much.

    coefficients: the bytes that its reader holds of them, as `parts_of` counts.
    """
    pixels = source.width * source.height
    # A JPEG is decoded at a half, a quarter or an eighth of its size, never below the one asked for.
    source.draft(None, (SIDE_MAX, SIDE_MAX))
    held = coefficients + source.width * source.height * _BYTES_OF_PIXEL
    return too_many_pixels(pixels * _BYTES_MAX // held) if held > _BYTES_MAX else None


def too_many_pixels(most: int) -> str:
    """The sentence about a picture of more pixels than so many."""
    return gettext("В картинке больше %(millions)s млн точек. Уменьшите её", millions=most // 1_000_000)
