"""A set of table keys in very little memory."""

from collections.abc import Iterable

# 4096 keys share a block of 512 bytes: rows that were inserted together have keys close to each other.
_BLOCK_BITS = 12
_BLOCK_BYTES = 1 << (_BLOCK_BITS - 3)
_IN_BLOCK = (1 << _BLOCK_BITS) - 1
# What Python needs for a block besides.
_BLOCK_OVERHEAD = 200


# A span of neighbours: the first key, and how many there are.
Span = tuple[int, int]


class KeySet:
    """Keys of the rows of one store, a bit each."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def bytes(self) -> int:
        """How many bytes the keys take, about."""
        return len(self._blocks) * (_BLOCK_BYTES + _BLOCK_OVERHEAD)

    def __contains__(self, key: int) -> bool:
        block = self._blocks.get(key >> _BLOCK_BITS)
        return block is not None and bool(block[(key & _IN_BLOCK) >> 3] & (1 << (key & 7)))

    def add(self, key: int) -> bool:
        """Put `key` in; tell whether it is new here."""
        block = self._blocks.get(key >> _BLOCK_BITS)
        if block is None:
            block = self._blocks[key >> _BLOCK_BITS] = bytearray(_BLOCK_BYTES)
        place, bit = (key & _IN_BLOCK) >> 3, 1 << (key & 7)
        if block[place] & bit:
            return False
        block[place] |= bit
        self._size += 1
        return True

    def add_spans(self, spans: Iterable[Span]) -> bool:
        """Put whole spans in, which have no key in common; when a key is here already, none."""
        masks = dict[int, int]()
        for first, count in spans:
            while count:
                place = first & _IN_BLOCK
                here = min(count, _IN_BLOCK + 1 - place)
                block = first >> _BLOCK_BITS
                masks[block] = masks.get(block, 0) | (1 << here) - 1 << place
                first, count = first + here, count - here
        for number, mask in masks.items():
            if int.from_bytes(self._blocks.get(number, b""), "little") & mask:
                return False
        for number, mask in masks.items():
            bits = int.from_bytes(self._blocks.get(number, b""), "little") | mask
            self._blocks[number] = bytearray(bits.to_bytes(_BLOCK_BYTES, "little"))
            self._size += mask.bit_count()
        return True
