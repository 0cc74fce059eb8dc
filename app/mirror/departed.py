"""What is remembered of goods that have left the catalogue, and how what comes back is judged by it.

A good may be missing in its store's answer, go with its store or with the whole catalogue: whichever way it
goes, it goes through `let_go`. Its type says whether VK forbids it, here and where it is one with another
store's; and what its owner had still to decide about is still to be decided about.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    ForeignKey,
    String,
    delete,
    false,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.engine import insert_or_update
from app.data.types import UtcDateTime, now
from app.mirror.good_types import UNTOLD, USUAL
from app.mirror.models import CachedProduct, NewProduct, StagedProduct
from app.mirror.staging import IS_NEW, OWNER_ID, STORE_ID, Staging

# What the till has lost for so long is news when it comes again.
_IN_MIND_FOR = timedelta(days=90)


class DepartedGood(Base):
    """A good that has left the catalogue. `product_type` is what it was; `is_news` tells that it is to be
    decided about when it comes back: it was new, and nobody had, or that is long ago.
    """

    __tablename__ = "departed_goods"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    product_type: Mapped[str | None] = mapped_column(String(50))
    is_news: Mapped[bool] = mapped_column(default=False, server_default=false())
    gone_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_new: Any = NewProduct.__table__
_departed: Any = DepartedGood.__table__
_KEY = ["user_id", "store_evotor_id", "evotor_id"]
_ANY = (
    select(literal(1))
    .where(_departed.c.user_id == OWNER_ID, _departed.c.store_evotor_id == STORE_ID)
    .limit(1)
)
_SAID = ["product_type", "is_news", "gone_at"]


def let_go(connection: Connection, user_id: int, which: ColumnElement[bool]) -> None:
    """Delete goods of an owner's from the cache, with a memory of what they were.

    which: says of a cached good that it goes. Before `forget_new`.
    """
    is_open = select(_new.c.product_id).where(
        _new.c.user_id == user_id, _new.c.product_id == _cached.c.id, _new.c.left_at.is_(None)
    )
    # By `which` alone: told the owner besides, SQLite went through all goods of the owner for a few keys.
    columns = *(_cached.c[name] for name in (*_KEY, "product_type")), is_open.exists(), literal(now())
    gone = select(*columns).where(which)
    statement = insert_or_update(connection.dialect.name, _departed).from_select([*_KEY, *_SAID], gone)
    statement = statement.on_conflict_do_update(
        index_elements=_KEY, set_={name: statement.excluded[name] for name in _SAID}
    )
    connection.execute(statement)
    connection.execute(delete(_cached).where(which))


def remembers(connection: Connection, staging: Staging) -> bool:
    """Whether goods of the store have left that may be among what its answer brings."""
    if not staging.brings_new:
        return False
    return connection.scalar(_ANY, staging.place) is not None


def left_as(column: str) -> Any:
    """What is remembered of a staged good, as SQL; NULL where nothing is.

    A statement within the statement: each good is then looked up by its whole key. Joined with it in tables
    just filled, PostgreSQL went through all that have left the store for each that comes.
    """
    is_it = (_departed.c[name] == _staged.c[name] for name in ("store_evotor_id", "evotor_id"))
    return select(_departed.c[column]).where(_departed.c.user_id == OWNER_ID, *is_it).scalar_subquery()


def keep_unsaid_types(connection: Connection, staging: Staging) -> None:
    """Give staged goods that come back without a type the one that they had, as `kept_fields` does others."""
    left = left_as("product_type")
    is_unsaid = or_(_staged.c.product_type.is_(None), _staged.c.product_type == UNTOLD)
    kept = update(_staged).where(IS_NEW, is_unsaid, left.is_not(None)).values(product_type=left)
    connection.execute(kept, staging.place)


def forget_returned(connection: Connection, staging: Staging) -> None:
    """Forget of the goods that have left a store those that it has again."""
    here = _departed.c.user_id == staging.user_id, _departed.c.store_evotor_id == staging.store_id
    is_it = (_cached.c[name] == _departed.c[name] for name in _KEY)
    returned = select(_cached.c.id).where(*is_it).scalar_subquery()
    connection.execute(delete(_departed).where(*here, returned.is_not(None)))


def forget_long_gone(connection: Connection) -> None:
    """Forget goods of all owners that left long ago, but for those that are of a special type.

    VK may forbid these: a twin in another store would go there. They are news when they come again.
    """
    is_long_gone = _departed.c.gone_at < now() - _IN_MIND_FOR
    is_special = _departed.c.product_type.not_in(USUAL)
    aged = update(_departed).where(is_long_gone, is_special, ~_departed.c.is_news)
    connection.execute(aged.values(is_news=True))
    is_usual = or_(_departed.c.product_type.is_(None), ~is_special)
    connection.execute(delete(_departed).where(is_long_gone, is_usual))
