"""What the owner has chosen for the community's shop, and VK's categories to choose from."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import JSON, BigInteger, ForeignKey, Numeric, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.types import UtcDateTime, now
from app.rules.waiting import BY_RULES


class PublicationSettings(Base):
    """One owner's settings; `configured_at` is None until the first questions have been answered.

    Columns and values are those of `app.publishing.planning.settings.Settings`.
    """

    __tablename__ = "publication_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    default_category_id: Mapped[int | None]
    photo_fallback: Mapped[str] = mapped_column(String(10))
    out_of_stock: Mapped[str] = mapped_column(String(10))
    not_on_sale: Mapped[str] = mapped_column(String(10))
    services: Mapped[str] = mapped_column(String(10))
    reserve: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    markup_percent: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    rounding: Mapped[str] = mapped_column(String(10))
    per_100g: Mapped[bool] = mapped_column(default=False, server_default=false())
    # How long a price that has fallen is shown beside the new one; 0: never.
    old_price_days: Mapped[int] = mapped_column(default=0, server_default="0")
    # The least fall that is shown.
    old_price_percent: Mapped[int] = mapped_column(default=5, server_default="5")
    price_floor: Mapped[Decimal] = mapped_column(Numeric(12, 2), default=Decimal(0), server_default="0")
    name_template: Mapped[str] = mapped_column(String(500))
    description_template: Mapped[str] = mapped_column(Text)
    card_colour: Mapped[str] = mapped_column(String(7))
    albums: Mapped[bool]
    merge_by: Mapped[str] = mapped_column(String(10))
    store_order: Mapped[list[str]] = mapped_column(JSON)
    stock_from: Mapped[str] = mapped_column(String(10), server_default="sum")
    new_first: Mapped[str] = mapped_column(String(10))
    # What becomes of goods that a refresh brings, until they are decided about.
    new_goods: Mapped[str] = mapped_column(String(10), server_default=BY_RULES)
    auto: Mapped[bool]
    hide_guard_percent: Mapped[int]
    price_guard_percent: Mapped[int]
    own_name: Mapped[str] = mapped_column(String(10))
    own_description: Mapped[str] = mapped_column(String(10))
    own_photos: Mapped[str] = mapped_column(String(10))
    own_category: Mapped[str] = mapped_column(String(10))
    own_albums: Mapped[str] = mapped_column(String(10))
    configured_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the plan was made of when it was last looked at by itself: a mark, see `run.auto`.
    looked: Mapped[str | None] = mapped_column(String(100))
    # When its owner was last written to because nothing went on.
    written_to_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class GroupSettings(Base):
    """What is chosen for one group of goods, by Evotor's ids; None inherits from the group above."""

    __tablename__ = "group_settings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    group_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    category_id: Mapped[int | None]
    markup_percent: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    out_of_stock: Mapped[str | None] = mapped_column(String(10))
    album: Mapped[bool | None]
    per_100g: Mapped[bool | None]
    new_goods: Mapped[str | None] = mapped_column(String(10))


class CategorySuggestion(Base):
    """What VK's own search found for the name of a group, folded: categories, the likeliest first."""

    __tablename__ = "category_suggestions"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    category_ids: Mapped[list[int]] = mapped_column(JSON, default=list)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class SameGoods(Base):
    """The owner's word on goods of several stores that bear one mark: one good, or several after all.

    `merge_by` is what kind of mark it is, as in the settings; `goods` are the keys of those that bore it when
    it was said, None in answers from before they were kept.
    """

    __tablename__ = "same_goods"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    merge_by: Mapped[str] = mapped_column(String(10), primary_key=True)
    mark: Mapped[str] = mapped_column(String(255), primary_key=True)
    is_one: Mapped[bool]
    goods: Mapped[list[list[str]] | None] = mapped_column(JSON)
    answered_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class MarketCategory(Base):
    """A category of VK's tree as a community may use it; `path` names it with those above it."""

    __tablename__ = "market_categories"

    community_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    category_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    path: Mapped[str] = mapped_column(String(500))
    is_leaf: Mapped[bool]
    place: Mapped[int]
    read_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
