"""What a JPEG is made of: whether it would be read for hours, and what its reader would hold meanwhile."""

import re
import struct
from typing import NamedTuple

# Each scan goes over the whole picture, however few bytes it takes; a usual one has ten.
SCANS_MAX = 64
# Those before the picture are joined part by part by its reader; a usual one has some ten.
SEGMENTS_MAX = 1000
_BEGIN = b"\xff\xd8"
# What is no part of a picture's data: neither a stuffed byte nor a place to begin anew, nor padding.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
_SCAN, _END = 0xDA, 0xD9
# They have no length behind them.
_BARE = (0x01, 0xD8, _END)
# What begins a picture; of the first two alone a scan with all components is the whole picture.
_AT_ONCE = (0xC0, 0xC1)
_FRAMES = (*_AT_ONCE, 0xC2, 0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
_FRAME = struct.Struct(">xHHB")
_BLOCK_SIDE, _BYTES_OF_BLOCK = 8, 128


class JpegParts(NamedTuple):
    """`is_laborious`: of too many scans or segments; `coefficients`: the bytes its reader holds at once.

    Those are none of a picture that comes in one scan; of one in several, the whole of it however small it is
    to be shown.
    """

    is_laborious: bool = False
    coefficients: int = 0


def parts_of(data: bytes) -> JpegParts:
    """Look through a file, whatever phones put behind a photo's end; of what is no JPEG nothing is told.

    Reference: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1 and B.2.
    """
    scans = segments = components = held = 0
    comes_in_parts = False
    place = len(_BEGIN) if data.startswith(_BEGIN) else len(data)
    while found := _MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        if marker == _END and scans:
            break
        segments += 1
        scans += marker == _SCAN
        if scans > SCANS_MAX or segments > SEGMENTS_MAX:
            return JpegParts(is_laborious=True)
        if marker in _BARE:
            continue
        length = int.from_bytes(data[place : place + 2])
        body = data[place + 2 : place + length]
        place += length
        if marker in _FRAMES and len(body) >= _FRAME.size:
            components = max(components, body[_FRAME.size - 1])
            held = max(held, _coefficients(body))
            comes_in_parts |= marker not in _AT_ONCE
        elif marker == _SCAN and body:
            comes_in_parts |= body[0] < components
    return JpegParts(coefficients=held if comes_in_parts else 0)


def _coefficients(frame: bytes) -> int:
    height, width, components = _FRAME.unpack_from(frame)
    samplings = frame[_FRAME.size + 1 : _FRAME.size + 3 * components : 3]
    across, down = [each >> 4 for each in samplings], [each & 15 for each in samplings]
    # A part of the picture in which each component has so many blocks.
    part_width, part_height = _BLOCK_SIDE * max(across, default=0), _BLOCK_SIDE * max(down, default=0)
    if not part_width or not part_height:
        return 0
    parts = -(-width // part_width) * -(-height // part_height)
    return parts * sum(map(int.__mul__, across, down)) * _BYTES_OF_BLOCK
