"""The parts of a PNG or a GIF beside its picture: its reader keeps each as an object of its own."""

import re
from collections.abc import Iterator

# Usual ones have some ten, and comments of a few pages.
BLOCKS_MAX = 1000
# Of a picture's own data, which is not kept: a usual file has one in 8 KB, this many are 25 MB by half a KB.
CHUNKS_MAX = 50_000
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", b"GIF8"
_PICTURE_DATA = b"IDAT"
# Length, name and check sum of a PNG's chunk.
_CHUNK_FRAME = 12
_GIF_HEAD = 13
# An extension, a picture, the end.
_BEGIN, _EXTENSION = re.compile(b"[!,;]"), b"!"


def has_too_many_blocks(data: bytes) -> bool:
    """Tell it of a file; one that is neither PNG nor GIF has none.

    Reference: https://www.w3.org/TR/png-3/#5DataRep, https://www.w3.org/Graphics/GIF/spec-gif89a.txt, 15–24.
    """
    kept = 0
    blocks = _png_chunks(data) if data.startswith(_PNG) else _gif_blocks(data)
    for number, is_kept in enumerate(blocks, 1):
        kept += is_kept
        if kept > BLOCKS_MAX or number > CHUNKS_MAX:
            return True
    return False


def _png_chunks(data: bytes) -> Iterator[bool]:
    """Each chunk: whether it is another than the picture's."""
    place = len(_PNG)
    while place + _CHUNK_FRAME <= len(data):
        yield data[place + 4 : place + 8] != _PICTURE_DATA
        place += int.from_bytes(data[place : place + 4]) + _CHUNK_FRAME


def _gif_blocks(data: bytes) -> Iterator[bool]:
    """The blocks of all extensions before the first picture."""
    if len(data) < _GIF_HEAD or not data.startswith(_GIF):
        return
    flags = data[10]
    place = _GIF_HEAD + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
    # Its reader passes over whatever else stands between them.
    while (found := _BEGIN.search(data, place)) and found[0] == _EXTENSION:
        place = found.end() + 1
        while place < len(data) and (length := data[place]):
            yield True
            place += 1 + length
        place += 1
