"""Files that a worker makes, and their pieces."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.types import BigId, UtcDateTime, now
from app.mirror.models import QUEUED


class CatalogExport(Base):
    """A workbook that a worker makes. `args` are the list's address; `done` and `total` count rows."""

    __tablename__ = "catalog_exports"
    # An old link must never lead to a newer file, nor an old job be taken for a newer one.
    __table_args__ = (Index(None, "user_id"), Index(None, "expires_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(10), default=QUEUED)
    args: Mapped[dict[str, str]] = mapped_column(JSON)
    file_name: Mapped[str] = mapped_column(String(100))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    parts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(String(500))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExportPart(Base):
    """A piece of a finished workbook: web and worker may be on different machines, the database is one."""

    __tablename__ = "catalog_export_parts"

    export_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("catalog_exports.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes]
