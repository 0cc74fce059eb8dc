"""The card drawn: a good's name in large letters, for a good without a photo.

VK shows goods as squares of some two hundred points, so a card holds little, and large. The same card gives
the same bytes.
"""

from functools import lru_cache

import font_roboto
from PIL import Image, ImageDraw, ImageFont

from app.publishing.photos.pictures import Picture, as_picture
from app.publishing.planning.card import Card

SIDE = 800

_MARGIN = 64
_WIDTH = SIDE - 2 * _MARGIN
_SMALL = 44
_GAP = 28
_NAME_SIZES = range(180, 47, -6)
# A word that fits no line whole is broken at this size.
_BROKEN_SIZE = 72
_LINE_HEIGHT = 1.16
_RULE = 10
_LIGHT = (255, 255, 255)
_DARK = (28, 36, 48)
# Above this brightness (of 255) dark letters read better than light ones.
_BRIGHT = 150
_MISSING = "\U0010ffff"


def draw_card(card: Card) -> Picture:
    """Draw the card: the shop above, the name in the middle as large as it fits, the unit below."""
    ground = _rgb(card.colour)
    ink = _DARK if _brightness(ground) > _BRIGHT else _LIGHT
    faint = _mixed(ink, ground, 0.78)
    image = Image.new("RGB", (SIDE, SIDE), ground)
    pen = ImageDraw.Draw(image)

    small = _font("RobotoMedium", _SMALL)
    top, bottom = _MARGIN, SIDE - _MARGIN
    if shop := _shortened(_drawable(card.shop), small):
        pen.text((_MARGIN, top), shop, faint, small)
        top += _SMALL + _GAP
    if unit := _shortened(_drawable(card.unit), small):
        pen.text((_MARGIN, bottom), unit, faint, small, anchor="ld")
        bottom -= _SMALL + _GAP
    pen.rectangle((_MARGIN, top, _MARGIN + 3 * _SMALL, top + _RULE - 1), fill=ink)
    top += _RULE + _GAP

    lines, size = _laid_out(_drawable(card.name) or _drawable(card.shop), bottom - top)
    font = _font("RobotoBold", size)
    step = round(size * _LINE_HEIGHT)
    y = top + (bottom - top - step * len(lines)) // 2
    for line in lines:
        pen.text((_MARGIN, y), line, ink, font)
        y += step
    return as_picture(image)


def _laid_out(name: str, height: int) -> tuple[list[str], int]:
    """The name in lines, and the largest size in which they fit; the last line is cut short if none does."""
    smallest = _font("RobotoBold", _NAME_SIZES[-1])
    breaks = any(smallest.getlength(word) > _WIDTH for word in name.split())
    for size in _NAME_SIZES:
        font = _font("RobotoBold", size)
        lines = _lines(name, font)
        room = height // round(size * _LINE_HEIGHT)
        is_whole = all(font.getlength(word) <= _WIDTH for word in name.split())
        if len(lines) <= room and (is_whole or (breaks and size <= _BROKEN_SIZE)):
            return lines, size
    return [*lines[: room - 1], _shortened(" ".join(lines[room - 1 :]), font)], size


def _lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if font.getlength(longer) <= _WIDTH:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, font)
        lines += whole
    return [*lines, line] if line else lines


def _pieces(word: str, font: ImageFont.FreeTypeFont) -> list[str]:
    """A word in pieces that each fit a line."""
    pieces = [""]
    for character in word:
        if pieces[-1] and font.getlength(pieces[-1] + character) > _WIDTH:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _shortened(text: str, font: ImageFont.FreeTypeFont) -> str:
    """The text in one line, its end replaced by an ellipsis when it does not fit."""
    if font.getlength(text) <= _WIDTH:
        return text
    while text and font.getlength(f"{text}…") > _WIDTH:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _drawable(text: str) -> str:
    """The text without what the font has no letters for, such as emoji."""
    return " ".join("".join(c if c.isspace() or _has_glyph(c) else " " for c in text).split())


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    font = _font("RobotoBold", _SMALL)
    return bytes(font.getmask(character)) != bytes(font.getmask(_MISSING))


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout is there in every build of Pillow, so that a card looks the same everywhere.
    return ImageFont.truetype(font_roboto.font_files[name], size, layout_engine=ImageFont.Layout.BASIC)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _brightness(colour: tuple[int, int, int]) -> float:
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _mixed(one: tuple[int, int, int], other: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return red, green, blue
