"""New goods that wait: where their owner wants that, they are not published before a decision is made.

What is wanted is chosen for groups, handed down as rules are, and for all goods. It is kept by a package
above, which tells of it here: the rules need not know of its tables.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, String, and_, cast, func, or_, select

from app.data.given import is_one_of
from app.mirror.models import CachedProduct, NewProduct
from app.rules.as_sql import StoreId, UserId, group_modes, nearest_mode

WAIT, BY_RULES = "wait", "rules"

_new = NewProduct.__table__.c
_goods = CachedProduct.__table__.c


class Wishes(NamedTuple):
    """Who tells what is wanted of new goods, WAIT or BY_RULES.

    `of_groups` takes an owner, and a store or None for all, and gives store_evotor_id, entity_id and
    filter_mode, as rules on groups have them; `of_owner` gives what holds elsewhere, NULL for nothing said.
    """

    of_groups: Callable[[UserId, StoreId | None], Select[Any]]
    of_owner: Callable[[UserId], ColumnElement[Any]]


_told: list[Wishes] = []


def told_by(wishes: Wishes) -> None:
    """Let `wishes` tell what owners want."""
    _told[:] = [wishes]


def waiting_goods(
    user_id: UserId,
    store_id: StoreId | None = None,
    product_id: StoreId | None = None,
    *,
    among: Any = None,
    name: str = "waiting",
) -> CTE:
    """New goods that wait unless there is a rule on them, or one of them if it does.

    `among`: those with these ids, if they are given.

    Gives product_id, store_id, evotor_id, group_id ("" for none). Made once, and of few goods: those that
    nobody has left to the rules. Two in a statement need other names.
    """
    (wishes,) = _told
    said = wishes.of_groups(user_id, store_id)
    if store_id is None or product_id is None:
        groups = group_modes(user_id, store_id, rules_from=said, name=f"{name}_wishes")
    else:
        groups = nearest_mode(user_id, (store_id, product_id), said, name=f"{name}_wishes")
    in_group = and_(groups.c.store_id == _goods.store_evotor_id, groups.c.group_id == _goods.group_evotor_id)
    waiting = (
        select(
            _new.product_id,
            _goods.store_evotor_id.label("store_id"),
            _goods.evotor_id,
            as_text(func.coalesce(_goods.group_evotor_id, "")).label("group_id"),
        )
        .join_from(NewProduct.__table__, CachedProduct.__table__, _goods.id == _new.product_id)
        .outerjoin(groups, in_group)
        .where(_new.user_id == user_id, _new.left_at.is_(None), _goods.user_id == user_id)
        .where(func.coalesce(groups.c.mode, wishes.of_owner(user_id)) == WAIT)
        # Asked once: where nothing is to wait, no good is looked at.
        .where(or_(wishes.of_owner(user_id) == WAIT, wishes.of_groups(user_id, store_id).exists()))
    )
    if among is not None:
        waiting = waiting.where(is_one_of(_goods.evotor_id, among))
    if store_id is not None:
        waiting = waiting.where(_goods.store_evotor_id == store_id)
    if product_id is not None:
        waiting = waiting.where(_goods.evotor_id == product_id)
    return waiting.cte(name).prefix_with("MATERIALIZED")


def as_text(words: ColumnElement[str]) -> ColumnElement[str]:
    """The same words with the type of a text, which expressions lack: SQLite joins by no index without it."""
    return cast(words, String)


def is_waiting(product_id: Any, waiting: CTE) -> ColumnElement[bool]:
    """Whether a good is one of those that wait."""
    return product_id.in_(select(waiting.c.product_id))
