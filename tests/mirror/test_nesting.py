"""However a cloud nests groups, none lies so deep that a page would have to read thousands above it."""

import random

import pytest

from app.mirror.nesting import MOST_NESTED, bounded

MANY = 1000


def depth(parents: dict[str, str | None], group_id: str) -> int:
    """How many groups lie above, a circle counted once."""
    met = {group_id}
    at = parents[group_id]
    while at is not None and at in parents and at not in met:
        met.add(at)
        at = parents[at]
    return len(met) - 1


CHAIN = {f"g{number}": f"g{number - 1}" if number else None for number in range(MANY)}
CIRCLE: dict[str, str | None] = {f"g{number}": f"g{(number - 1) % MANY}" for number in range(MANY)}
# A small circle, and a long line that hangs on it.
TAIL = {f"g{number}": f"g{number - 1}" if number else "g5" for number in range(MANY)}


@pytest.mark.parametrize("parents", [CHAIN, CIRCLE, TAIL], ids=["chain", "circle", "tail"])
def test_no_group_lies_deeper_than_is_allowed_and_few_are_moved(parents: dict[str, str | None]) -> None:
    found = bounded(parents)
    assert max(depth(found, group_id) for group_id in found) < MOST_NESTED
    moved = [group_id for group_id in found if found[group_id] != parents[group_id]]
    assert 0 < len(moved) <= MANY // MOST_NESTED + 1
    assert all(found[group_id] is None for group_id in moved)


@pytest.mark.parametrize("parents", [CHAIN, CIRCLE, TAIL], ids=["chain", "circle", "tail"])
def test_the_order_in_which_groups_come_changes_nothing(parents: dict[str, str | None]) -> None:
    shuffled = list(parents.items())
    random.Random(7).shuffle(shuffled)
    assert bounded(dict(shuffled)) == bounded(parents)


def test_what_lies_no_deeper_stays_as_it_is() -> None:
    flat: dict[str, str | None] = {f"g{number}": f"g{number // 10}" for number in range(1, MANY)}
    odd = flat | {"g0": None, "a": "b", "b": "c", "c": "a", "self": "self", "orphan": "nobody"}
    assert bounded(odd) == odd
