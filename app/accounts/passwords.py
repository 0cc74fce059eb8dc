"""Who an address and a password belong to; a new password in place of the one that was proved."""

from functools import cache

from sqlalchemy import ColumnElement, select, update

from app.accounts import lengths
from app.accounts.forms import normalize_email
from app.accounts.hashing import is_of_hash, slow_hash
from app.accounts.models import User
from app.data.db import db


@cache
def _nobodys_hash() -> str:
    """Compared with when the address is unknown, so that the time of an answer does not tell which exist."""
    return slow_hash("nobody")


def owner_with(email: str, password: str) -> User | None:
    """Find the owner whom both fit; raises 429 when too many passwords wait to be looked at."""
    if len(email) > lengths.EMAIL or len(password) > lengths.PASSWORD:
        email, password = "", ""
    # Made in either case, for the same reason.
    nobodys_hash = _nobodys_hash()
    user = db.session.scalar(select(User).filter_by(email=normalize_email(email)))
    fits = is_of_hash(password, user.password_hash if user else nobodys_hash)
    return user if fits else None


def replace_password(user: User, password: str) -> bool:
    """Set a new password and end every session; False when the one that was read is not theirs any more.

    The row is held until the session that follows is begun, which commits.
    """
    is_as_read = User.password_hash == user.password_hash
    return _renewed(user, is_as_read, password_hash=slow_hash(password))


def end_sessions(user: User, **columns: object) -> bool:
    """End every session and write these columns; held as above.

    False when another request has ended them since the owner was read: whom that has shut out stays out.
    """
    is_as_read = (
        User.session_generation == user.session_generation,
        User.password_hash == user.password_hash,
    )
    return _renewed(user, *is_as_read, **columns)


def _renewed(user: User, *conditions: ColumnElement[bool], **columns: object) -> bool:
    ended = update(User).where(User.id == user.id, *conditions)
    ended = ended.values(session_generation=User.session_generation + 1, **columns)
    done = db.session.scalar(ended.returning(User.id), execution_options={"synchronize_session": False})
    if done is None:
        db.session.rollback()
    else:
        db.session.refresh(user)
    return done is not None
