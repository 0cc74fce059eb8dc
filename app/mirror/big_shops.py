"""Shops whose pages over all their goods take long: such a page waits for its turn."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache
from typing import Any

from flask import has_request_context
from sqlalchemy import Select, bindparam, func, select

from app.data.compiled import read_rows
from app.data.db import db
from app.data.engine import long_work
from app.data.types import fits_id
from app.mirror.models import CachedGroup, CachedProduct, GroupSize
from app.mirror.way_up import above_goods, are_given, given, way_up
from app.web.turns import in_turn

# With so many goods a plan takes half a second of the processor, and as long to read so many groups.
MANY_GOODS = 10_000
MANY_GROUPS = 50_000
# Groups one within another, which no shop nests deeper than ten: those of so many are read in milliseconds.
LONG_WAY = 1_000

# Takes an owner and the number of goods; tells whether to look at all of them takes long for another reason.
Teller = Callable[[int, int], bool]

_tellers: list[Teller] = []


def slowed_by(tells: Teller) -> Teller:
    """Let a package above tell what makes a shop big besides its goods."""
    _tellers.append(tells)
    return tells


def big_shop_in_turn(user_id: int) -> AbstractContextManager[None]:
    """Enter it around what looks at all of an owner's goods or groups; a small shop and a job go on at once.

    Raises 429 when others are in front for too long.
    """
    return in_turn(user_id) if _is_page_of_big_shop(user_id) else nullcontext()


def many_goods_in_turn(user_id: int, goods: int) -> AbstractContextManager[None]:
    """The same around what looks at so many goods."""
    return in_turn(user_id) if has_request_context() and goods > MANY_GOODS else nullcontext()


def many_groups_in_turn(user_id: int) -> AbstractContextManager[None]:
    """The same around what looks at all groups, and at some goods only."""
    return in_turn(user_id) if has_request_context() and _has_many_groups(user_id) else nullcontext()


def long_way_in_turn(user_id: int, goods: Collection[tuple[str, str]]) -> AbstractContextManager[None]:
    """The same around what looks at all groups above some goods, by store and id: at thousands of them."""
    return in_turn(user_id) if has_request_context() and _is_long_way(user_id, goods) else nullcontext()


@contextmanager
def big_change_in_turn(user_id: int) -> Iterator[None]:
    """The same around what may write a row for each of those goods: that takes as long as it takes."""
    if not _is_page_of_big_shop(user_id):
        yield
        return
    with in_turn(user_id), long_work():
        yield


@contextmanager
def turn_once_big(user_id: int) -> Iterator[Callable[[], None]]:
    """Give what takes the turn in the midst of work that turns out to be much; it is given back at the end.

    For what nobody counts before: letters, say. Raises 429 as the others do.
    """
    with ExitStack() as turn:

        def take() -> None:
            if has_request_context():
                turn.enter_context(in_turn(user_id))

        yield take


def goods_of_shop(user_id: int) -> int:
    """How many goods the owner's stores have together, as counted by the last refresh."""
    return db.session.scalar(select(func.sum(GroupSize.products)).filter_by(user_id=user_id)) or 0


def _is_page_of_big_shop(user_id: int) -> bool:
    if not has_request_context():
        return False
    goods = goods_of_shop(user_id)
    return goods > MANY_GOODS or any(tell(user_id, goods) for tell in _tellers) or _has_many_groups(user_id)


def _has_many_groups(user_id: int) -> bool:
    groups = select(CachedGroup.id).filter_by(user_id=user_id)
    return (db.session.scalar(_count(groups, MANY_GROUPS)) or 0) > MANY_GROUPS


def _is_long_way(user_id: int, goods: Collection[tuple[str, str]]) -> bool:
    if not all(fits_id(part) for key in goods for part in key):
        return False
    [(count,)] = read_rows(
        _long_way(LONG_WAY, db.session.connection().dialect.name), {"user_id": user_id, **given(goods)}
    )
    return bool(count > LONG_WAY)


@cache
def _long_way(most: int, dialect: str) -> Select[Any]:
    user_id = bindparam("user_id", type_=CachedProduct.user_id.type)
    way = way_up(user_id, above_goods(user_id, *are_given(CachedProduct, dialect)))
    return _count(select(way.c.group_id), most)


def _count(rows: Select[Any], most: int) -> Select[Any]:
    """Count rows, up to one more: to count a million takes as long as a page may."""
    return select(func.count()).select_from(rows.limit(most + 1).subquery())
