"""The ledger: every listing and album that is ours in a community, what was sent to it and seen of it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now
from app.publishing.planning.existing import FAILED, GONE

# Written out, and by no parameters: SQLite sees that an index of these holds what is asked for.
NOT_IN_VK = text(f"state IN ('{GONE}', '{FAILED}')")


class Listing(Base):
    """A listing of the owner's goods in one community; it outlives the connection.

    `sku` is the mark that VK keeps for us, `item_id` VK's own number, None until it is known. `state` and the
    JSON of `sent`, `seen` and `owners` are those of `app.publishing.planning.existing.Entry`. `problem` is a
    sentence for the owner and `problem_code` names its kind, None when nothing is wrong. `refused` are the
    fields as VK would not take them: the same are not sent again until the owner says so.
    """

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("community_id", "sku"),
        UniqueConstraint("community_id", "item_id"),
        Index(None, "user_id", "community_id", "state"),
        Index(
            "ix_listings_not_in_vk",
            *("community_id", "user_id"),
            sqlite_where=NOT_IN_VK,
            postgresql_where=NOT_IN_VK,
        ),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    community_id: Mapped[int] = mapped_column(BigInteger)
    sku: Mapped[str] = mapped_column(String(50))
    item_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    sent: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    owners: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    refused: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problem: Mapped[str | None] = mapped_column(String(500))
    problem_code: Mapped[str | None] = mapped_column(String(40))
    # The mark of `app.publishing.planning.settled`; stale as soon as anything above it changes.
    settled: Mapped[str | None] = mapped_column(String(32))
    # Counted up by the database whenever anything that a plan compares is written.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # When it got the state that it has.
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # When a run of ours added it to VK; None for what was there before and was paired.
    added_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When VK was asked last to add it and did not show it in time; None while that has not happened.
    lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ListingGood(Base):
    """A good that stands behind a listing; the one at `place` 0 has it when they part."""

    __tablename__ = "listing_goods"
    __table_args__ = (Index(None, "user_id", "store_evotor_id", "evotor_id"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    place: Mapped[int] = mapped_column(default=0)


class ForeignListing(Base):
    """A listing of the community that is not ours, as the last reading saw it; it is never written to.

    `is_other`: the owner said that it is not the good whose sku it bears.
    """

    __tablename__ = "foreign_listings"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sku: Mapped[str | None] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(String(255))
    is_available: Mapped[bool]
    is_other: Mapped[bool] = mapped_column(default=False)
    seen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class DoubtedLook(Base):
    """A look at a community, begun `since`, that showed too few of the `known` listings to be believed.

    `of`: what it was at, listings or albums. There while `app.publishing.ledger.doubts` waits for another.
    """

    __tablename__ = "doubted_looks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    of: Mapped[str] = mapped_column(String(10), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    shown: Mapped[int]
    known: Mapped[int]


class MarketAlbum(Base):
    """An album of a community («подборка»): one of ours, or another as the last reading saw it.

    Columns are those of `app.publishing.planning.albums.AlbumEntry`; `groups` are pairs of Evotor's ids.
    `size` counts what VK says is in it. `problem` is a sentence for the owner.
    """

    __tablename__ = "market_albums"
    __table_args__ = (UniqueConstraint("user_id", "community_id", "album_id"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    community_id: Mapped[int] = mapped_column(BigInteger)
    album_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10))
    groups: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    seen_title: Mapped[str | None] = mapped_column(String(255))
    others: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(500))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def set_state(row: Listing | MarketAlbum, state: str, moment: datetime | None = None) -> None:
    """Note the state that a listing or an album has, and since when: this moment, or the one given."""
    if row.state != state:
        row.state, row.changed_at = state, moment or now()


class ShopDay(Base):
    """What a community held of the owner's goods at the end of a day, and how many prices changed that day.

    A day on which the ledger was not written has no row: nothing changed.
    """

    __tablename__ = "shop_days"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    community_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    live: Mapped[int]
    prices: Mapped[int] = mapped_column(default=0)
