"""A shelf: the stores of a merchant, or the groups or the goods of one store, in the order of the cloud."""

import json
from bisect import bisect_left
from collections.abc import Iterable
from datetime import UTC, datetime
from threading import RLock
from typing import Any, NamedTuple, Protocol

Item = dict[str, Any]


class Slice(NamedTuple):
    """Part of a list: JSON objects joined by commas, and where the next part starts (None at the end)."""

    items: bytes
    next_start: int | None


class Shelf(Protocol):
    """What a list of objects can do, whether its items are stored or made up on demand."""

    def __len__(self) -> int: ...
    def slice(self, start: int, limit: int, since: int | None = None) -> Slice: ...
    def get(self, item_id: str) -> Item | None: ...
    def find(self, text: str, limit: int) -> list[Item]: ...
    def put(self, item: Item) -> Item: ...
    def change(self, item_id: str, fields: Item, drop: Iterable[str] = ()) -> Item: ...
    def remove(self, item_id: str) -> Item: ...
    def restore(self, item_id: str) -> Item: ...
    def removed(self) -> list[Item]: ...


class StoredShelf:
    """Keep items in memory in the order they came; a position never changes hands, so cursors stay true."""

    def __init__(self, items: Iterable[Item] = (), first_position: int = 0) -> None:
        self._lock = RLock()
        self._positions: list[int] = []
        self._at: dict[int, Item] = {}
        self._position_of: dict[str, int] = {}
        self._removed: dict[str, Item] = {}
        self._next = first_position
        self._slices: dict[tuple[int, int], Slice] = {}
        for item in items:
            self.put(item)

    def __len__(self) -> int:
        return len(self._positions)

    def slice(self, start: int, limit: int, since: int | None = None) -> Slice:
        """Return up to `limit` items from position `start`; `since` (epoch ms) hides those updated before."""
        with self._lock:
            if since is None and (start, limit) in self._slices:
                return self._slices[start, limit]
            chosen: list[int] = []
            next_start = None
            for position in self._positions[bisect_left(self._positions, start) :]:
                if since is not None and updated_ms(self._at[position]) < since:
                    continue
                if len(chosen) == limit:
                    next_start = position
                    break
                chosen.append(position)
            part = Slice(b",".join(encode(self._at[position]) for position in chosen), next_start)
            if since is None:
                self._slices[start, limit] = part
            return part

    def get(self, item_id: str) -> Item | None:
        """Return the item, or None."""
        with self._lock:
            position = self._position_of.get(item_id)
            return None if position is None else dict(self._at[position])

    def find(self, text: str, limit: int) -> list[Item]:
        """Return up to `limit` items whose name contains the text, in any letter case."""
        wanted = text.casefold()
        found: list[Item] = []
        with self._lock:
            for position in self._positions:
                if len(found) == limit:
                    break
                if wanted in str(self._at[position].get("name", "")).casefold():
                    found.append(dict(self._at[position]))
        return found

    def put(self, item: Item) -> Item:
        """Add the item, or replace the one with its id."""
        with self._lock:
            position = self._position_of.get(item["id"])
            if position is None:
                position = self._next
                self._next += 1
                self._positions.append(position)
                self._position_of[item["id"]] = position
            self._at[position] = dict(item)
            self._removed.pop(item["id"], None)
            self._slices.clear()
            return dict(item)

    def change(self, item_id: str, fields: Item, drop: Iterable[str] = ()) -> Item:
        """Set fields, drop others and stamp `updated_at`; KeyError when there is no such item."""
        with self._lock:
            item = changed(self._at[self._position_of[item_id]], fields, drop)
            return self.put(item)

    def remove(self, item_id: str) -> Item:
        """Take the item away without a trace, as the cloud does; KeyError when there is no such item."""
        with self._lock:
            position = self._position_of.pop(item_id)
            del self._positions[bisect_left(self._positions, position)]
            self._removed[item_id] = self._at.pop(position)
            self._slices.clear()
            return self._removed[item_id]

    def restore(self, item_id: str) -> Item:
        """Put a removed item back, at the end of the list; KeyError when it was not removed."""
        with self._lock:
            return self.put(self._removed[item_id])

    def removed(self) -> list[Item]:
        """Return what was removed and can be restored."""
        with self._lock:
            return list(self._removed.values())


def encode(item: Item) -> bytes:
    """Return the item as compact JSON."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":")).encode()


def changed(item: Item, fields: Item, drop: Iterable[str]) -> Item:
    """Return a copy with these fields set, those dropped and the date of the change."""
    dropped = set(drop)
    kept = {key: value for key, value in {**item, **fields}.items() if key not in dropped}
    return {**kept, "updated_at": stamp(datetime.now(UTC))}


def stamp(moment: datetime) -> str:
    """Write a date as the cloud does: 2018-09-11T16:18:35.397+0000."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def updated_ms(item: Item) -> int:
    """Return `updated_at` in epoch milliseconds; 0 when the item does not say."""
    written = item.get("updated_at")
    if not written:
        return 0
    return round(datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)
