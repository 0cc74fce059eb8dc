"""Which listing of the ledger is whose: each entry goes to one wanted listing at most."""

from collections.abc import Iterable

from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import Entry
from app.publishing.planning.good import Key


def claimed_by(
    wanted: list[Desired], entries: list[Entry]
) -> tuple[list[tuple[Desired, Entry | None]], list[Entry]]:
    """Give each wanted listing the entry of its goods; return also the entries that nobody claimed.

    A listing goes first to the good that is its main one, so that joining and parting again gives everybody
    the listing that was theirs.
    """
    by_main: dict[Key, list[Entry]] = {}
    by_any: dict[Key, list[Entry]] = {}
    for entry in entries:
        for place, key in enumerate(entry.goods):
            (by_any if place else by_main).setdefault(key, []).append(entry)
    claimed: set[int] = set()
    found: dict[Key, Entry] = {}
    for behind in filter(None, (by_main, by_any)):
        for want in wanted:
            if want.key in found:
                continue
            for key in want.keys:
                free = _first_free(behind.get(key, ()), claimed)
                if free is not None:
                    claimed.add(free.listing_id)
                    found[want.key] = free
                    break
    pairs = [(want, found.get(want.key)) for want in wanted]
    return pairs, [entry for entry in entries if entry.listing_id not in claimed]


def behind(want: Desired, entry: Entry | None) -> tuple[Key, ...]:
    """Give the goods that stand behind a listing, the one first whose it was before others joined.

    What stood there and is wanted no more stays the last: what is out of sale was parted from nothing.
    """
    keys = want.keys
    if entry is None or entry.goods == keys:
        return keys
    main, wanted = entry.goods[:1], set(keys)
    return (
        *sorted(keys, key=lambda key: key not in main),
        *(key for key in entry.goods if key not in wanted),
    )


def behind_now(pairs: Iterable[tuple[Desired, Entry | None]]) -> dict[int, tuple[Key, ...]]:
    """Give by listing the goods behind it, where these are others than the ledger knows: more, or fewer.

    A good has been parted from a listing as soon as it has one to itself, or shares another.
    """
    pairs = list(pairs)
    differing = [(want, entry) for want, entry in pairs if entry is not None and entry.goods != want.keys]
    wanted = {key for want, _ in pairs for key in want.keys} if differing else set()
    found = {}
    for want, entry in differing:
        keys = set(want.keys)
        goods = tuple(key for key in behind(want, entry) if key in keys or key not in wanted)
        if set(goods) != set(entry.goods):
            found[entry.listing_id] = goods
    return found


def _first_free(entries: Iterable[Entry], claimed: set[int]) -> Entry | None:
    for entry in entries:
        if entry.listing_id not in claimed:
            return entry
    return None
