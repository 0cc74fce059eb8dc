"""Pictures drawn for goods that somebody else put into a shop."""

from functools import cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from sandbox.vk.people import COLOURS

SIDE = 600
FONT = str(files("font_roboto") / "files" / "Roboto-Medium.ttf")


# Drawn larger and made smaller, a circle has smooth edges.
FINER = 2


@cache
def drawn(letter: str, number: int) -> bytes:
    """Draw a JPEG: a letter in a circle, in one of the five colours."""
    side, margin = SIDE * FINER, 90 * FINER
    image = Image.new("RGB", (side, side), "#f4f1ea")
    pen = ImageDraw.Draw(image)
    pen.ellipse((margin, margin, side - margin, side - margin), fill=COLOURS[number % len(COLOURS)])
    pen.text((side / 2, side / 2), letter, "#fff", ImageFont.truetype(FONT, 230 * FINER), anchor="mm")
    written = BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(written, "JPEG", quality=80)
    return written.getvalue()
