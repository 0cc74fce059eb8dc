"""What an owner has said about goods at large, as one value. Pure."""

import json
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from app.rules.criteria.criterion import Criterion

Json = dict[str, Any]
# A condition, by its key, or which of two comes first.
Decided = str | frozenset[str]
_NUMBERS = ("low", "high")


class Policy(NamedTuple):
    """The owner's conditions, the first one first."""

    criteria: tuple[Criterion, ...] = ()

    @classmethod
    def of(cls, stored: Json | None) -> "Policy":
        """Read what is stored; nothing stored is an empty policy."""
        return cls(tuple(_criterion(each) for each in (stored or {}).get("criteria", ())))

    @classmethod
    def read(cls, text: str | None) -> "Policy":
        """Read what is stored, as a statement of many kinds of rows hands it over: as text."""
        return cls.of(json.loads(text)) if text else cls()

    @property
    def stored(self) -> Json:
        """The policy as JSON can hold it."""
        return {"criteria": [_stored(criterion) for criterion in self.criteria]}

    def find(self, key: str | None) -> Criterion | None:
        """Find a condition by its key; None of None."""
        return next((criterion for criterion in self.criteria if criterion.key == key), None)


EMPTY = Policy()


def carried_over(present: Policy, before: Policy, after: Policy) -> Policy:
    """Make of `present` what a change from `before` to `after` makes of it: what it does not touch stays.

    So a plan does not undo what was decided since it was made, nor does the way back. Of conditions that say
    the same, as two plans made side by side may bring them, one is left: the second would never be asked.
    """
    criteria = _carried_over(present.criteria, before.criteria, after.criteria)
    return Policy(_each_once(criteria, decided=set(after.criteria) - set(before.criteria)))


def decides(before: Policy, after: Policy) -> set[Decided]:
    """The conditions that a change makes, changes or takes off, and the pairs that it turns round."""
    was, becomes = _by_key(before), _by_key(after)
    return {key for key in was | becomes if was.get(key) != becomes.get(key)} | _turned(before, after)


def taken_back(present: Policy, before: Policy, after: Policy, *, since: Collection[Decided]) -> Policy:
    """Take back of a change from `before` to `after` what still is as it left it, and is not in `since`."""
    was, left, here = _by_key(before), _by_key(after), _by_key(present)
    back = {key for key in was | left if key not in since and here.get(key) == left.get(key)}
    # What would say the same as another does by now would take its place.
    while clash := {key for key in back & was.keys() if was[key].says in _said(here, besides=back)}:
        back -= clash
    left = {key: each for key, each in left.items() if key in back or key in was}
    becomes = {key: was[key] if key in back else left[key] for key in was if key in back or key in left}
    order = _put_in_order(list(becomes), list(left))
    turned = _by_key(
        carried_over(present, Policy(tuple(left.values())), Policy(tuple(becomes[key] for key in order)))
    )
    may_turn = _turned(before, after).difference(since)
    may_turn |= {frozenset(pair) for pair in combinations(was, 2) if not here.keys() >= set(pair)}
    return Policy(tuple(turned[key] for key in _turned_back(list(turned), list(was), may_turn)))


def _by_key(policy: Policy) -> dict[str, Criterion]:
    return {criterion.key: criterion for criterion in policy.criteria}


def _said(criteria: dict[str, Criterion], *, besides: Collection[str]) -> set[object]:
    return {criterion.says for key, criterion in criteria.items() if key not in besides}


def _turned(before: Policy, after: Policy) -> set[Decided]:
    """The pairs of conditions that have changed places."""
    places = {criterion.key: place for place, criterion in enumerate(after.criteria)}
    staying = [criterion.key for criterion in before.criteria if criterion.key in places]
    return {frozenset(pair) for pair in combinations(staying, 2) if places[pair[0]] > places[pair[1]]}


def _carried_over(
    present: Sequence[Criterion], before: Sequence[Criterion], after: Sequence[Criterion]
) -> tuple[Criterion, ...]:
    was = {criterion.key: criterion for criterion in before}
    becomes = {criterion.key: criterion for criterion in after}
    kept = {
        criterion.key: criterion
        for criterion in present
        # Taken off by the change; one that it has never seen stays.
        if criterion.key in becomes or criterion.key not in was
    }
    for key, criterion in becomes.items():
        is_made = key not in was and key not in kept
        is_changed = key in kept and was.get(key) != criterion
        if is_made or is_changed:
            kept[key] = criterion
    order = [criterion.key for criterion in present if criterion.key in kept]
    if [key for key in was if key in becomes] != [key for key in becomes if key in was]:
        order = _put_in_order(order, list(becomes))
    for place, key in enumerate(becomes):
        if key in kept and key not in order:
            is_last = place == len(becomes) - 1
            order.insert(len(order) if is_last else _place_after(order, list(becomes)[:place]), key)
    return tuple(kept[key] for key in order)


def _each_once(criteria: Iterable[Criterion], *, decided: Collection[Criterion]) -> tuple[Criterion, ...]:
    """Keep the first of those that say the same, with the mode of one that is being `decided` about."""
    kept: dict[object, Criterion] = {}
    for criterion in criteria:
        first = kept.setdefault(criterion.says, criterion)
        if criterion in decided:
            kept[criterion.says] = first._replace(mode=criterion.mode)
    return tuple(kept.values())


def _put_in_order(keys: list[str], wanted: list[str]) -> list[str]:
    """Bring those of `keys` that are `wanted` in that order, in the places that they take together."""
    sorted_keys = iter([key for key in wanted if key in keys])
    return [next(sorted_keys) if key in wanted else key for key in keys]


def _turned_back(keys: list[str], wanted: list[str], may_turn: Collection[Decided]) -> list[str]:
    """Bring `keys` nearer to the order that is `wanted`, where two that stand side by side may turn."""
    place = {key: number for number, key in enumerate(wanted)}
    order = list(keys)
    while wrong := [
        number
        for number, pair in enumerate(pairwise(order))
        if frozenset(pair) in may_turn and place[pair[0]] > place[pair[1]]
    ]:
        order.insert(wrong[0], order.pop(wrong[0] + 1))
    return order


def _place_after(order: list[str], neighbours: list[str]) -> int:
    """The place behind the nearest of those that stood before it."""
    for key in reversed(neighbours):
        if key in order:
            return order.index(key) + 1
    return 0


def _stored(criterion: Criterion) -> Json:
    values = criterion._asdict()
    defaults = Criterion._field_defaults
    return {
        name: str(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def _criterion(stored: Json) -> Criterion:
    values: dict[str, Any] = {
        name: Decimal(value) if name in _NUMBERS else value for name, value in stored.items()
    }
    return Criterion(**values)
