"""Fetched goods on their way into the cache.

A store is fetched whole into `staged_products` and then applied as a difference in one transaction, so that
readers never see half of it and what has not changed is not written.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, insert, literal, select, update

from app.accounts.models import now
from app.catalog.models import (
    CachedGroup,
    CachedProduct,
    CachedStore,
    CatalogRefresh,
    GroupSize,
    PushedStore,
    StagedProduct,
)
from app.catalog.wording import fold
from app.clients.evotor import Group, Product, Store
from app.database import insert_or_update

_GOODS_COLUMNS = [
    column.name
    for column in StagedProduct.__table__.columns
    if column.name not in ("id", "refresh_id", "store_evotor_id", "evotor_id")
]
# Fewer goods than this may go as they like: the owner sees what happens.
GUARDED_LOSS = 20


class Difference(NamedTuple):
    """What applying a store did: numbers of goods. `withheld` were to go but were kept by the guard."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    withheld: int = 0


class DropGuard(NamedTuple):
    """Keeps goods that vanish in bulk: more than `percent` of a store and at least `at_least` of them,
    unless the owner confirmed it."""

    percent: int
    confirmed: bool
    at_least: int = GUARDED_LOSS

    def withholds(self, missing: int, existing: int) -> bool:
        too_many = missing >= self.at_least and missing * 100 > existing * self.percent
        return too_many and not self.confirmed


def stage_products(
    connection: Connection, refresh_id: int, store_id: str, products: Iterable[Product]
) -> None:
    """Keep one fetched page; a product that comes twice counts as it came last."""
    rows = [_staged_row(refresh_id, store_id, product) for product in products]
    if not rows:
        return
    statement = insert_or_update(connection.dialect.name, StagedProduct)
    statement = statement.on_conflict_do_update(
        index_elements=["refresh_id", "store_evotor_id", "evotor_id"],
        set_={name: statement.excluded[name] for name in _GOODS_COLUMNS},
    )
    connection.execute(statement, rows)


def apply_store(
    connection: Connection, user_id: int, refresh_id: int, store: Store, groups: list[Group], guard: DropGuard
) -> Difference:
    """Bring the cached store in line with what was staged; the caller holds the transaction."""
    _apply_store_row(connection, user_id, store)
    _apply_groups(connection, user_id, store.id, groups)

    cached, staged = CachedProduct.__table__, StagedProduct.__table__
    in_cache = and_(cached.c.user_id == user_id, cached.c.store_evotor_id == store.id)
    in_staging = and_(staged.c.refresh_id == refresh_id, staged.c.store_evotor_id == store.id)
    same_product = staged.c.evotor_id == cached.c.evotor_id
    is_missing = ~select(staged.c.id).where(in_staging, same_product).correlate(cached).exists()
    is_known = select(cached.c.id).where(in_cache, same_product).correlate(staged).exists()

    existing = connection.scalar(select(func.count()).select_from(cached).where(in_cache)) or 0
    missing = connection.scalar(select(func.count()).select_from(cached).where(in_cache, is_missing)) or 0
    withheld = missing if guard.withholds(missing, existing) else 0
    removed = 0
    if missing and not withheld:
        removed = connection.execute(delete(cached).where(in_cache, is_missing)).rowcount

    fetched_at = now()
    changed = connection.execute(
        update(cached)
        .where(in_cache, in_staging, same_product, staged.c.digest != cached.c.digest)
        .values({name: staged.c[name] for name in _GOODS_COLUMNS} | {"fetched_at": fetched_at})
    ).rowcount
    copied = ["store_evotor_id", "evotor_id", *_GOODS_COLUMNS]
    source = select(literal(user_id), literal(fetched_at), *(staged.c[name] for name in copied)).where(
        in_staging, ~is_known
    )
    added = connection.execute(
        insert(cached).from_select(["user_id", "fetched_at", *copied], source),
        execution_options={"preserve_rowcount": True},
    ).rowcount

    if added or changed or removed:
        count_groups(connection, user_id, store.id)
    discard_staged(connection, refresh_id, store.id)
    return Difference(added, changed, removed, withheld)


def remove_store(connection: Connection, user_id: int, store_id: str, guard: DropGuard) -> Difference:
    """Forget a store that the cloud no longer lists, unless the guard keeps it."""
    in_store = {"user_id": user_id, "store_evotor_id": store_id}
    products = connection.scalar(select(func.count()).select_from(CachedProduct).filter_by(**in_store)) or 0
    if guard.withholds(products, products):
        return Difference(withheld=products)
    for table in (CachedProduct, CachedGroup, GroupSize):
        connection.execute(delete(table).filter_by(**in_store))
    connection.execute(delete(CachedStore).filter_by(user_id=user_id, evotor_id=store_id))
    return Difference(removed=products)


def discard_staged(connection: Connection, refresh_id: int, store_id: str | None = None) -> None:
    """Drop what a run has staged, of one store or of all."""
    only = {"store_evotor_id": store_id} if store_id else {}
    connection.execute(delete(StagedProduct).filter_by(refresh_id=refresh_id, **only))


def settle_push(connection: Connection, user_id: int, store_id: str, began: datetime) -> None:
    """Forget what was pushed of a store before a run that `began` then brought it in line."""
    of_store = {"user_id": user_id, "store_evotor_id": store_id}
    connection.execute(delete(PushedStore).filter_by(**of_store).where(PushedStore.pushed_at <= began))
    connection.execute(update(PushedStore).filter_by(**of_store).values(tried_at=None))


def discard_leftovers(connection: Connection, user_id: int, refresh_id: int) -> None:
    """Drop what the owner's runs before `refresh_id` staged; one that was killed could not do it itself."""
    earlier = select(CatalogRefresh.id).where(
        CatalogRefresh.user_id == user_id, CatalogRefresh.id < refresh_id
    )
    connection.execute(delete(StagedProduct).where(StagedProduct.refresh_id.in_(earlier)))


def count_groups(connection: Connection, user_id: int, store_id: str) -> None:
    """Count the store's goods per group anew."""
    cached = CachedProduct.__table__
    group_id = func.coalesce(cached.c.group_evotor_id, "")
    counted = (
        select(literal(user_id), literal(store_id), group_id, func.count())
        .where(cached.c.user_id == user_id, cached.c.store_evotor_id == store_id)
        .group_by(group_id)
    )
    connection.execute(delete(GroupSize).filter_by(user_id=user_id, store_evotor_id=store_id))
    connection.execute(
        insert(GroupSize).from_select(["user_id", "store_evotor_id", "group_evotor_id", "products"], counted)
    )


def _apply_store_row(connection: Connection, user_id: int, store: Store) -> None:
    wanted = {
        "name": store.name[:255],
        "sort_name": fold(store.name)[:255],
        "address": store.address[:500] if store.address else None,
        # When the store was last brought in line, whether or not anything differed.
        "fetched_at": now(),
    }
    own_row = {"user_id": user_id, "evotor_id": store.id}
    if not connection.execute(update(CachedStore).filter_by(**own_row).values(wanted)).rowcount:
        connection.execute(insert(CachedStore).values(own_row | wanted))


def _apply_groups(connection: Connection, user_id: int, store_id: str, groups: list[Group]) -> None:
    wanted = {group.id: (group.name[:255], group.parent_id) for group in groups}
    in_store = {"user_id": user_id, "store_evotor_id": store_id}
    table = CachedGroup.__table__
    rows = connection.execute(
        select(table.c.evotor_id, table.c.name, table.c.parent_evotor_id).filter_by(**in_store)
    )
    existing = {evotor_id: (name, parent_id) for evotor_id, name, parent_id in rows}
    for evotor_id in existing.keys() - wanted.keys():
        connection.execute(delete(table).filter_by(**in_store, evotor_id=evotor_id))
    for evotor_id in wanted.keys() & existing.keys():
        if wanted[evotor_id] != existing[evotor_id]:
            values = _group_values(*wanted[evotor_id])
            connection.execute(update(table).filter_by(**in_store, evotor_id=evotor_id).values(values))
    new = [
        in_store | {"evotor_id": evotor_id} | _group_values(*wanted[evotor_id])
        for evotor_id in wanted.keys() - existing.keys()
    ]
    if new:
        connection.execute(insert(table), new)


def _group_values(name: str, parent_id: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "sort_name": fold(name)[:255],
        "parent_evotor_id": parent_id,
        "fetched_at": now(),
    }


def _staged_row(refresh_id: int, store_id: str, product: Product) -> dict[str, Any]:
    barcodes = " ".join(product.barcodes) or None
    searched = (product.name, product.article_number, product.code, barcodes)
    row = {
        "group_evotor_id": product.parent_id,
        "name": product.name[:255],
        "sort_name": fold(product.name)[:255],
        "price": product.price,
        "quantity": product.quantity,
        "measure_name": _cut(product.measure_name, 20),
        "article_number": _cut(product.article_number, 100),
        "allow_to_sell": product.allow_to_sell,
        "code": _cut(product.code, 100),
        "description": product.description,
        "barcodes": barcodes,
        "product_type": _cut(product.type, 50),
        "search_text": "\n".join(fold(text) for text in searched if text),
    }
    row["digest"] = blake2b(repr(tuple(row.values())).encode(), digest_size=16).hexdigest()
    return row | {"refresh_id": refresh_id, "store_evotor_id": store_id, "evotor_id": product.id}


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
