"""What the tables and the export read: one statement per list, filtered, sorted and cut into pages."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select, tuple_

from app.catalog.list_query import (
    DESCENDING,
    NO_RULE,
    ON_SALE,
    PUBLISHED,
    STALE_PAGE,
    BadQuery,
    ListQuery,
)
from app.catalog.models import CachedGroup, CachedProduct, CachedStore
from app.catalog.wording import like_part
from app.extensions import db
from app.pagination import Cursor
from app.sync import outcomes
from app.sync.rules import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE

# Sorts goods without a price or stock below all others; smaller than any number the columns hold.
_LOWEST = -(10**10)

_NUMERIC_SORTS = ("price", "quantity")


@dataclass(frozen=True)
class Page:
    """One page of a list: the table's rows, the number of the first, and what lies around them."""

    records: list[Row[Any]]
    first: int
    total: int
    previous: Cursor | None
    next: Cursor | None

    @property
    def last(self) -> int:
        return self.first + len(self.records) - 1


def find_store(user_id: int, store_id: str) -> CachedStore | None:
    """Find a store of this owner by the cloud's id."""
    return db.session.scalar(select(CachedStore).filter_by(user_id=user_id, evotor_id=store_id))


def find_group(user_id: int, store_id: str, group_id: str) -> CachedGroup | None:
    """Find a group of this owner by the cloud's id."""
    return db.session.scalar(
        select(CachedGroup).filter_by(user_id=user_id, store_evotor_id=store_id, evotor_id=group_id)
    )


def find_product(user_id: int, store_id: str, product_id: str) -> CachedProduct | None:
    """Find a product of this owner by the cloud's id."""
    return db.session.scalar(
        select(CachedProduct).filter_by(user_id=user_id, store_evotor_id=store_id, evotor_id=product_id)
    )


def select_stores(user_id: int, query: ListQuery) -> Select[Any]:
    """The owner's stores, as `query` narrows them; `rule_mode` is the store's own rule."""
    own = outcomes.rules_on(user_id, STORE).subquery("own_rules")
    statement = (
        select(CachedStore.__table__, own.c.filter_mode.label("rule_mode"))
        .outerjoin(own, own.c.entity_id == CachedStore.evotor_id)
        .where(CachedStore.user_id == user_id)
    )
    mode = func.coalesce(own.c.filter_mode, outcomes.default_mode(user_id))
    return _narrow(statement, query, CachedStore.sort_name, own.c.filter_mode, lambda: (statement, mode))


def select_groups(user_id: int, store_id: str, query: ListQuery) -> Select[Any]:
    """The groups of a store, as `query` narrows them; `rule_mode` is the group's own rule."""
    own = outcomes.rules_on(user_id, GROUP, store_id).subquery("own_rules")
    statement = (
        select(CachedGroup.__table__, own.c.filter_mode.label("rule_mode"))
        .outerjoin(own, own.c.entity_id == CachedGroup.evotor_id)
        .where(CachedGroup.user_id == user_id, CachedGroup.store_evotor_id == store_id)
    )

    def with_mode() -> tuple[Select[Any], ColumnElement[str]]:
        modes = outcomes.group_modes(user_id, store_id)
        joined = statement.outerjoin(modes, modes.c.group_id == CachedGroup.evotor_id)
        return joined, func.coalesce(modes.c.mode, _store_mode(user_id, store_id))

    return _narrow(statement, query, CachedGroup.sort_name, own.c.filter_mode, with_mode)


def select_products(user_id: int, store_id: str, group_id: str | None, query: ListQuery) -> Select[Any]:
    """The goods of a store or a group, as `query` narrows them; `rule_mode` is the product's own rule."""
    own = outcomes.rules_on(user_id, PRODUCT, store_id).subquery("own_rules")
    statement = (
        select(CachedProduct.__table__, own.c.filter_mode.label("rule_mode"))
        .outerjoin(own, own.c.entity_id == CachedProduct.evotor_id)
        .where(CachedProduct.user_id == user_id, CachedProduct.store_evotor_id == store_id)
    )
    if group_id is not None:
        statement = statement.where(CachedProduct.group_evotor_id == group_id)
    if query.on_sale:
        statement = statement.where(CachedProduct.allow_to_sell.is_(query.on_sale == ON_SALE))

    narrowed = statement

    def with_mode() -> tuple[Select[Any], ColumnElement[str]]:
        modes = outcomes.group_modes(user_id, store_id)
        joined = narrowed.outerjoin(modes, modes.c.group_id == CachedProduct.group_evotor_id)
        return joined, func.coalesce(own.c.filter_mode, modes.c.mode, _store_mode(user_id, store_id))

    return _narrow(statement, query, CachedProduct.search_text, own.c.filter_mode, with_mode)


def in_order(statement: Select[Any], model: Any, query: ListQuery) -> Select[Any]:
    """Sort a list as `query` says; the key makes the order total."""
    key = _sort_key(model, query.sort)
    if query.dir == DESCENDING:
        return statement.order_by(key.desc(), model.id.desc())
    return statement.order_by(key, model.id)


def fetch_page(statement: Select[Any], model: Any, query: ListQuery) -> Page:
    """Fetch the page of the list that `query` points at; raises BadQuery for a foreign cursor."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    cursor, backwards = query.cursor, query.is_backwards
    key = _sort_key(model, query.sort)
    downwards = (query.dir == DESCENDING) != backwards
    page = statement.add_columns(key.label("sort_key"))
    if cursor is not None:
        place, edge = tuple_(key, model.id), tuple_(_sort_value(query.sort, cursor), cursor.id)
        page = page.where(place < edge if downwards else place > edge)
    order = (key.desc(), model.id.desc()) if downwards else (key, model.id)
    records = list(db.session.execute(page.order_by(*order).limit(query.per_page + 1)))
    if cursor is not None and not records:
        # The rows behind this link are gone: show the list from its start.
        return fetch_page(statement, model, replace(query, after=None, before=None))
    has_more = len(records) > query.per_page
    records = records[: query.per_page]

    if backwards:
        records.reverse()
        # Nothing lies before, so this is the first page, however the list has changed since.
        first = max(1, cursor.position - len(records)) if cursor and has_more else 1
        has_previous, has_next = has_more, True
    else:
        first = cursor.position + 1 if cursor else 1
        has_previous, has_next = cursor is not None, has_more
    return Page(
        records,
        first,
        total,
        previous=_cursor(records[0], first) if has_previous else None,
        next=_cursor(records[-1], first + len(records) - 1) if has_next else None,
    )


def group_lineage(user_id: int, store_id: str, group_ids: Collection[str]) -> dict[str, CachedGroup]:
    """The given groups and all their ancestors, by id; UNION ends a loop, a missing parent ends a line."""
    if not group_ids:
        return {}
    here = and_(CachedGroup.user_id == user_id, CachedGroup.store_evotor_id == store_id)
    lineage = (
        select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id)
        .where(here, CachedGroup.evotor_id.in_(group_ids))
        .cte("lineage", recursive=True)
    )
    lineage = lineage.union(
        select(CachedGroup.evotor_id, CachedGroup.parent_evotor_id).join(
            lineage, and_(here, CachedGroup.evotor_id == lineage.c.parent_evotor_id)
        )
    )
    groups = db.session.scalars(
        select(CachedGroup).where(here, CachedGroup.evotor_id.in_(select(lineage.c.evotor_id)))
    )
    return {group.evotor_id: group for group in groups}


def subgroups(user_id: int, store_id: str, group_id: str) -> list[CachedGroup]:
    """The groups that lie directly in a group, by name."""
    return list(
        db.session.scalars(
            select(CachedGroup)
            .filter_by(user_id=user_id, store_evotor_id=store_id, parent_evotor_id=group_id)
            .order_by(CachedGroup.sort_name)
        )
    )


def group_counts(user_id: int, store_id: str, group_ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Goods and published goods of the given groups."""
    counts = outcomes.counts_by_group(user_id, store_id).subquery()
    rows = db.session.execute(
        select(counts.c.group_id, counts.c.products, counts.c.published).where(
            counts.c.group_id.in_(group_ids)
        )
    )
    return {group_id: (products, published) for group_id, products, published in rows}


def store_counts(user_id: int) -> dict[str, tuple[int, int]]:
    """Goods and published goods of each store of the owner that has any."""
    counts = outcomes.counts_by_group(user_id).subquery()
    rows = db.session.execute(
        select(counts.c.store_id, func.sum(counts.c.products), func.sum(counts.c.published)).group_by(
            counts.c.store_id
        )
    )
    return {store_id: (int(products), int(published)) for store_id, products, published in rows}


def groups_per_store(user_id: int) -> dict[str, int]:
    """How many groups each store has."""
    rows = db.session.execute(
        select(CachedGroup.store_evotor_id, func.count())
        .filter_by(user_id=user_id)
        .group_by(CachedGroup.store_evotor_id)
    )
    return {store_id: groups for store_id, groups in rows}


def _narrow(
    statement: Select[Any],
    query: ListQuery,
    searched: Any,
    own_mode: ColumnElement[str],
    with_mode: Callable[[], tuple[Select[Any], ColumnElement[str]]],
) -> Select[Any]:
    """Apply search and filters; `with_mode` adds the result, which is costly, only when it is asked for."""
    if query.result:
        statement, mode = with_mode()
        statement = statement.where(mode == (INCLUDE if query.result == PUBLISHED else EXCLUDE))
    if query.q:
        statement = statement.where(searched.like(like_part(query.q), escape="\\"))
    if query.rule:
        statement = statement.where(own_mode.is_(None) if query.rule == NO_RULE else own_mode == query.rule)
    return statement


def _store_mode(user_id: int, store_id: str) -> ColumnElement[str]:
    own = select(outcomes.rules_on(user_id, STORE, store_id).subquery().c.filter_mode).scalar_subquery()
    return func.coalesce(own, outcomes.default_mode(user_id))


def _sort_key(model: Any, sort: str) -> ColumnElement[Any]:
    if sort in _NUMERIC_SORTS:
        return func.coalesce(getattr(model, sort), _LOWEST)
    if sort == "article_number":
        return func.coalesce(model.article_number, "")
    return model.sort_name


def _sort_value(sort: str, cursor: Cursor) -> Any:
    if sort not in _NUMERIC_SORTS:
        return cursor.value
    try:
        number = Decimal(cursor.value)
    except InvalidOperation:
        number = Decimal("NaN")
    # No number of the columns has more decimals, and PostgreSQL refuses absurdly many.
    if not number.is_finite() or abs(number) > -_LOWEST or number != round(number, 3):
        raise BadQuery(STALE_PAGE)
    return number


def _cursor(record: Row[Any], position: int) -> Cursor:
    return Cursor(str(record.sort_key), record.id, position)
