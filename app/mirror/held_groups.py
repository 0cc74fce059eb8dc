"""The groups of a store between their coming and the store being applied: those of several stores at once.

As objects they would take several times their bytes.
"""

from collections.abc import Iterable, Iterator

import msgspec

from app.clients.errors import BadPayload
from app.clients.evotor.client import Group
from app.data.parts import in_parts

# As much as 50 000 groups take, each with two keys as Evotor gives them and a name of twenty letters.
GROUPS_BYTES = 6 * 1024 * 1024
_PORTION = 500

_decode = msgspec.msgpack.Decoder(list[Group]).decode


class HeldGroups:
    """Groups in the order of their coming, an id maybe more than once; `len()` of them take `bytes`."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        self._portions: list[bytes] = []
        self.bytes = self._number = 0
        self.add(groups)

    def __len__(self) -> int:
        return self._number

    def add(self, groups: Iterable[Group]) -> None:
        """Take these as well; raise BadPayload when they are more than is held of a store."""
        for portion in in_parts(groups, _PORTION):
            held = msgspec.msgpack.encode(portion)
            self.bytes += len(held)
            if self.bytes > GROUPS_BYTES:
                raise BadPayload(f"the groups take more than {GROUPS_BYTES} bytes")
            self._portions.append(held)
            self._number += len(portion)

    def portions(self) -> Iterator[list[Group]]:
        """Give them, some hundreds at a time."""
        return map(_decode, self._portions)
