"""What every run keeps of itself, whatever it does."""

import secrets
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.types import BigId, UtcDateTime, now
from app.words import gettext_noop

QUEUED = "queued"
RUNNING = "running"
DONE = "done"
PARTIAL = "partial"
FAILED = "failed"
CANCELLED = "cancelled"
ACTIVE = (QUEUED, RUNNING)
SUCCESSFUL = (DONE, PARTIAL)

INTERRUPTED = gettext_noop("Фоновый процесс остановился, не закончив работу")


def new_token() -> str:
    """Make the word by which a run knows its row again."""
    return secrets.token_hex(16)


class Run:
    """The columns of a run, for a table to inherit: `class Reading(Run, Base)`.

    Nothing is written in the name of a run without its `token`: another run never has the same. `step` says
    what is being done, `done` of `total` how much of it; `error` is a sentence for the owner, without a full
    stop. A table may know more statuses than the ones above; an owner has one run at most in one of
    `active_statuses`: see `one_active`.
    """

    active_statuses: ClassVar[tuple[str, ...]] = ACTIVE

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    token: Mapped[str] = mapped_column(String(32), default=new_token, server_default="")
    step: Mapped[str] = mapped_column(String(300), default="", server_default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(500))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_active(self) -> bool:
        return self.status in self.active_statuses

    @property
    def gave_way(self) -> bool:
        """Whether it has begun, let others go first, and waits for its next turn."""
        return self.status == QUEUED and self.started_at is not None

    @property
    def was_interrupted(self) -> bool:
        """Whether its worker died."""
        return self.status == FAILED and self.error == INTERRUPTED


def one_active(table: str, statuses: tuple[str, ...] = ACTIVE) -> Index:
    """The index that lets an owner have one active run of a table, however many clicks come at once."""
    is_active = text(f"status IN ({', '.join(repr(status) for status in statuses)})")
    return Index(
        f"uq_{table}_active", "user_id", unique=True, sqlite_where=is_active, postgresql_where=is_active
    )
