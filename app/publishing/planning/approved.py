"""What an owner has approved of a plan, good by good and value by value.

A run that goes on long after its owner's word does this much of the plan of that moment: what has changed
since has been seen by nobody.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b
from itertools import chain

from app.publishing.planning.existing import TOGETHER
from app.publishing.planning.plan import CREATE, DONE_BY_RUN, SHOW, Hold, Item, Plan
from app.publishing.planning.quotas import Limits, waiting

# Each mark is six bytes, written as eight letters.
_BYTES, _LETTERS = 6, 8


def marks_of(plan: Plan) -> str:
    """The marks of all that a run of this plan would do, now or on later days, one after the other."""
    items = chain.from_iterable(plan.items[kind] for kind in DONE_BY_RUN)
    return "".join(sorted(set(chain.from_iterable(map(_marks, items)))))


def approved_part(plan: Plan, marks: str, limits: Limits) -> Plan:
    """The part of a later plan that `marks` stand for; what is to be added takes the price of its day."""
    approved = _approved(marks)
    items = dict(plan.items)
    for kind in DONE_BY_RUN:
        items[kind] = [part for item in plan.items[kind] if (part := _part(item, approved)) is not None]
    return replace(
        plan.with_items(items),
        waiting=waiting(items[CREATE], plan.in_vk, limits, plan.settings.new_first),
        # Whatever was unusual about this much was seen with it; the rest is not done.
        holds=(),
    )


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
    if _of_item(item) not in approved:
        return None
    if item.kind == CREATE:
        return item
    changes = tuple(each for each in item.changes if _of_value(item, each.field, each.new) in approved)
    if any(each.field in TOGETHER and each not in changes for each in item.changes):
        if item.kind == SHOW:
            return None
        changes = tuple(each for each in changes if each.field not in TOGETHER)
    return item._replace(changes=changes) if changes or not item.changes else None


def _marks(item: Item) -> Iterator[str]:
    yield _of_item(item)
    for change in item.changes:
        yield _of_value(item, change.field, change.new)


def _of_item(item: Item) -> str:
    return _mark(item.kind, *item.key)


def _of_value(item: Item, field: str, value: object) -> str:
    return _mark(item.sku, field, repr(value))


def _mark(*facts: str) -> str:
    text = "\x1f".join(facts).encode("utf-8", "surrogatepass")
    return b64encode(blake2b(text, digest_size=_BYTES).digest()).decode()
