"""Runs of publication with what each did, and readings of the community's shop."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Index, String, Text, case, func
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now
from app.work.runs.row import QUEUED, RUNNING, Run, one_active

# How a run came about.
HAND, AUTO, UNDO, ONE, DELETE = "hand", "auto", "undo", "one", "delete"

PLANNED = "planned"
HELD = "held"
PAUSED = "paused"


class Publication(Run, Base):
    """A run that brings the community's shop to what the owner decided.

    `only` is the one good it is about, as [store, product], None for all; of a deletion, and of what is taken
    back once more, the listings' ids.
    `undoes` is the run that it takes back. `digest` is of the plan that the owner approved at `approved_at`,
    or is asked about; `confirmed` are the owner's words on the holds of it, `holds` those that
    the run waits for. `problem` is the code of what paused it, and `resume_at` when it goes on by itself;
    `ends_at` is when everything should be done. `stuck_since` is when what keeps it from VK began, None while
    it goes as planned: each try begins the run anew. The counts are of goods; `blocked` of what is taken back
    are those left alone.
    """

    __tablename__ = "publications"
    active_statuses: ClassVar[tuple[str, ...]] = (PLANNED, QUEUED, RUNNING, HELD, PAUSED)
    __table_args__ = (
        one_active("publications", active_statuses),
        Index(None, "user_id", "id"),
        Index(None, "status", "resume_at"),
        KEYS_NEVER_RETURN,
    )

    community_id: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str] = mapped_column(String(10))
    only: Mapped[list[str] | None] = mapped_column(JSON)
    undoes: Mapped[int | None] = mapped_column(BigId)
    digest: Mapped[str | None] = mapped_column(String(64))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed: Mapped[list[str]] = mapped_column(JSON, default=list)
    holds: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    to_create: Mapped[int] = mapped_column(default=0)
    to_change: Mapped[int] = mapped_column(default=0)
    to_hide: Mapped[int] = mapped_column(default=0)
    to_show: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(String(40))
    resume_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stuck_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @hybrid_property
    def left(self) -> int:
        """How many goods it has still to send; every page and letter tells this number."""
        return max(0, (self.total or 0) - self.done - self.failed)

    @left.inplace.expression
    @classmethod
    def _left(cls) -> ColumnElement[int]:
        left = func.coalesce(cls.total, 0) - cls.done - cls.failed
        return case((left > 0, left), else_=0)

    @property
    def sends_goods(self) -> bool:
        """Whether it is about a plan or a part of one, and neither deletes nor takes anything back."""
        return self.origin in (HAND, AUTO, ONE)

    @property
    def sends_whole_plan(self) -> bool:
        """Whether it is about all that the plan names, and neither deletes nor takes anything back."""
        return self.origin in (HAND, AUTO)


class ApprovedGoods(Base):
    """What the owner's last word on a run was about: `marks` of `app.publishing.planning.approved`.

    Apart from the run, whose row is written every second.
    """

    __tablename__ = "approved_goods"

    publication_id: Mapped[int] = mapped_column(
        ForeignKey("publications.id", ondelete="CASCADE"), primary_key=True
    )
    marks: Mapped[str] = mapped_column(Text)


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


class MarketReading(Run, Base):
    """A reading of everything that the community's shop holds; `done` and `total` count listings."""

    __tablename__ = "market_readings"
    __table_args__ = (
        one_active("market_readings"),
        Index(None, "user_id", "community_id", "id"),
        KEYS_NEVER_RETURN,
    )

    community_id: Mapped[int] = mapped_column(BigInteger)
