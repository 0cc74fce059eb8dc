"""An upload of many photos, and what is known of each file in it."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId
from app.work.runs.row import Run, one_active

# What a run of an archive does: looks through it, then keeps what the owner has seen.
LOOK, KEEP = "look", "keep"

# A file before it is kept: its good is known, or is one of several, or none; or the file cannot be used.
MATCHED, AMBIGUOUS, UNKNOWN, REFUSED = "matched", "ambiguous", "unknown", "refused"
# And after.
KEPT, FAILED = "kept", "failed"


class PhotoArchive(Run, Base):
    """A run over one upload; it runs once to look through it, and once more to keep its photos.

    `upload` is the name of the file on disk, None once it was looked through; `parts` are the files in it:
    [name, offset, size in bytes]. `done` and `total` count files.
    """

    __tablename__ = "photo_archives"
    __table_args__ = (one_active(__tablename__), Index(None, "user_id", "id"), KEYS_NEVER_RETURN)

    phase: Mapped[str] = mapped_column(String(10), default=LOOK)
    upload: Mapped[str | None] = mapped_column(String(64))
    parts: Mapped[list[Any]] = mapped_column(JSON, default=list)


class ArchivePicture(Base):
    """One file of an archive: `number` is its place there, `place` its place among the photos of its good.

    `sentence` says why it belongs to its goods or why it cannot be used. `goods` are [store, product] each,
    the same good of several stores; `choices` are what an ambiguous one may belong to: [words, goods] each.
    `digest` is the prepared picture, which waits among the archive's own files.
    """

    __tablename__ = "archive_pictures"
    __table_args__ = (Index(None, "archive_id", "state", "number"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    archive_id: Mapped[int] = mapped_column(BigId, ForeignKey("photo_archives.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(10))
    sentence: Mapped[str] = mapped_column(String(500), default="")
    good_name: Mapped[str] = mapped_column(String(300), default="")
    place: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str | None] = mapped_column(String(64))
    goods: Mapped[list[Any]] = mapped_column(JSON, default=list)
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list)
