"""One rule for a whole store or group instead of a rule on each of its goods."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, cast, literal, null, or_, select, union_all
from sqlalchemy.types import String

from app.mirror.models import CachedProduct
from app.rules.as_sql import config_key
from app.rules.changes.conditions import Condition, Whole, finds, whole_of
from app.rules.changes.items import NAMED
from app.rules.changes.plan import BULK, plan
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange, SyncFilter
from app.rules.published import groups_within
from app.rules.read import Target
from app.rules.words import name_target
from app.words import Sentence

_BY_ONE_RULE = "one rule for a whole place"
_OTHER = {INCLUDE: EXCLUDE, EXCLUDE: INCLUDE}

_filters = SyncFilter.__table__
_products = CachedProduct.__table__


def offered_whole(change: RuleChange) -> Whole | None:
    """The place whose goods a plan means one by one, all of them; None when one rule would not do."""
    if change.applied_at is not None or change.condition is None:
        return None
    return whole_of(change.user_id, Condition(**change.condition))


def plan_one_rule(user_id: int, whole: Whole) -> RuleChange:
    """Plan one rule on a place, and to take off those within that say otherwise. Does not commit.

    For the goods that are there it comes to the same as a rule on each; those that come follow it.
    """
    condition = Condition(_BY_ONE_RULE, {**whole.target._asdict(), "mode": whole.mode})
    title = Sentence("Одним правилом: %(target)s", target=name_target(whole.target))
    return plan(user_id, BULK, title, condition=condition)


@finds(_BY_ONE_RULE)
def one_rule(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """The rule on the place, and none where a rule within says otherwise."""
    target = Target(**{name: arguments[name] for name in Target._fields})
    named = (target.entity_type, target.store_id, target.entity_id, target.name, target.parent_id)
    made = select(
        *(cast(literal(value), String).label(name) for value, name in zip(named, NAMED, strict=True)),
        cast(literal(arguments["mode"]), String).label("mode"),
    )
    contrary = select(*(_filters.c[name] for name in NAMED), cast(null(), String).label("mode")).where(
        _filters.c.sync_config_id == config_key(user_id),
        _filters.c.store_evotor_id == target.store_id,
        _filters.c.filter_mode == _OTHER[arguments["mode"]],
        _lies_within(user_id, target),
    )
    return select(union_all(made, contrary).subquery("one_rule"))


def _lies_within(user_id: int, target: Target) -> ColumnElement[bool]:
    """Whether a rule of the store is on something inside the place."""
    if target.entity_type == STORE:
        return _filters.c.entity_type != STORE
    inside = groups_within(user_id, target.store_id, target.entity_id)
    goods = select(_products.c.evotor_id).where(
        _products.c.user_id == user_id,
        _products.c.store_evotor_id == target.store_id,
        _products.c.group_evotor_id.in_(select(inside.c.group_id)),
    )
    is_group = and_(
        _filters.c.entity_type == GROUP,
        _filters.c.entity_id != target.entity_id,
        _filters.c.entity_id.in_(select(inside.c.group_id)),
    )
    return or_(is_group, and_(_filters.c.entity_type == PRODUCT, _filters.c.entity_id.in_(goods)))
