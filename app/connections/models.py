"""An owner's accounts in the clouds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.data import crypto
from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import UtcDateTime, now

EVOTOR = "evotor"
VK = "vk"
PROVIDERS = (EVOTOR, VK)

ONLINE = "online"
OFFLINE = "offline"
RECONNECT = "reconnect"
NO_MARKET = "no_market"
MARKET_OFF = "market_off"
ROLE_LOST = "role_lost"
BLOCKED = "blocked"
CONFIRM = "confirm"
BUSY = "busy"
# What will pass, and is retried.
PASSING = frozenset({OFFLINE, BUSY})
# What only the owner can mend. Access to the goods is VK's to give, so NO_MARKET is in neither.
NEEDS_OWNER = frozenset({RECONNECT, MARKET_OFF, ROLE_LOST, BLOCKED, CONFIRM})
# A check that has not ended after so long has lost its worker.
LONGEST_CHECK = timedelta(seconds=90)


class CloudAccount(Base):
    """One owner's account at one provider.

    `status` is ONLINE, OFFLINE (will pass, retried) or RECONNECT (access is lost); of VK also NO_MARKET
    (it has not granted access to the goods yet), MARKET_OFF (the community's shop is closed), ROLE_LOST (the
    owner administrates it no more), BLOCKED, CONFIRM (a person has to pass a check), BUSY (asks for a pause).
    `last_error` is the sentence that explains it.
    `profile` holds what is shown of the account, never a secret.
    `checking_since` is when its owner asked for a check that has not ended, None for none.
    `failures` counts passing faults in a row; `next_check_at` is when it may be checked by itself again, None
    for never; `reported_status` is what its owner was last told by mail.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("user_id", "provider"), KEYS_NEVER_RETURN)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider: Mapped[str] = mapped_column(String(10))
    credentials: Mapped[str] = mapped_column(Text)
    profile: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    is_online: Mapped[bool] = mapped_column(default=False)
    last_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20), default=ONLINE)
    last_error: Mapped[str | None] = mapped_column(String(500))
    external_user_id: Mapped[str | None] = mapped_column(String(64), index=True)
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now, index=True)
    checking_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_status: Mapped[str] = mapped_column(String(20), default=ONLINE, server_default=ONLINE)

    @property
    def is_begun(self) -> bool:
        """Whether it has not been given its credentials yet, which its first transaction does."""
        return not self.credentials

    @property
    def is_being_checked(self) -> bool:
        """Whether its owner waits for a check."""
        # In the future it was written before the clock was set back.
        return self.checking_since is not None and abs(now() - self.checking_since) < LONGEST_CHECK

    @property
    def secret(self) -> dict[str, Any]:
        """The decrypted credentials; raises `crypto.UnknownKey`."""
        return crypto.decrypt(self.credentials)

    @secret.setter
    def secret(self, value: dict[str, Any]) -> None:
        self.credentials = crypto.encrypt(value)


class EvotorAccount(Base):
    """A merchant as Evotor's deliveries know it, with or without an owner here.

    `credentials` are encrypted tokens that wait for their owner; `event_at` and `event_key` are of the
    newest event about the installation.
    """

    __tablename__ = "evotor_accounts"

    external_user_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    credentials: Mapped[str | None] = mapped_column(Text)
    token_received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event_key: Mapped[str | None] = mapped_column(String(200))
