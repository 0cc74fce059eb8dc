"""What a reading of the whole community says about the ledger: what is there, gone, and not ours."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.publishing.planning.existing import SENDING, Entry, Fields
from app.publishing.planning.texts import same


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A listing as VK showed it; `fields` are named and written as in `existing`, without our digests."""

    item_id: int
    sku: str | None
    fields: Fields


@dataclass(frozen=True)
class Matched:
    """`seen`: each entry that VK showed, by listing id, and what it showed. `gone`: entries that it did not.

    `foreign`: what belongs to no entry. An entry in `seen` that had no item id was found by its sku; one that
    was `gone` has been restored by hand.
    """

    seen: dict[int, ReadItem]
    gone: list[Entry]
    foreign: list[ReadItem]


def match(entries: Iterable[Entry], items: Iterable[ReadItem]) -> Matched:
    """Match a complete reading, hidden listings too, with the ledger of the same community.

    Pages shift while somebody edits, so an item may come twice: the last one counts. An entry whose outcome
    is unknown takes the oldest listing with its sku; no other is taken for ours by its sku alone.
    """
    entries = list(entries)
    unmatched = {item.item_id: item for item in items}
    seen: dict[int, ReadItem] = {}
    gone: list[Entry] = []
    for entry in entries:
        if entry.item_id is None:
            continue
        item = unmatched.pop(entry.item_id, None)
        if item is not None:
            seen[entry.listing_id] = item
        elif entry.is_in_vk:
            gone.append(entry)
    for entry in entries:
        if entry.item_id is None and entry.state == SENDING:
            found = [item.item_id for item in unmatched.values() if item.sku and same(entry.sku, item.sku)]
            if found:
                seen[entry.listing_id] = unmatched.pop(min(found))
    return Matched(seen, gone, list(unmatched.values()))
