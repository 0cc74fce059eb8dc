"""Owners."""

from datetime import UTC, datetime

from flask_login import UserMixin
from sqlalchemy import DateTime, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from app.extensions import db
from app.formatting import DEFAULT_TIMEZONE


def now() -> datetime:
    return datetime.now(UTC)


class User(UserMixin, db.Model):
    """An owner of shops; `email` is kept in lower case, so it is unique in any case."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email_lower", func.lower(db.text("email")), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64), default=DEFAULT_TIMEZONE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)

    def set_password(self, password: str) -> None:
        self.password_hash = generate_password_hash(password)

    def has_password(self, password: str) -> bool:
        return check_password_hash(self.password_hash, password)

    def get_id(self) -> str:
        # A part of the password's hash goes into the session: a changed password ends every other session.
        return f"{self.id}:{self.password_hash[-12:]}"
