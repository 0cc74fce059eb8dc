"""Deleting an owner with all that is theirs; on SQLite in portions: others wait for its one writer.

First, in one transaction, the account becomes nobody's: no address and no password leads to it, no browser is
signed in, and nothing runs for it. However often what follows is cut off, it never comes to life half-empty;
the clock has the rest deleted.
"""

from time import monotonic, sleep
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select, update

from app.accounts.models import SignIn, User
from app.accounts.signals import owner_has_left, owner_leaves
from app.data.base import Base
from app.data.db import db
from app.data.parts import delete_some
from app.work.jobs import job

# So long others wait for a portion, and so long it then waits for them: SQLite looks ten times a second
# whether it may write.
HELD_SECONDS, PAUSE_SECONDS = 0.2, 0.15
# At once: goods with long texts take some tenths of a second.
ROWS = 1_000
# No password is of this hash.
_NO_PASSWORD = ""


def delete_owner(user_id: int) -> None:
    """Delete an owner and everything that is theirs; also one who is half deleted, or gone. Commits often."""
    # While the rows are still there: who holds rights in a cloud hands them back.
    owner_leaves.send(user_id=user_id)
    db.session.execute(delete(SignIn).filter_by(user_id=user_id))
    # No address looks like this, so the owner's may be registered again at once.
    nobody = {"email": f"deleted {user_id}", "password_hash": _NO_PASSWORD}
    nobodys = update(User).filter_by(id=user_id).values(nobody)
    db.session.execute(nobodys.execution_options(synchronize_session=False))
    db.session.commit()
    _delete_the_rest(user_id)


@job
def finish_deletions() -> None:
    """Delete what is left of accounts whose deletion was cut off; the clock asks for it. Commits often."""
    for user_id in db.session.scalars(select(User.id).filter_by(password_hash=_NO_PASSWORD)).all():
        _delete_the_rest(user_id)


def _delete_the_rest(user_id: int) -> None:
    owner_has_left.send(user_id=user_id)
    # PostgreSQL lets others write meanwhile, and takes ten times as long in portions.
    if db.engine.dialect.name == "sqlite":
        _delete_in_portions(user_id)
    # With what was written at the last moment: all tables refer to users with ON DELETE CASCADE.
    db.session.execute(delete(User).filter_by(id=user_id))
    db.session.commit()


def _delete_in_portions(user_id: int) -> None:
    """Delete the rows of all tables that lead to an owner, theirs."""
    began = monotonic()
    # What leads to other rows goes before them.
    for table in filter(_leads_to_an_owner, reversed(Base.metadata.sorted_tables)):
        is_more = True
        while is_more:
            is_more = delete_some(db.session, table, _is_of(table, user_id), ROWS) == ROWS
            if monotonic() - began >= HELD_SECONDS:
                db.session.commit()
                sleep(PAUSE_SECONDS)
                began = monotonic()


def _leads_to_an_owner(table: Table) -> bool:
    parents = {key.column.table for key in table.foreign_keys}
    return User.__table__ in parents or any(map(_leads_to_an_owner, parents))


def _is_of(table: Table, user_id: int) -> ColumnElement[bool]:
    """Whether a row of such a table is the owner's, or hangs on one that is."""
    if "user_id" in table.c:
        return table.c.user_id == user_id
    key: Any = next(key for key in table.foreign_keys if not key.parent.nullable)
    return key.parent.in_(select(key.column).where(_is_of(key.column.table, user_id)))
