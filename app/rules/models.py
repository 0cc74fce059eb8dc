"""What the owner decided: the default, the rules, and every change of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import BigId, UtcDateTime, now
from app.rules.decide import INCLUDE


class SyncConfig(Base):
    """One owner's synchronisation: the master switch and the mode of goods without a rule.

    `policy` is `app.rules.policy.Policy` as stored, None for an empty one.
    """

    __tablename__ = "sync_configs"
    __table_args__ = KEYS_NEVER_RETURN

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    is_enabled: Mapped[bool] = mapped_column(default=False)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    default_mode: Mapped[str] = mapped_column(String(10), default=INCLUDE)
    policy: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class SyncFilter(Base):
    """A rule on a store, a group or a product.

    Keyed by the cloud's ids without foreign keys to the cache, so that it survives any refresh.
    """

    __tablename__ = "sync_filters"
    __table_args__ = (
        # Named: the name by convention is longer than PostgreSQL's 63 characters.
        UniqueConstraint(
            "sync_config_id", "entity_type", "store_evotor_id", "entity_id", name="uq_sync_filters_entity"
        ),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sync_config_id: Mapped[int] = mapped_column(ForeignKey("sync_configs.id", ondelete="CASCADE"))
    entity_type: Mapped[str] = mapped_column(String(10))
    entity_id: Mapped[str] = mapped_column(String(255))
    entity_name: Mapped[str] = mapped_column(String(255))
    filter_mode: Mapped[str] = mapped_column(String(10))
    parent_entity_id: Mapped[str | None] = mapped_column(String(255))
    store_evotor_id: Mapped[str] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class RuleTally(Base):
    """How many rules lie on goods of a group, and how many of those include: see `app.rules.tallies`.

    `group_evotor_id` is "" for goods in no group. Rules on goods that the catalogue lacks are counted, too,
    with `is_present` false and in no group.
    """

    __tablename__ = "rule_tallies"

    sync_config_id: Mapped[int] = mapped_column(
        ForeignKey("sync_configs.id", ondelete="CASCADE"), primary_key=True
    )
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    is_present: Mapped[bool] = mapped_column(primary_key=True)
    group_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    rules: Mapped[int]
    including: Mapped[int]


# Written out, and by no parameters: SQLite sees that the index holds what is asked for.
_UNDOES = text("undoes IS NOT NULL")


class RuleChange(Base):
    """One step of the history: a click, a bulk change, an imported file, a switch.

    Until `applied_at` is set it is a plan that has changed nothing. `condition` says which rules a plan means
    while they are not written down: see `app.rules.changes.conditions`. `undoes` is the key of the step that
    it takes back. `moves` counts its rules by what became of them: see `app.rules.changes.items.Move`.
    `notes` are sentences on what could not be planned. `title` is Russian, and cut to its column; `said` is
    the same as a sentence to be translated, None in steps of long ago. `appeared` and `hidden` are numbers of
    goods. `kept_rules` is how many of its rules the history has, None for a plan and where it is about none:
    see `app.rules.changes.room`.
    """

    __tablename__ = "rule_changes"
    __table_args__ = (
        Index(None, "user_id", "applied_at", "id"),
        Index(None, "applied_at", "planned_at"),
        Index("ix_rule_changes_undoes", "undoes", sqlite_where=_UNDOES, postgresql_where=_UNDOES),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    said: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    default_before: Mapped[str | None] = mapped_column(String(10))
    default_after: Mapped[str | None] = mapped_column(String(10))
    enabled_before: Mapped[bool | None]
    enabled_after: Mapped[bool | None]
    policy_before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    policy_after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    condition: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undoes: Mapped[int | None] = mapped_column(BigId)
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    appeared: Mapped[int] = mapped_column(default=0)
    hidden: Mapped[int] = mapped_column(default=0)
    kept_rules: Mapped[int | None]
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def rules(self) -> int:
        """How many rules it is about."""
        return sum(move["rules"] for move in self.moves)

    @property
    def is_too_old(self) -> bool:
        """Whether the history has let rules of it go, so that it cannot be taken back any more."""
        return self.kept_rules is not None and self.kept_rules < self.rules


class RuleChangeItem(Base):
    """One rule of a change: its mode before and after; None is no rule."""

    __tablename__ = "rule_change_items"

    change_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("rule_changes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    entity_type: Mapped[str] = mapped_column(String(10), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    entity_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    entity_name: Mapped[str] = mapped_column(String(255))
    parent_entity_id: Mapped[str | None] = mapped_column(String(255))
    mode_before: Mapped[str | None] = mapped_column(String(10))
    mode_after: Mapped[str | None] = mapped_column(String(10))
