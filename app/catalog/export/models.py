"""Files that a worker makes, and their pieces."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime
from app.work.runs.row import Run, one_active


class CatalogExport(Run, Base):
    """A workbook that a worker makes. `args` are the list's address; `done` and `total` count rows."""

    __tablename__ = "catalog_exports"
    __table_args__ = (
        one_active(__tablename__),
        Index(None, "user_id"),
        Index(None, "expires_at"),
        KEYS_NEVER_RETURN,
    )

    args: Mapped[dict[str, str]] = mapped_column(JSON)
    file_name: Mapped[str] = mapped_column(String(100))
    parts: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExportPart(Base):
    """A piece of a finished workbook: web and worker may be on different machines, the database is one."""

    __tablename__ = "catalog_export_parts"

    export_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("catalog_exports.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes]
