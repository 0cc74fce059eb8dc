"""A catalogue that is let go as a whole: it belongs to a merchant, and goes with it."""

from sqlalchemy import delete, select

from app.data.db import db
from app.mirror.departed import let_go
from app.mirror.known_pages import KnownPages
from app.mirror.models import (
    CachedGroup,
    CachedProduct,
    CachedStore,
    CatalogChange,
    CatalogRefresh,
    FormerPrice,
    GroupSize,
    NewProduct,
    PushedStore,
    StagedProduct,
)
from app.mirror.name_blocks import NameBlock, NameGram
from app.mirror.refresh.run import refreshes
from app.mirror.signals import goods_moved

_OF_OWNER = (
    *(CachedGroup, CachedStore, GroupSize, PushedStore),
    *(CatalogChange, FormerPrice, NameBlock, NameGram, KnownPages),
)


def let_catalogue_go(user_id: int) -> None:
    """Delete all that was brought in for an owner; runs and rules stay, and what `departed` remembers.

    The owner's run is ended first, which commits; what is deleted then waits for the caller's commit.
    """
    refreshes.end(user_id)
    own_runs = select(CatalogRefresh.id).filter_by(user_id=user_id)
    staged = delete(StagedProduct).where(StagedProduct.refresh_id.in_(own_runs))
    let_go(db.session.connection(), user_id, CachedProduct.user_id == user_id)
    for statement in (staged, *(delete(table).filter_by(user_id=user_id) for table in _OF_OWNER)):
        db.session.execute(statement.execution_options(synchronize_session=False))
    goods_moved.send(connection=db.session.connection(), user_id=user_id, store_id=None)
    # Last: whoever answers for new goods holds the rules first.
    forgotten = delete(NewProduct).filter_by(user_id=user_id)
    db.session.execute(forgotten.execution_options(synchronize_session=False))


def stores_of(_sender: object, *, user_id: int) -> list[str]:
    """Give the ids of the stores that were brought in for an owner."""
    return list(db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user_id)))


def forget_of(_sender: object, *, user_id: int) -> None:
    """Let it go when the owner's Evotor becomes another merchant's: the one before may come back."""
    let_catalogue_go(user_id)
