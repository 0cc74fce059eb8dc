"""Pictures drawn for goods that somebody else put into a shop."""

from functools import cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from sandbox.vk.people import COLOURS

SIDE = 600
FONT = str(files("font_roboto") / "files" / "Roboto-Medium.ttf")


@cache
def drawn(letter: str, number: int) -> bytes:
    """Draw a JPEG: a letter in a circle, in one of the five colours."""
    image = Image.new("RGB", (SIDE, SIDE), "#f4f1ea")
    pen = ImageDraw.Draw(image)
    pen.ellipse((90, 90, SIDE - 90, SIDE - 90), fill=COLOURS[number % len(COLOURS)])
    pen.text((SIDE / 2, SIDE / 2), letter, "#fff", ImageFont.truetype(FONT, 230), anchor="mm")
    written = BytesIO()
    image.save(written, "JPEG", quality=80)
    return written.getvalue()
