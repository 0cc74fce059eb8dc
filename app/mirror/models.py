"""The cached catalogue, and the runs that refresh it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now, sorted_text
from app.mirror.odd_names import ODD_NAME
from app.work.runs.row import Run, one_active


class CachedStore(Base):
    __tablename__ = "cached_stores"
    __table_args__ = (UniqueConstraint("user_id", "evotor_id"), Index(None, "user_id"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    evotor_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    address: Mapped[str | None] = mapped_column(String(500))
    # Name and address, folded.
    search_text: Mapped[str] = mapped_column(Text, server_default="")
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The last run that applied it: goods that came with that run are new.
    refreshed_by: Mapped[int | None] = mapped_column(BigId)
    # When a refresh last found anything else than before, in the store itself, its groups or its goods.
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


# PostgreSQL then looks up no group by its id in an index of parents: see migration 0045.
_HAS_PARENT = text("parent_evotor_id IS NOT NULL")


class CachedGroup(Base):
    __tablename__ = "cached_groups"
    __table_args__ = (
        UniqueConstraint("user_id", "store_evotor_id", "evotor_id"),
        Index(None, "user_id", "store_evotor_id", "parent_evotor_id", postgresql_where=_HAS_PARENT),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    evotor_id: Mapped[str] = mapped_column(String(255))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    parent_evotor_id: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)


# As many digits before the point as a price has, and as many after it as stock. SQLite keeps any number.
_PRICE_OR_STOCK = Numeric(12, 3).with_variant(Numeric(13, 3), "postgresql")


class GoodsColumns:
    """What is kept of a product; the staging table has the same columns.

    `barcodes` are separated by spaces. `sort_name` is the name as lists are sorted and searched by it: see
    `app.mirror.folding.fold`. `search_text` holds article, code and barcodes as a search finds them: see
    `app.mirror.folding.code_lines`. `digest` tells whether anything above it changed in the cloud's answers:
    see `app.mirror.product_row`; what stays where they say nothing of it: see `app.mirror.kept_fields`.
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


_IN_STORE = ("user_id", "store_evotor_id")
_IS_ODD = text(ODD_NAME)


class CachedProduct(GoodsColumns, Base):
    __tablename__ = "cached_products"
    __table_args__ = (
        UniqueConstraint("user_id", "store_evotor_id", "evotor_id"),
        Index(None, "user_id", "store_evotor_id", "group_evotor_id"),
        Index(None, "user_id", "store_evotor_id", "sort_name", "id"),
        Index("ix_cached_products_by_price", *_IN_STORE, text("coalesce(price, -10000000000)"), "id"),
        Index("ix_cached_products_by_quantity", *_IN_STORE, text("coalesce(quantity, -10000000000)"), "id"),
        Index("ix_cached_products_by_article", *_IN_STORE, text("coalesce(article_number, '')"), "id"),
        Index(None, "user_id", "store_evotor_id", "allow_to_sell"),
        Index("ix_cached_products_of_odd_names", "user_id", sqlite_where=_IS_ODD, postgresql_where=_IS_ODD),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The run that brought it in; None when it came with its whole store.
    added_by: Mapped[int | None] = mapped_column(BigId)


class StagedProduct(GoodsColumns, Base):
    """A product as a running refresh has just fetched it, if it differs from the cached one.

    `cached_id` is the row it will change, None for a new product. A product may be staged twice: the last
    counts.
    """

    __tablename__ = "staged_products"
    __table_args__ = (Index(None, "refresh_id", "store_evotor_id"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refresh_id: Mapped[int] = mapped_column(BigId, ForeignKey("catalog_refreshes.id", ondelete="CASCADE"))
    cached_id: Mapped[int | None] = mapped_column(BigId)


class CatalogChange(Base):
    """One thing that the owner's last refresh changed in one good.

    `what` is one of `app.mirror.change_log`; the pairs hold what was and what is: names of goods and groups
    as text, prices and stock as numbers.
    """

    __tablename__ = "catalog_changes"
    __table_args__ = (Index(None, "user_id", "what", "sort_name", "id"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    refresh_id: Mapped[int] = mapped_column(BigId)
    what: Mapped[str] = mapped_column(String(10))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    evotor_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    sort_name: Mapped[str] = mapped_column(sorted_text(255), server_default="")
    text_was: Mapped[str | None] = mapped_column(String(255))
    text_now: Mapped[str | None] = mapped_column(String(255))
    number_was: Mapped[Decimal | None] = mapped_column(_PRICE_OR_STOCK)
    number_now: Mapped[Decimal | None] = mapped_column(_PRICE_OR_STOCK)


class FormerPrice(Base):
    """What a good cost until its price was last seen to change, 0 when its unit changed since or with it.

    The new price is the good's own.
    """

    __tablename__ = "former_prices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class NewProduct(Base):
    """A good that came with a refresh after its store's first one, while it is in the catalogue.

    `product_id` is the key of its row there: goods that came later have larger ones. `left_at` is when its
    owner left it as it is. Whether there is a rule on it is known to `app.rules.new_goods`.
    """

    __tablename__ = "new_products"
    __table_args__ = (
        Index(
            "ix_new_products_open",
            "user_id",
            "product_id",
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    came_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GroupSize(Base):
    """How many goods lie directly in a group; `group_evotor_id` is "" for goods in no group.

    Kept by the refresh, so that no page has to count goods. Goods may name a group that the cloud does not
    list; it has a row here too.
    """

    __tablename__ = "cached_group_sizes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    products: Mapped[int]


class PushedStore(Base):
    """A store whose goods have changed, as the cloud told us: to be refreshed. `tried_at` is the last try."""

    __tablename__ = "pushed_stores"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    pushed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CatalogRefresh(Run, Base):
    """One run, of the whole catalogue or of the store `only_store`.

    `stores` is the outcome per store: see `app.mirror.refresh.progress.StoreOutcome`. `confirmed_drops` says
    how many goods of which store the owner has agreed to let go and, by `progress.moves_in`, to move to other
    groups; by `progress.mark_in` it says which goods may go. `problem` is the code of what keeps the run from
    its goods: see `app.mirror.refresh.run`.
    """

    __tablename__ = "catalog_refreshes"
    __table_args__ = (one_active(__tablename__), Index(None, "user_id", "id"), KEYS_NEVER_RETURN)

    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    # How many goods stand in other groups since.
    moved: Mapped[int] = mapped_column(default=0, server_default="0")
    stores: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    confirmed_drops: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    only_store: Mapped[str | None] = mapped_column(String(255))
    problem: Mapped[str | None] = mapped_column(String(40))
