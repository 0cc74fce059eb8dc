"""Where an owner's price list is to be had."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.types import UtcDateTime, now


class Feed(Base):
    """An owner's price list; without a row there is none.

    The address is found by `digest`, the SHA-256 of its secret; `credentials` hold the secret itself,
    encrypted as those of connections are, to be shown to its owner. `state` stands for all that the list is
    made of, and `state_at` is when it was first found so: see `app.publishing.feed.version`. `outcome` is
    what the last whole download held: see `app.publishing.feed.document.Outcome`.
    """

    __tablename__ = "feeds"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    credentials: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state: Mapped[str | None] = mapped_column(String(32))
    state_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    downloaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
