"""What an owner has approved of a plan, good by good and value by value.

A run that goes on long after its owner's word does this much of the plan of that moment: what has changed
since has been seen by nobody.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from app.publishing.planning.albums import AlbumChange
from app.publishing.planning.changes import parted
from app.publishing.planning.existing import ALBUMS, PHOTOS, PRICE, STOCK, TOGETHER
from app.publishing.planning.plan import CHANGE, CREATE, DONE_BY_RUN, SHOW, AlbumsPlan, Hold, Item, Plan
from app.publishing.planning.quotas import Limits, waiting

# Each mark is six bytes, written as eight letters.
_BYTES, _LETTERS = 6, 8
# Once a good is added or shown, the rest of the same work is a change.
_STAND_FOR = {CHANGE: (CHANGE, SHOW, CREATE)}
_FOLLOWS = frozenset({ALBUMS, PHOTOS})


def marks_of(plan: Plan) -> str:
    """The marks of all that a run of this plan would do, now or on later days, one after the other."""
    items = chain.from_iterable(plan.items[kind] for kind in DONE_BY_RUN)
    albums = plan.albums.written if plan.albums else ()
    return "".join(sorted({*chain.from_iterable(map(_marks, items)), *map(_of_album, albums)}))


def approved_part(plan: Plan, marks: str, limits: Limits) -> Plan:
    """The part of a later plan that `marks` stand for: what is new by the name and at the price seen."""
    approved = _approved(marks)
    items = dict(plan.items)
    unseen = 0
    for kind in DONE_BY_RUN:
        parts = [_part(item, approved) for item in plan.items[kind]]
        unseen += sum(part is not item for part, item in zip(parts, plan.items[kind], strict=True))
        items[kind] = [part for part in parts if part is not None]
    part = plan.with_items(items)
    return replace(
        part,
        waiting=waiting(items[CREATE], plan.in_vk, limits, plan.settings.new_first),
        # Whatever was unusual about this much was seen with it; the rest is not done.
        holds=(),
        albums=_albums(plan.albums, part.albums, approved),
        unseen=unseen,
    )


def _albums(whole: AlbumsPlan | None, needed: AlbumsPlan | None, approved: set[str]) -> AlbumsPlan | None:
    """What was approved about albums, and what the goods that go need."""
    if whole is None or needed is None:
        return needed
    changes = (each for each in whole.changes if each in needed.changes or _of_album(each) in approved)
    return whole._replace(changes=tuple(changes))


def is_confirmed(hold: Hold, words: Iterable[str], marks: str | None) -> bool:
    """Tell whether one of the owner's words is about all that a later plan waits for.

    marks: as `marks_of` gives them of the plan that the words were about: what is left of that was confirmed
    with it. None, of a run from before they were kept: so many items were.
    """
    goods = len(hold.items)
    given = [number for code, _, number in (word.partition(" ") for word in words) if code == hold.code]
    if not given or marks is None:
        return any(goods <= int(number or goods) for number in given)
    return _approved(marks).issuperset(chain.from_iterable(_of_hold(hold, item) for item in hold.items))


def _of_hold(hold: Hold, item: Item) -> Iterator[str]:
    yield _of_item(item)
    yield from (_of_value(item, each.field, each.new) for each in item.changes if each.field == hold.field)


def _approved(marks: str) -> set[str]:
    return {marks[start : start + _LETTERS] for start in range(0, len(marks), _LETTERS)}


def _part(item: Item, approved: set[str]) -> Item | None:
    # Of what may be in VK already it is only asked there.
    if item.look_up:
        return item
    if not any(_mark(kind, *item.key) in approved for kind in _STAND_FOR.get(item.kind, (item.kind,))):
        return None
    if item.kind == CREATE:
        return item if _of_new(item) in approved else None
    changes = tuple(each for each in item.changes if _of_value(item, each.field, each.new) in approved)
    if len(changes) < len(item.changes) and item.kind == CHANGE and _mark(CREATE, *item.key) in approved:
        changes = tuple(each for each in item.changes if each in changes or each.field in _FOLLOWS)
    if len(changes) == len(item.changes):
        return item
    if any(each.field in TOGETHER and each not in changes for each in item.changes):
        if item.kind == SHOW:
            return None
        changes = tuple(each for each in changes if each.field not in TOGETHER)
        apart = parted(item.changes, {each.field for each in changes})
        changes = tuple(each for each in changes if each.field not in apart)
    return item._replace(changes=changes) if changes else None


def _marks(item: Item) -> Iterator[str]:
    yield _of_item(item)
    for change in item.changes:
        yield _of_value(item, change.field, change.new)
    if item.kind == CREATE:
        yield _of_new(item)


def _of_item(item: Item) -> str:
    return _mark(item.kind, *item.key)


def _of_value(item: Item, field: str, value: object) -> str:
    # How many there are changes by the minute, and nobody approves a number.
    return _mark(item.sku, field, "" if field == STOCK else repr(value))


def _of_new(item: Item) -> str:
    # By the good: its sku is given with each plan anew.
    return _mark(PRICE, *item.key, repr(item.want and (item.want.price_text, item.want.name)))


def _of_album(change: AlbumChange) -> str:
    return _mark("album", change.kind, change.title)


def _mark(*facts: str) -> str:
    text = "\x1f".join(facts).encode("utf-8", "surrogatepass")
    return b64encode(blake2b(text, digest_size=_BYTES).digest()).decode()
