"""What the owner decided: the default and the rules."""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import now
from app.extensions import db
from app.sync.rules import INCLUDE


class SyncConfig(db.Model):
    """One owner's synchronisation: the master switch and the mode of goods without a rule."""

    __tablename__ = "sync_configs"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    is_enabled: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    default_mode: Mapped[str] = mapped_column(String(10), default=INCLUDE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, onupdate=now)


class SyncFilter(db.Model):
    """A rule on a store, a group or a product.

    Keyed by the cloud's ids without foreign keys to the cache, so that it survives any refresh.
    """

    __tablename__ = "sync_filters"
    __table_args__ = (
        # Named: the name by convention is longer than PostgreSQL's 63 characters.
        UniqueConstraint(
            "sync_config_id", "entity_type", "store_evotor_id", "entity_id", name="uq_sync_filters_entity"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sync_config_id: Mapped[int] = mapped_column(ForeignKey("sync_configs.id", ondelete="CASCADE"))
    entity_type: Mapped[str] = mapped_column(String(10))
    entity_id: Mapped[str] = mapped_column(String(255))
    entity_name: Mapped[str] = mapped_column(String(255))
    filter_mode: Mapped[str] = mapped_column(String(10))
    parent_entity_id: Mapped[str | None] = mapped_column(String(255))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
