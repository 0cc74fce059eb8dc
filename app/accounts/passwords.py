"""Who an address and a password belong to; a new password in place of the one that was proved."""

from functools import cache

from sqlalchemy import select, update
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


def replace_password(user: User, password: str) -> bool:
    """Set a new password and end every session; False when another request did so a moment ago.

    The row is held until the session that follows is begun, which commits.
    """
    return end_sessions(user, password_hash=generate_password_hash(password))


def end_sessions(user: User, **columns: object) -> bool:
    """End every session of an owner who is as they were read, and write these columns; held as above.

    False when that is not so any more: whoever was let in by what another request has ended stays out.
    """
    as_read = (
        User.id == user.id,
        User.session_generation == user.session_generation,
        User.password_hash == user.password_hash,
    )
    ended = update(User).where(*as_read).values(session_generation=User.session_generation + 1, **columns)
    ended = ended.returning(User.id).execution_options(synchronize_session=False)
    is_done = db.session.scalar(ended) is not None
    if is_done:
        db.session.refresh(user)
    else:
        db.session.rollback()
    return is_done
