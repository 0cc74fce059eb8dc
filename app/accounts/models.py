"""Owners."""

import hashlib
import secrets
from datetime import datetime
from typing import ClassVar, cast

from sqlalchemy import ForeignKey, Index, String, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.hashing import is_of_hash, slow_hash
from app.data.base import KEYS_NEVER_RETURN, Base
from app.data.types import DEFAULT_TIMEZONE, UtcDateTime, now


class User(Base):
    """An owner of shops; `email` is kept in lower case, so it is unique in any case.

    Every session carries the `session_generation` of its start: another number ends them all.
    """

    # What a login asks of a user; not its own mixin, so that a script finds an owner without the web.
    is_authenticated: ClassVar[bool] = True
    is_active: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False

    __tablename__ = "users"
    __table_args__ = (
        Index("uq_users_email_lower", func.lower(text("email")), unique=True),
        KEYS_NEVER_RETURN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64), default=DEFAULT_TIMEZONE)
    # One of `app.web.language.LANGUAGES`.
    language: Mapped[str] = mapped_column(String(8), default="ru", server_default="ru")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    session_generation: Mapped[int] = mapped_column(default=0, server_default="0")
    email_confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether the first steps are put away until the owner asks for them.
    hides_first_steps: Mapped[bool] = mapped_column(default=False, server_default=false())

    # The token of the sign-in that this object was loaded by, None outside a session.
    sign_in_token = cast("str | None", None)
    # As it was when a sign-in was begun by this object, None when none was.
    proved_fingerprint = cast("str | None", None)

    def set_password(self, password: str) -> None:
        """Take a new password and end every session."""
        self.password_hash = slow_hash(password)
        self.end_sessions()

    def has_password(self, password: str) -> bool:
        """Tell whether this is the owner's; raises 429 as `slow_hash` does."""
        return is_of_hash(password, self.password_hash)

    def end_sessions(self) -> None:
        """End every session, this one too unless it is begun anew."""
        self.session_generation = (self.session_generation or 0) + 1

    @property
    def fingerprint(self) -> str:
        """What changes with the password and when sessions are ended."""
        # The hash is in it because the number of a deleted owner may be given to another.
        text = f"{self.session_generation} {self.password_hash}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    @property
    def password_mark(self) -> str:
        """What changes with the password alone."""
        return hashlib.sha256(self.password_hash.encode()).hexdigest()[:20]

    @property
    def greeting(self) -> str | None:
        """The name for a letter; None before the address is confirmed, when anybody may have typed it."""
        return self.name if self.email_confirmed_at else None

    def get_id(self) -> str:
        """What the cookie of a session holds."""
        fingerprint = self.proved_fingerprint or self.fingerprint
        return f"{self.id}:{fingerprint}:{self.sign_in_token or ''}"


class SignIn(Base):
    """One browser in which an owner is signed in: once it is gone, so is every copy of its cookie."""

    __tablename__ = "sign_ins"

    token: Mapped[str] = mapped_column(String(43), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    @classmethod
    def of(cls, user: User) -> "SignIn":
        """Make a new one, by which `user.get_id()` goes from now on.

        It opens nothing once another request has ended the sessions that there were when the owner was read.
        """
        user.proved_fingerprint = user.fingerprint
        user.sign_in_token = secrets.token_urlsafe(32)
        return cls(token=user.sign_in_token, user_id=user.id)
