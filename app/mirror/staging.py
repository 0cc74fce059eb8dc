"""Fetched goods on their way into the cache: what differs is kept aside until its store is whole.

Pages are compared as they come, so a store in which nothing changed is never written down at all.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import aliased

from app.clients.evotor.client import SentProduct, read_sent
from app.data.parts import in_parts
from app.mirror.bulk_sql import KEYS_A_STATEMENT, Known, find_known, insert_rows
from app.mirror.key_set import KeySet
from app.mirror.known_pages import PageMarks
from app.mirror.models import CachedProduct, CatalogRefresh, PushedStore, StagedProduct
from app.mirror.product_row import DIGEST_HALF, GOODS_COLUMNS, digest_meaning, digest_sent, goods_values

Row = tuple[Any, ...]

# A page of a thousand usual goods is about as long.
PORTION_BYTES, PORTION_GOODS = 512 * 1024, 1000

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
# What is asked of one store's staged goods is built once: to build it takes longer than to ask it of a small
# store. These are the parameters, whose names are those of no columns: `Staging.place` has their values.
OWNER_ID = bindparam("owner_id", type_=_cached.c.user_id.type)
RUN_ID = bindparam("run_id", type_=_staged.c.refresh_id.type)
STORE_ID = bindparam("of_store", type_=_staged.c.store_evotor_id.type)
IS_STAGED = and_(_staged.c.refresh_id == RUN_ID, _staged.c.store_evotor_id == STORE_ID)
# Of a staged good: it is not in the cache; it is to replace the good of the cache that it is joined with.
IS_NEW = and_(IS_STAGED, _staged.c.cached_id.is_(None))
REPLACES = and_(IS_STAGED, _staged.c.cached_id == _cached.c.id)
DIFFERS = and_(REPLACES, _staged.c.digest != _cached.c.digest)
_IN_STORE = _cached.c.user_id == OWNER_ID, _cached.c.store_evotor_id == STORE_ID
_COUNT_STAGED = select(func.count(), func.count(_staged.c.evotor_id.distinct())).where(IS_STAGED)
_COUNT_IN_STORE = select(func.count()).select_from(_cached).where(*_IN_STORE)
_KEYS_IN_STORE = select(_cached.c.id).where(*_IN_STORE)

_STAGED_COLUMNS = ("refresh_id", "store_evotor_id", "evotor_id", "cached_id", *GOODS_COLUMNS)


class Staging:
    """One store of one run, page by page.

    No other run of this owner can change the cache meanwhile: only one is ever let to commit.
    `existing` is how many goods the cache holds of the store, `seen` which of them the cloud still lists;
    `is_alone` tells that the run is about this store only, `is_news` that its goods are news even if it is
    new itself, `pages` which pages need not be compared, `brings_new` whether the cloud lists goods that the
    cache does not hold, `is_written` whether any were kept that differ. `new_typed` and `new_untyped` count
    the new ones by whether a type came with them.
    """

    def __init__(
        self, connection: Connection, user_id: int, refresh_id: int, store_id: str, *, is_alone: bool = False
    ) -> None:
        self.user_id = user_id
        self.refresh_id = refresh_id
        self.store_id = store_id
        self.place = {"owner_id": user_id, "run_id": refresh_id, "of_store": store_id}
        self.is_alone = is_alone
        self.is_news = False
        self.seen = KeySet()
        self.existing = count_goods(connection, user_id, store_id)
        self.pages = PageMarks(connection, user_id, refresh_id, store_id)
        self.brings_new = self.is_written = False
        self.new_typed = self.new_untyped = 0

    @property
    def missing(self) -> int:
        """How many goods of the cache the cloud does not list, once its list is at its end."""
        return self.existing - len(self.seen)

    @property
    def bytes(self) -> int:
        """How many bytes of memory it takes, about."""
        return self.seen.bytes + self.pages.bytes

    def is_known(self, digest: str) -> bool:
        """Tell whether the goods of a page, by its digest, are in the cache as the page has them."""
        return self.pages.has(digest, self.seen)

    def differing(
        self, connection: Connection, page: Sequence[SentProduct], page_digest: str
    ) -> Iterator[list[Row]]:
        """Compare one fetched page with the cache; give what differs in portions, for `keep`.

        To take a portion needs no connection, and raises BadPayload. As objects goods may take a dozen times
        what they do as they were sent.
        """
        sent = {product.id: product for product in page}
        known = self._known(connection, list(sent))
        # A product that comes twice counts as it came last, also when that is how it was.
        repeated = {evotor_id for evotor_id, cached in known.items() if not self.seen.add(cached.id)}
        words = {evotor_id: digest_sent(product.body) for evotor_id, product in sent.items()}
        unread = [
            product
            for evotor_id, product in sent.items()
            if evotor_id not in known
            or evotor_id in repeated
            or known[evotor_id].digest[:DIGEST_HALF] != words[evotor_id]
        ]
        self.brings_new |= len(known) < len(sent)
        if repeated or len(sent) < len(page):
            self.pages.are_untrue = True
        elif not self.existing:
            self.pages.note_brought(page_digest, list(sent))
        elif len(known) == len(sent):
            self.pages.note(page_digest, (cached.id for cached in known.values()))

        def rows_of(portion: Sequence[SentProduct]) -> Iterator[Row]:
            for product in read_sent(portion):
                cached = known.get(product.id)
                digest = words[product.id] + digest_meaning(product)
                if cached and cached.digest[DIGEST_HALF:] == digest[DIGEST_HALF:]:
                    if product.id not in repeated:
                        continue
                    digest = cached.digest
                if cached is None:
                    self.new_typed += product.type is not None
                    self.new_untyped += product.type is None
                place = (self.refresh_id, self.store_id, product.id, cached and cached.id)
                yield (*place, *goods_values(product, digest))

        return (list(rows_of(portion)) for portion in _portions(unread))

    def keep(self, connection: Connection, rows: list[Row]) -> None:
        """Write down what differs; commits nothing."""
        self.is_written = True
        insert_rows(connection, StagedProduct.__tablename__, _STAGED_COLUMNS, rows)

    def _known(self, connection: Connection, evotor_ids: list[str]) -> dict[str, Known]:
        if not self.existing or not evotor_ids:
            return {}
        known = dict[str, Known]()
        for part in in_parts(evotor_ids, PORTION_GOODS):
            known |= find_known(connection, self.user_id, self.store_id, part)
        return known


def drop_repeated(connection: Connection, staging: Staging) -> None:
    """Leave of goods that were staged twice what came last; pages that held any are not to be believed."""
    rows, goods = connection.execute(_COUNT_STAGED, staging.place).one()
    if rows != goods:
        last = select(func.max(_staged.c.id)).where(IS_STAGED).group_by(_staged.c.evotor_id)
        connection.execute(delete(_staged).where(IS_STAGED, _staged.c.id.not_in(last)), staging.place)
        staging.pages.are_untrue = True


def find_missing(connection: Connection, staging: Staging) -> "array[int]":
    """The keys of the goods of the cache that the cloud does not list."""
    rows = connection.execute(
        _KEYS_IN_STORE, staging.place, execution_options={"yield_per": KEYS_A_STATEMENT}
    )
    return array("q", (key for (key,) in rows if key not in staging.seen))


def mark_of(keys: "array[int]") -> int:
    """A number that tells these goods from any others, in whatever order they come."""
    marks = (blake2b(key.to_bytes(8, "big"), digest_size=6).digest() for key in keys)
    return sum(int.from_bytes(mark, "big") for mark in marks) % (1 << 48)


def count_goods(connection: Connection, user_id: int, store_id: str) -> int:
    """How many goods the cache holds of a store."""
    return connection.scalar(_COUNT_IN_STORE, {"owner_id": user_id, "of_store": store_id}) or 0


def _portions(products: Sequence[SentProduct]) -> Iterator[Sequence[SentProduct]]:
    """The products of a page in portions of not much more than `PORTION_BYTES`, one for most pages."""
    start = size = 0
    for end, product in enumerate(products, 1):
        size += len(product.body)
        if size >= PORTION_BYTES or end - start == PORTION_GOODS or end == len(products):
            yield products[start:end]
            start, size = end, 0


def discard_staged(connection: Connection, refresh_id: int, store_id: str | None = None) -> None:
    """Drop what a run has staged, of one store or of all."""
    only = {"store_evotor_id": store_id} if store_id else {}
    connection.execute(delete(StagedProduct).filter_by(refresh_id=refresh_id, **only))


def discard_new(connection: Connection, staging: Staging, known_in: Collection[str] | None) -> int:
    """Forget new goods, those that are known in some stores or, for None, all; give how many that were."""
    if known_in is not None and not known_in:
        return 0
    return connection.execute(delete(StagedProduct).where(_is_new(known_in)), staging.place).rowcount


def count_new(connection: Connection, staging: Staging, known_in: Collection[str] | None) -> int:
    """Count new goods, those that are known in some stores or, for None, all."""
    new = select(func.count(StagedProduct.evotor_id.distinct())).where(_is_new(known_in))
    return connection.scalar(new, staging.place) or 0


def count_doubtful_new(connection: Connection, staging: Staging, others: Collection[str], many: int) -> int:
    """How many new goods may be those of other stores: all where so `many` come, else what is known there."""
    came = count_new(connection, staging, None)
    return came if not came or came >= many else count_new(connection, staging, others)


def _is_new(known_in: Collection[str] | None) -> ColumnElement[bool]:
    if known_in is None:
        return IS_NEW
    there = aliased(CachedProduct)
    return IS_NEW & exists().where(
        there.user_id == OWNER_ID,
        there.store_evotor_id.in_(known_in),
        there.evotor_id == StagedProduct.evotor_id,
    )


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
