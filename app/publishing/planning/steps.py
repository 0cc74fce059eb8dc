"""In what order a run does a plan: what misleads buyers first, what takes long last."""

from collections.abc import Collection, Iterator
from enum import IntEnum
from typing import Any, NamedTuple

from app.publishing.planning.comparing import all_fields
from app.publishing.planning.existing import ALBUMS, AVAILABLE, OLD_PRICE, PHOTOS, PRICE, STOCK
from app.publishing.planning.plan import CHANGE, CREATE, HIDE, SHOW, Item, Plan
from app.publishing.planning.quotas import in_order


class Phase(IntEnum):
    """The phases of a run, in their order."""

    HIDE = 1
    PRICE = 2
    STOCK = 3
    SHOW = 4
    TEXT = 5
    NEW = 6
    ALBUMS = 7
    PHOTOS = 8


class Step(NamedTuple):
    """What is written at once: the item, and the fields to send. Photos and albums of a listing go apart.

    The albums are given by the title of the one that is to hold it, None for none.
    """

    phase: Phase
    item: Item
    fields: dict[str, Any]


def part_of(kind: str, fields: Collection[str]) -> Phase | None:
    """Which call to a listing has these fields: that about its albums, its photos, or None for all else.

    A new listing takes its photos along.
    """
    if kind == CREATE:
        return None
    return Phase.ALBUMS if ALBUMS in fields else Phase.PHOTOS if PHOTOS in fields else None


def steps(plan: Plan) -> list[Step]:
    """Everything that a run does now, in its order."""
    found = [step for item in plan.now() if item.kind != CREATE for step in _steps_of(item)]
    new = [item for item in plan.items[CREATE] if item.key not in plan.waiting]
    found += [
        Step(Phase.NEW, item, all_fields(item.want))
        for item in in_order(new, plan.settings.new_first)
        if item.want is not None
    ]
    return sorted(found, key=lambda step: step.phase)


def _steps_of(item: Item) -> Iterator[Step]:
    fields = {change.field: change.new for change in item.changes}
    if item.kind == HIDE:
        yield Step(Phase.HIDE, item, {AVAILABLE: False})
        return
    photos = fields.pop(PHOTOS, None)
    albums = {name: fields.pop(name) for name in [ALBUMS] if name in fields}
    if item.kind == SHOW:
        fields[AVAILABLE] = True
    if fields:
        yield Step(_phase(item, fields), item, fields)
    if albums:
        yield Step(Phase.ALBUMS, item, albums)
    if photos is not None:
        yield Step(Phase.PHOTOS, item, {PHOTOS: photos})


def _phase(item: Item, fields: dict[str, Any]) -> Phase:
    if fields.keys() & {PRICE, OLD_PRICE} and item.kind == CHANGE:
        return Phase.PRICE
    if item.kind == SHOW:
        return Phase.SHOW
    return Phase.STOCK if STOCK in fields else Phase.TEXT
