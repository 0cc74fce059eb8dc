"""Who an address and a password belong to."""

from functools import cache

from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from app.accounts import lengths
from app.accounts.forms import normalize_email
from app.accounts.models import User
from app.data.db import db


@cache
def _nobodys_hash() -> str:
    """Compared with when the address is unknown, so that the time of an answer does not tell which exist."""
    return generate_password_hash("nobody")


def owner_with(email: str, password: str) -> User | None:
    """Find the owner whom both fit."""
    if len(email) > lengths.EMAIL or len(password) > lengths.PASSWORD:
        email, password = "", ""
    # Made in either case, for the same reason.
    nobodys_hash = _nobodys_hash()
    user = db.session.scalar(select(User).filter_by(email=normalize_email(email)))
    fits = check_password_hash(user.password_hash if user else nobodys_hash, password)
    return user if fits else None
