"""The owner's goods as the plan takes them: facts of the till, the rules' outcome, pictures."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, or_, select, type_coerce
from sqlalchemy.types import NullType

from app.data.compiled import Source
from app.data.db import db
from app.data.types import fits_id
from app.mirror.models import CachedProduct
from app.publishing.around_goods import Around, around_all, around_some
from app.publishing.decimals import decimals
from app.publishing.descriptions import Descriptions, has_markup
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.forbidden import FORBIDDEN_TYPES
from app.publishing.planning.good import Good, Key
from app.publishing.types_in_sql import type_begins
from app.rules.policy import Policy
from app.rules.published import published_goods, read_policy
from app.rules.read import policy_of

_goods = CachedProduct.__table__
_behind = ListingGood.__table__
_listings = Listing.__table__
# Few: each may have ten thousand letters of four bytes, eight pages may read at once, and PostgreSQL's client
# holds what it fetches twice.
_ROWS_A_CHUNK = 100
# Statements are kept for so many policies; most owners have none, and so the same.
_POLICIES_KEPT = 64

_USER_ID = bindparam("user_id", type_=_goods.c.user_id.type)
_COMMUNITY_ID = bindparam("community_id", type_=_listings.c.community_id.type)

# The rules' outcome stands between the two; prices and stock come as the driver has them.
_BEFORE_RULES = (_goods.c.store_evotor_id, _goods.c.evotor_id, _goods.c.name)
_FACTS = (
    _goods.c.product_type,
    type_coerce(_goods.c.price, NullType()),
    type_coerce(_goods.c.quantity, NullType()),
    _goods.c.measure_name,
    _goods.c.allow_to_sell,
    _goods.c.group_evotor_id,
    *(_goods.c.code, _goods.c.article_number, _goods.c.barcodes, _goods.c.description),
)


def goods_of(
    user_id: int,
    community_id: int,
    *,
    former_days: int | None = None,
    on_many: Callable[[], object] = lambda: None,
    with_forbidden: bool = False,
) -> Iterator[Good]:
    """Yield what the rules publish and what stands behind a listing, by store and name.

    former_days: for how long a former price counts; None: as the owner has chosen. on_many: as in
    `Descriptions`. with_forbidden: also what is of a type that VK forbids, whatever the rules say.
    """
    ids = {"user_id": user_id, "community_id": community_id}
    wanted = _wanted(policy_of(user_id), with_forbidden=with_forbidden)
    yield from _read(ids, wanted, former_days, on_many=on_many)


def first_goods_of(
    user_id: int,
    community_id: int,
    most: int,
    *,
    former_days: int,
    on_many: Callable[[], object] = lambda: None,
) -> list[Good]:
    """Read the first of them; on_many: as above."""
    ids = {"user_id": user_id, "community_id": community_id}
    rows = db.session.execute(_wanted(policy_of(user_id)).limit(most), ids).all()
    return list(_made_of_some(user_id, rows, former_days, on_many))


def goods_on_offer(user_id: int, source: Source) -> Iterator[Good]:
    """Yield what the rules publish and nothing else, by store and name, read through `source`."""
    yield from _read({"user_id": user_id}, _on_offer(read_policy(source, user_id)), source=source)


def every_good_of(user_id: int, on_many: Callable[[], object] = lambda: None) -> Iterator[Good]:
    """Yield all goods of the till, published or not, by store and name; on_many: as above."""
    every = _with_facts(published_goods(user_id, policy=policy_of(user_id)))
    yield from _read({"user_id": user_id}, every, on_many=on_many)


def good_of(user_id: int, store_id: str, product_id: str) -> Good | None:
    """Read one good, published or not; None when the owner has none of this id, or nobody could have it."""
    if not (fits_id(store_id) and fits_id(product_id)):
        return None
    parameters = {"user_id": user_id, "store_id": store_id, "product_id": product_id}
    rows = db.session.execute(_one(policy_of(user_id)), parameters).all()
    return next(_made_of_some(user_id, rows), None)


def are_published(user_id: int, community_id: int) -> dict[Key, bool]:
    """Read of what stands behind a listing whether the rules publish it; the till has no other of these."""
    ids = {"user_id": user_id, "community_id": community_id}
    rows = db.session.execute(_listed(policy_of(user_id)), ids)
    return {(store_id, product_id): is_published for store_id, product_id, is_published in rows}


# Built once for all owners: to build one takes longer than to read a small shop by it.
@lru_cache(maxsize=_POLICIES_KEPT)
def _wanted(policy: Policy, *, with_forbidden: bool = False) -> Select[Any]:
    """What the owner's rules publish, and what stands behind a listing in the community."""
    statement = published_goods(_USER_ID, policy=policy)
    forbidden = [type_begins(FORBIDDEN_TYPES, _goods.c)] if with_forbidden else []
    return _with_facts(
        statement.where(or_(statement.selected_columns.is_published, *forbidden, _is_listed()))
    )


@lru_cache(maxsize=_POLICIES_KEPT)
def _listed(policy: Policy) -> Select[Any]:
    """What stands behind a listing in the community, and whether the rules publish it."""
    statement = published_goods(_USER_ID, policy=policy)
    columns = _goods.c.store_evotor_id, _goods.c.evotor_id, statement.selected_columns.is_published
    return statement.where(_is_listed()).with_only_columns(*columns).order_by(None)


def _is_listed() -> ColumnElement[bool]:
    return (
        select(_behind.c.listing_id)
        .join(_listings, _listings.c.id == _behind.c.listing_id)
        .where(
            _behind.c.user_id == _USER_ID,
            _behind.c.store_evotor_id == _goods.c.store_evotor_id,
            _behind.c.evotor_id == _goods.c.evotor_id,
            _listings.c.community_id == _COMMUNITY_ID,
        )
        .correlate(_goods)
        .exists()
    )


@lru_cache(maxsize=_POLICIES_KEPT)
def _on_offer(policy: Policy) -> Select[Any]:
    """What the owner's rules publish."""
    statement = published_goods(_USER_ID, policy=policy)
    return _with_facts(statement.where(statement.selected_columns.is_published))


@lru_cache(maxsize=_POLICIES_KEPT)
def _one(policy: Policy) -> Select[Any]:
    """One good, published or not."""
    store_id, product_id = (
        bindparam(name, type_=_goods.c[column].type)
        for name, column in (("store_id", "store_evotor_id"), ("product_id", "evotor_id"))
    )
    return _with_facts(published_goods(_USER_ID, store_id, product_id=product_id, policy=policy))


def _with_facts(statement: Select[Any]) -> Select[Any]:
    """The columns that `_read` takes."""
    is_published = statement.selected_columns.is_published
    return statement.with_only_columns(*_BEFORE_RULES, is_published, *_FACTS, _goods.c.id)


def _read(
    ids: dict[str, int],
    statement: Select[Any],
    former_days: int | None = None,
    source: Source = db.session,
    on_many: Callable[[], object] = lambda: None,
) -> Iterator[Good]:
    around = around_all(ids["user_id"], former_days, source)
    # Past the session, which would look at each row once more.
    connection = source if isinstance(source, Connection) else source.connection()
    # Closed also when nobody reads to the end.
    with connection.execute(statement, ids, execution_options={"yield_per": _ROWS_A_CHUNK}) as result:
        # Not `partitions`, which holds a portion until it has the next.
        rows: Iterator[Any] = chain.from_iterable(iter(result.fetchmany, []))
        yield from _made(rows, around, connection, on_many)


def _made_of_some(
    user_id: int,
    rows: Sequence[Any],
    former_days: int | None = None,
    on_many: Callable[[], object] = lambda: None,
) -> Iterator[Good]:
    """The same of a few rows: what is around is read for those alone."""
    if rows:
        around = around_some(user_id, [(row[0], row[1]) for row in rows], former_days)
        yield from _made(rows, around, db.session.connection(), on_many)


def _made(
    rows: Iterable[Any],
    around: Around,
    connection: Connection,
    on_many: Callable[[], object] = lambda: None,
) -> Iterator[Good]:
    stores, groups, own, lent, former = around
    price_of, quantity_of = decimals(connection, _goods.c.price), decimals(connection, _goods.c.quantity)
    # What thousands of goods have in common is kept once.
    once: dict[Any, Any] = {}
    same, make = once.setdefault, tuple.__new__
    texts = Descriptions(on_many)
    for row in rows:
        store_id, product_id, name, published, kind, price, count, unit, on_sale, group_id, *rest = row
        code, article, barcodes, description, number = rest
        if has_markup(name):
            texts.count(name)
        if description is not None:
            description = texts.short(description)
        store_id, group_id = same(store_id, store_id), same(group_id, group_id)
        place = (store_id, group_id)
        photos = own.get((store_id, product_id)) or lent.get(place, ())
        before = former.get((store_id, product_id)) if former else None
        # In the order of `Good`, whose own way to be made takes three times as long.
        facts: tuple[Any, ...] = (store_id, product_id, name, published, same(kind, kind), price_of(price))
        facts += (quantity_of(count), same(unit, unit), on_sale, group_id, groups.get(place), code)
        facts += (article, barcodes, description, stores.get(store_id), photos, number, before)
        yield make(Good, facts)
