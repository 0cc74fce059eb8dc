"""Kind and size of a picture as its own header tells them, whatever its name or content type claims."""

import struct
from typing import NamedTuple

# Markers of JPEG that carry the size of the frame.
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
# Markers of JPEG that stand alone, without a length.
ALONE = {0x01, *range(0xD0, 0xDA)}


class Header(NamedTuple):
    """A picture's content type, and its size in pixels."""

    content_type: str
    width: int
    height: int


def read_header(data: bytes) -> Header | None:
    """Read the header of a JPEG, PNG or GIF; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR" and len(data) >= 24:
        return Header("image/png", *struct.unpack(">II", data[16:24]))
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        return Header("image/gif", *struct.unpack("<HH", data[6:10]))
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> Header | None:
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            return None
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in FRAMES:
            height, width = struct.unpack(">HH", data[place + 5 : place + 9])
            return Header("image/jpeg", width, height)
        elif marker in ALONE:
            place += 2
        else:
            place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return None
