"""The cached catalogue, and the runs that refresh it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import now
from app.extensions import db

# SQLite numbers rows by itself only in an INTEGER key.
BigId = BigInteger().with_variant(Integer, "sqlite")


def sorted_text(length: int) -> String:
    """A text column that both databases sort alike, by code points."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


QUEUED = "queued"
RUNNING = "running"
DONE = "done"
PARTIAL = "partial"
FAILED = "failed"
CANCELLED = "cancelled"
ACTIVE = (QUEUED, RUNNING)
SUCCESSFUL = (DONE, PARTIAL)


class CachedStore(db.Model):
    __tablename__ = "cached_stores"
    __table_args__ = (UniqueConstraint("user_id", "evotor_id"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    evotor_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    address: Mapped[str | None] = mapped_column(String(500))
    fetched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CachedGroup(db.Model):
    __tablename__ = "cached_groups"
    __table_args__ = (
        UniqueConstraint("user_id", "store_evotor_id", "evotor_id"),
        Index(None, "user_id", "store_evotor_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    evotor_id: Mapped[str] = mapped_column(String(255))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    parent_evotor_id: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    fetched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class GoodsColumns:
    """What is kept of a product; the staging table has the same columns.

    `barcodes` are separated by spaces. `sort_name` is the name as lists are sorted by it: see
    `app.catalog.wording.fold`. `search_text` is what a search looks into: name, article, code and
    barcodes, folded likewise. `digest` tells whether anything above it changed.
    """

    evotor_id: Mapped[str] = mapped_column(String(255))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    group_evotor_id: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    measure_name: Mapped[str | None] = mapped_column(String(20))
    article_number: Mapped[str | None] = mapped_column(sorted_text(100))
    allow_to_sell: Mapped[bool | None]
    code: Mapped[str | None] = mapped_column(String(100))
    description: Mapped[str | None] = mapped_column(Text)
    barcodes: Mapped[str | None] = mapped_column(Text)
    product_type: Mapped[str | None] = mapped_column(String(50))
    search_text: Mapped[str] = mapped_column(Text, server_default="")
    digest: Mapped[str] = mapped_column(String(32), server_default="")


class CachedProduct(GoodsColumns, db.Model):
    __tablename__ = "cached_products"
    __table_args__ = (
        UniqueConstraint("user_id", "store_evotor_id", "evotor_id"),
        Index(None, "user_id", "store_evotor_id", "group_evotor_id"),
        Index(None, "user_id", "store_evotor_id", "sort_name", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    fetched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StagedProduct(GoodsColumns, db.Model):
    """A product as a running refresh has just fetched it, before its store is applied."""

    __tablename__ = "staged_products"
    __table_args__ = (UniqueConstraint("refresh_id", "store_evotor_id", "evotor_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refresh_id: Mapped[int] = mapped_column(ForeignKey("catalog_refreshes.id", ondelete="CASCADE"))


class GroupSize(db.Model):
    """How many goods lie directly in a group; `group_evotor_id` is "" for goods in no group.

    Kept by the refresh, so that no page has to count goods. Goods may name a group that the cloud does not
    list; it has a row here too.
    """

    __tablename__ = "cached_group_sizes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    products: Mapped[int]


class PushedStore(db.Model):
    """A store whose goods have changed, as the cloud told us: to be refreshed. `tried_at` is the last try."""

    __tablename__ = "pushed_stores"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    pushed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    tried_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CatalogRefresh(db.Model):
    """One run, of the whole catalogue or of the store `only_store`.

    `stores` is the outcome per store: see `app.catalog.progress.StoreOutcome`.
    """

    __tablename__ = "catalog_refreshes"
    __table_args__ = (
        Index(
            "uq_catalog_refreshes_active",
            "user_id",
            unique=True,
            sqlite_where=text("status IN ('queued', 'running')"),
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
        Index(None, "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    step: Mapped[str] = mapped_column(String(300), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    stores: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    confirmed_drops: Mapped[list[str]] = mapped_column(JSON, default=list)
    only_store: Mapped[str | None] = mapped_column(String(255))
    error: Mapped[str | None] = mapped_column(String(500))
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    heartbeat_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE
