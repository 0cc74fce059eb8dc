"""Steps that were made and taken back at once: of the history they are one line."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import literal, select, tuple_

from app.data.db import db
from app.rules.changes.plan import titled, way_back
from app.rules.models import RuleChange, RuleChangeItem

# The rules of longer changes are not compared one by one: their titles tell.
_MOST_COMPARED = 200
# Which of many turns back and forth belong together is told from the oldest on; more are not made in a row.
_LOOKED_AROUND = 10


def undone_around(
    user_id: int, changes: Sequence[RuleChange], *, is_first: bool, is_last: bool
) -> dict[int, RuleChange]:
    """The pairs of a page of steps, the latest first; those that its edge parts are known on both pages.

    is_first, is_last: whether nothing later, or earlier, stands on another page.
    """
    if not changes:
        return {}
    later = [] if is_first else _next_to(user_id, changes[0], is_later=True)
    earlier = [] if is_last else _next_to(user_id, changes[-1], is_later=False)
    return undone_pairs([*later, *changes, *earlier])


def _next_to(user_id: int, change: RuleChange, *, is_later: bool) -> list[RuleChange]:
    """Some steps next to one, the latest first."""
    place = tuple_(RuleChange.applied_at, RuleChange.id)
    here = tuple_(literal(change.applied_at, RuleChange.applied_at.type), change.id)
    order = (RuleChange.applied_at, RuleChange.id)
    found = db.session.scalars(
        select(RuleChange)
        .where(RuleChange.user_id == user_id, place > here if is_later else place < here)
        .order_by(*(order if is_later else [each.desc() for each in order]))
        .limit(_LOOKED_AROUND)
    )
    return list(found)[::-1] if is_later else list(found)


def undone_pairs(changes: Sequence[RuleChange]) -> dict[int, RuleChange]:
    """Of steps that follow each other, the latest first: by the key of one, the next that took it back."""
    near = [(earlier, later) for later, earlier in pairwise(changes) if _turns(later, earlier)]
    items = _items({change.id for pair in near for change in pair if change.rules <= _MOST_COMPARED})
    pairs: dict[int, RuleChange] = {}
    taken: set[int] = set()
    # From the oldest on: what was undone and made anew stands, and the last of three is its own line.
    for earlier, later in reversed(near):
        if earlier.id not in taken and _is_back(earlier, later, items):
            pairs[earlier.id] = later
            taken.add(later.id)
    return pairs


def _turns(later: RuleChange, earlier: RuleChange) -> bool:
    """Whether a step puts back as many rules, and the settings, as an earlier one has changed."""
    moves = sorted((str(move["after"]), str(move["before"]), move["rules"]) for move in later.moves)
    return (
        moves == sorted((str(move["before"]), str(move["after"]), move["rules"]) for move in earlier.moves)
        and (later.default_after, later.default_before) == (earlier.default_before, earlier.default_after)
        and (later.enabled_after, later.enabled_before) == (earlier.enabled_before, earlier.enabled_after)
        and (later.policy_after, later.policy_before) == (earlier.policy_before, earlier.policy_after)
    )


def _is_back(earlier: RuleChange, later: RuleChange, items: dict[int, set[Any]]) -> bool:
    if earlier.is_too_old:
        return later.undoes == earlier.id
    if earlier.id not in items or later.id not in items:
        return not earlier.moves or later.title == titled(way_back(earlier)["title"])["title"]
    turned = {(*key, after, before) for *key, before, after in items[later.id]}
    return turned == items[earlier.id]


def _items(change_ids: Collection[int]) -> dict[int, set[Any]]:
    """The rules of each change: type, store, id, mode before and after."""
    item = RuleChangeItem
    columns = (item.entity_type, item.store_evotor_id, item.entity_id, item.mode_before, item.mode_after)
    found: dict[int, set[Any]] = defaultdict(set)
    if change_ids:
        rows = db.session.execute(select(item.change_id, *columns).where(item.change_id.in_(change_ids)))
        for change_id, *rule in rows:
            found[change_id].add(tuple(rule))
    return found
