"""Runs of publication with what each did, and readings of the community's shop."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now

# How a run came about.
HAND, AUTO, UNDO, ONE = "hand", "auto", "undo", "one"

PLANNED = "planned"
QUEUED = "queued"
RUNNING = "running"
HELD = "held"
PAUSED = "paused"
DONE = "done"
PARTIAL = "partial"
FAILED = "failed"
CANCELLED = "cancelled"
# Runs that are not over; an owner has one at most.
ACTIVE = (PLANNED, QUEUED, RUNNING, HELD, PAUSED)
# Runs that a worker has, or is to have, in hand.
MOVING = (QUEUED, RUNNING)

_ACTIVE = text("status IN ('planned', 'queued', 'running', 'held', 'paused')")
_MOVING = text("status IN ('queued', 'running')")


class Publication(Base):
    """A run that brings the community's shop to what the owner decided.

    `only` is the one good it is about, as (store, product), None for all. `undoes` is the run that it takes
    back. `digest` is of the plan that the owner saw; `confirmed` are the codes of the holds that the owner
    confirmed, `holds` those that it waits for. `problem` is the code of what paused it, and `resume_at` when
    it goes on by itself. The counts are of goods.
    """

    __tablename__ = "publications"
    __table_args__ = (
        Index(
            "uq_publications_active", "user_id", unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE
        ),
        Index(None, "user_id", "id"),
        Index(None, "status", "resume_at"),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    community_id: Mapped[int] = mapped_column(BigInteger)
    token: Mapped[str | None] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    only: Mapped[list[str] | None] = mapped_column(JSON)
    undoes: Mapped[int | None] = mapped_column(BigId)
    digest: Mapped[str | None] = mapped_column(String(64))
    confirmed: Mapped[list[str]] = mapped_column(JSON, default=list)
    holds: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    to_create: Mapped[int] = mapped_column(default=0)
    to_change: Mapped[int] = mapped_column(default=0)
    to_hide: Mapped[int] = mapped_column(default=0)
    to_show: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(String(300), default="")
    error: Mapped[str | None] = mapped_column(String(500))
    problem: Mapped[str | None] = mapped_column(String(40))
    resume_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_moving(self) -> bool:
        return self.status in MOVING

    @property
    def total(self) -> int:
        """How many goods it is to write."""
        return self.to_create + self.to_change + self.to_hide + self.to_show


class PublicationItem(Base):
    """What a run did to one listing, or why it could not.

    `action` is the kind of the plan's item, `outcome` is `done` or `failed`. `before` and `after` hold the
    fields that were written, as the ledger holds them: what the run is taken back from.
    """

    __tablename__ = "publication_items"
    __table_args__ = (Index(None, "publication_id", "outcome", "id"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listings.id", ondelete="SET NULL"), index=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    evotor_id: Mapped[str] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(255))
    action: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str] = mapped_column(String(10))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    problem: Mapped[str | None] = mapped_column(String(500))
    problem_code: Mapped[str | None] = mapped_column(String(40))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class MarketReading(Base):
    """A reading of everything that the community's shop holds; `done` and `total` count listings."""

    __tablename__ = "market_readings"
    __table_args__ = (
        Index(
            "uq_market_readings_active",
            "user_id",
            unique=True,
            sqlite_where=_MOVING,
            postgresql_where=_MOVING,
        ),
        Index(None, "user_id", "community_id", "id"),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    community_id: Mapped[int] = mapped_column(BigInteger)
    token: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    step: Mapped[str] = mapped_column(String(300), default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(500))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        return self.status in MOVING
