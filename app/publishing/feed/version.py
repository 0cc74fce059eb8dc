"""Whether a price list differs from what was fetched before, told without looking at the goods."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update

from app.accounts.models import User
from app.connections.may_publish import may_publish
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedStore
from app.publishing.feed.address import FoundFeed
from app.publishing.feed.models import Feed
from app.publishing.planning.card import DRAWING
from app.publishing.planning.good import Key
from app.publishing.planning.settings import Settings
from app.publishing.run.models import Publication
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import settings_row
from app.rules.models import SyncConfig

# Counts up when the same goods are written otherwise than before.
_WRITING = 1
_SECOND = timedelta(seconds=1)


class Version(NamedTuple):
    """`state` stands for all that the list is made of; `since` is the second when it was first found so."""

    state: str
    since: datetime


def version_of(feed: FoundFeed) -> Version:
    """Tell the present version of a price list; a new one is noted. Commits."""
    state = _state(feed.user_id)
    known = db.session.execute(select(Feed.state, Feed.state_at).filter_by(digest=feed.digest)).one_or_none()
    if known is not None and known.state == state:
        return Version(state, known.state_at)
    since = now().replace(microsecond=0)
    if known is not None and known.state_at is not None:
        # No two versions of one second: whoever asks by time could not tell them apart.
        since = max(since, known.state_at + _SECOND)
    db.session.execute(update(Feed).filter_by(digest=feed.digest).values(state=state, state_at=since))
    db.session.commit()
    return Version(state, since)


def state_of_card(user_id: int, key: Key) -> str:
    """The same of one good's card: the till's store, rules and settings with pictures, as they last changed.

    One statement, which looks at no goods either.
    """
    store_id, _ = key
    moments = db.session.execute(
        select(
            select(CachedStore.changed_at).filter_by(user_id=user_id, evotor_id=store_id).scalar_subquery(),
            select(SyncConfig.updated_at).filter_by(user_id=user_id).scalar_subquery(),
            select(PublicationSettings.updated_at).filter_by(user_id=user_id).scalar_subquery(),
        )
    ).one()
    return _digest((DRAWING, key, tuple(moments)))


def _state(user_id: int) -> str:
    """Goods, rules, settings with pictures, and what the shop is called: when each of them last changed.

    Goods that are joined are also told by the last run; old prices, which go by themselves, by the hour.
    """
    moments = db.session.execute(
        select(
            User.timezone,
            select(SyncConfig.updated_at).filter_by(user_id=user_id).scalar_subquery(),
            select(PublicationSettings.updated_at).filter_by(user_id=user_id).scalar_subquery(),
        ).where(User.id == user_id)
    ).one()
    stores = db.session.execute(
        select(CachedStore.evotor_id, CachedStore.changed_at)
        .filter_by(user_id=user_id)
        .order_by(CachedStore.evotor_id)
    ).all()
    facts: tuple[object, ...] = (
        *(_WRITING, tuple(moments), tuple(map(tuple, stores))),
        may_publish(user_id).community,
    )
    settings = settings_row(user_id) or Settings()
    if settings.merge_by != "none":
        last_run = select(func.max(Publication.finished_at)).filter_by(user_id=user_id)
        facts += (db.session.scalar(last_run),)
    if settings.old_price_days:
        facts += (f"{now():%Y-%m-%d %H}",)
    return _digest(facts)


def _digest(facts: tuple[object, ...]) -> str:
    return hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()
