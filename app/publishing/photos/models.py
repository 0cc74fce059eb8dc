"""Pictures of goods: each kept once an owner, and where it belongs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now


class Photo(Base):
    """A picture as it is kept in MEDIA_DIR under its digest; sizes are in pixels and bytes."""

    __tablename__ = "photos"
    __table_args__ = (UniqueConstraint("user_id", "digest"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(String(64))
    side: Mapped[int]
    size: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class GoodPhoto(Base):
    """Where a picture belongs: to a good, or to a group whose goods have none of their own.

    Exactly one of `evotor_id` and `group_evotor_id` is set; `place` orders the pictures of one good.
    """

    __tablename__ = "good_photos"
    __table_args__ = (
        Index(None, "user_id", "store_evotor_id", "evotor_id"),
        Index(None, "user_id", "store_evotor_id", "group_evotor_id"),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), index=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    evotor_id: Mapped[str | None] = mapped_column(String(255))
    group_evotor_id: Mapped[str | None] = mapped_column(String(255))
    place: Mapped[int] = mapped_column(default=0)
