"""What is published: the one statement that files, scripts and the publication read.

Lists and counts, which look at a part of the goods, are made of the same pieces: see `app.rules.as_sql`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, String, and_, bindparam, case, cast, literal, null, select

from app.data.recursion import step
from app.mirror.models import CachedGroup, CachedProduct
from app.rules import as_sql
from app.rules.as_sql import StoreId, UserId
from app.rules.criteria.as_sql import key_of_first, mode_of_first
from app.rules.decide import CRITERION, GROUP, INCLUDE, NEW, PRODUCT, STORE
from app.rules.policy import Policy
from app.rules.waiting import is_waiting, waiting_goods

_goods = CachedProduct.__table__.c
_groups = CachedGroup.__table__.c
# Built once: to build it takes longer than to read by it.
POLICY = as_sql.select_policy(bindparam("user_id", type_=_goods.user_id.type))


def read_policy(source: Any, user_id: int) -> Policy:
    """Read what the owner has said about goods at large, through a session or a bare connection."""
    return Policy.of(source.execute(POLICY, {"user_id": user_id}).scalar())


def published_goods(
    user_id: UserId,
    store_id: StoreId | None = None,
    group_id: str | None = None,
    product_id: StoreId | None = None,
    *,
    policy: Policy,
    columns: Sequence[ColumnElement[Any]] = tuple(_goods),
) -> Select[Any]:
    """Every good of the owner, of a store, of a group with the groups within, or one, and what holds for it.

    Gives `columns` of `CachedProduct`, then `is_published`, and `ruled_type` and `ruled_id`: what the rule
    that decided is on, or CRITERION and the key of the condition, or NEW for a new good that waits, NULL for
    the owner's default. By store and name, which an index does without sorting. What is published alone is
    `statement.where(statement.selected_columns.is_published)`.
    """
    own = as_sql.rules_on(user_id, PRODUCT, store_id).subquery("own_rules")
    if store_id is None or product_id is None:
        inherited = as_sql.inherited_by(user_id, store_id)
    else:
        inherited = as_sql.inherited_by_one(user_id, store_id, product_id)
    key, met = (find(policy.criteria, user_id, _goods) for find in (key_of_first, mode_of_first))
    waits = is_waiting(_goods.id, waiting_goods(user_id, store_id, product_id))
    mode = inherited.decided(own.c.filter_mode, waits, met)
    ruled_type = case(
        (own.c.filter_mode.is_not(None), PRODUCT),
        (waits, NEW),
        (inherited.groups.c.mode.is_not(None), GROUP),
        (inherited.store_rule.is_not(None), STORE),
        (key.is_not(None), CRITERION),
    )
    ruled_id = case(
        (own.c.filter_mode.is_not(None), own.c.entity_id),
        (waits, cast(null(), String)),
        (inherited.groups.c.mode.is_not(None), inherited.groups.c.ruled_by),
        (inherited.store_rule.is_not(None), _goods.store_evotor_id),
        else_=key,
    )
    statement: Select[Any] = select(
        *columns,
        (mode == INCLUDE).label("is_published"),
        ruled_type.label("ruled_type"),
        ruled_id.label("ruled_id"),
    )
    statement = statement.select_from(CachedProduct.__table__).outerjoin(own, as_sql.is_on_good(own))
    statement = inherited.join(statement, _goods.store_evotor_id, _goods.group_evotor_id)
    statement = statement.where(_goods.user_id == user_id)
    if store_id is not None:
        statement = statement.where(_goods.store_evotor_id == store_id)
        if group_id is not None:
            inside = groups_within(user_id, store_id, group_id)
            statement = statement.where(_goods.group_evotor_id.in_(select(inside.c.group_id)))
        if product_id is not None:
            statement = statement.where(_goods.evotor_id == product_id)
    return statement.order_by(_goods.store_evotor_id, _goods.sort_name, _goods.id)


def groups_within(user_id: UserId, store_id: StoreId, group_id: str) -> CTE:
    """A group and all groups within it, however deep: group_id."""
    inside = select(literal(group_id).label("group_id")).cte("groups_within", recursive=True)
    lies_within = and_(
        _groups.user_id == user_id,
        _groups.store_evotor_id == store_id,
        _groups.parent_evotor_id == inside.c.group_id,
    )
    # UNION drops what was met before, which ends a loop.
    return inside.union(
        select(_groups.evotor_id).select_from(step(inside, CachedGroup.__table__, lies_within))
    )
