"""Whether a JPEG is made to be read for hours: it may be small, and have millions of parts."""

import re

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


def is_laborious(data: bytes) -> bool:
    """Tell whether a file is a JPEG of too many scans or segments, whatever phones put behind its end.

    Reference: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, B.1.1 and B.2.
    """
    if not data.startswith(_BEGIN):
        return False
    scans = segments = 0
    place = len(_BEGIN)
    while found := _MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        if marker == _END and scans:
            return False
        segments += 1
        scans += marker == _SCAN
        if scans > SCANS_MAX or segments > SEGMENTS_MAX:
            return True
        if marker not in _BARE:
            place += int.from_bytes(data[place : place + 2])
    return False
