"""What a reading of the community says about the ledger: what is there, gone, not added, and not ours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.publishing.planning.existing import DESCRIPTION, FAILED, NAME, SENDING, Entry, Fields, same_value
from app.publishing.planning.sku import own_mark
from app.publishing.planning.texts import same


@dataclass(frozen=True, slots=True)
class ReadItem:
    """A listing as VK showed it; `fields` are named and written as in `existing`, without our digests.

    `rejected` is why a moderator refused it, None when none did.
    """

    item_id: int
    sku: str | None
    fields: Fields
    rejected: str | None = None


@dataclass(frozen=True)
class Matched:
    """`seen`: each entry that VK showed, by listing id, and what it showed. `gone`: entries that it did not.

    `not_added`: entries whose outcome was unknown, and which VK does not have. `doubles`: what VK shows so
    late that it has been added again. `foreign`: what belongs to no entry. An entry in `seen` that had no
    item id was found by its sku; one that was `gone` has been restored by hand.
    """

    seen: dict[int, ReadItem]
    gone: list[Entry]
    not_added: list[Entry]
    doubles: list[ReadItem]
    foreign: list[ReadItem]


def match(
    entries: Iterable[Entry],
    items: Iterable[ReadItem],
    *,
    is_complete: bool = True,
    others: Collection[int | None] = (),
    lost: Collection[int] = (),
) -> Matched:
    """Match a reading, hidden listings too, with the ledger of the same community.

    A reading that is not complete proves nothing about what it does not hold. Pages shift while somebody
    edits, so an item may come twice: the last one counts. An entry whose outcome is unknown takes the oldest
    listing with its sku; no other is taken for ours by its sku alone, and none of those whose numbers are
    among `others`: the owner has said that they are something else, or another account leads them. `lost` are
    the ids of entries that VK was asked to add lately without ever having shown them: what it shows of them
    now bears a sku that nobody else can have given, or is in words what it was asked for.
    """
    entries = list(entries)
    unmatched = {item.item_id: item for item in items}
    seen: dict[int, ReadItem] = {}
    gone: list[Entry] = []
    not_added: list[Entry] = []
    for entry in entries:
        if entry.item_id is None:
            continue
        item = unmatched.pop(entry.item_id, None)
        if item is not None:
            seen[entry.listing_id] = item
        elif entry.is_in_vk and is_complete:
            gone.append(entry)
    for entry in entries:
        is_lost, is_open = entry.listing_id in lost, entry.state == SENDING
        if entry.item_id is None and (is_open or (is_lost and entry.state == FAILED)):
            found = [
                item.item_id
                for item in unmatched.values()
                if _bears(item, entry.sku, others) and (is_open or _is_late(item, entry))
            ]
            if found:
                seen[entry.listing_id] = unmatched.pop(min(found))
            elif is_open and is_complete:
                not_added.append(entry)
    doubles = [
        unmatched.pop(item.item_id)
        for entry in entries
        if entry.listing_id in lost
        for item in list(unmatched.values())
        if _bears(item, entry.sku, others) and _is_late(item, entry)
    ]
    return Matched(seen, gone, not_added, doubles, list(unmatched.values()))


def _bears(item: ReadItem, sku: str, others: Collection[int | None]) -> bool:
    return bool(item.sku) and same(sku, item.sku or "") and item.item_id not in others


def _is_late(item: ReadItem, entry: Entry) -> bool:
    return own_mark(entry.sku) is not None or all(
        same_value(name, entry.sent.get(name), item.fields.get(name)) for name in (NAME, DESCRIPTION)
    )
