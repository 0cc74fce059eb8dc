"""A set of table keys in very little memory."""

# 4096 keys share a block of 512 bytes: rows that were inserted together have keys close to each other.
_BLOCK_BITS = 12
_BLOCK_BYTES = 1 << (_BLOCK_BITS - 3)
_IN_BLOCK = (1 << _BLOCK_BITS) - 1


class KeySet:
    """Keys of the rows of one store, a bit each."""

    def __init__(self) -> None:
        self._blocks: dict[int, bytearray] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

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
