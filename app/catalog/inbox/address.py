"""The state of the list of new goods, as its address carries it, and which goods it lets through."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_

from app.catalog.lists.address import ListQuery
from app.mirror.big_shops import big_shop_in_turn
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedProduct
from app.mirror.search import has_words, matches
from app.rules.new_goods import select_new

_LEFT = "1"
_READ = ("q", "grouped", "per_page", "after", "before")
_LONGEST_NAME = 255

_goods = CachedProduct.__table__.c
_groups = CachedGroup.__table__.c


def read_inbox(args: Mapping[str, str]) -> ListQuery:
    """Read the list's state: search, group, page, and whether it holds those left to the rules.

    A group is told by its folded name, so that those of the same name in several stores are one. Raises
    BadQuery.
    """
    given = {name: args[name] for name in _READ if name in args}
    query = ListQuery.parse(
        given, "catalog.inbox.show", {"left": _LEFT} if args.get("left") == _LEFT else None
    )
    return replace(query, of_group=fold(args.get("of_group", ""))[:_LONGEST_NAME] or None)


def are_left(query: ListQuery) -> bool:
    """Whether the list holds the goods that were left to the rules."""
    return dict(query.fixed).get("left") == _LEFT


def narrowed_in_turn(user_id: int, query: ListQuery) -> AbstractContextManager[None]:
    """Enter it around what looks for goods of a narrowed list: there may be few of them among very many."""
    return big_shop_in_turn(user_id) if query.is_narrowed else nullcontext()


def select_listed(user_id: int, query: ListQuery) -> Select[Any]:
    """All the goods that the list holds, as `select_new` gives them."""
    statement = select_new(user_id, are_left=are_left(query))
    if query.grouped:
        statement = statement.where(_goods.group_evotor_id.is_(None))
    if query.of_group:
        statement = statement.where(_in_group(user_id, _groups.sort_name == query.of_group))
    if query.q:
        in_such_group = _in_group(user_id, has_words(_groups.sort_name, query.q))
        statement = statement.where(
            or_(matches(_goods.sort_name, _goods.search_text, query.q), in_such_group)
        )
    return statement


def is_of(user_id: int) -> ColumnElement[bool]:
    """Whether a group is the one in which a good lies."""
    return and_(
        _groups.user_id == user_id,
        _groups.store_evotor_id == _goods.store_evotor_id,
        _groups.evotor_id == _goods.group_evotor_id,
    )


def _in_group(user_id: int, is_meant: ColumnElement[bool]) -> ColumnElement[bool]:
    # Found once: to ask of each good whether its group is meant takes seconds for many goods.
    meant = select(_groups.store_evotor_id, _groups.evotor_id).where(_groups.user_id == user_id, is_meant)
    return tuple_(_goods.store_evotor_id, _goods.group_evotor_id).in_(meant)
