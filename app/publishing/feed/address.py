"""The secret address of a price list: made, shown to its owner, replaced, closed; found by whoever has it."""

import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import delete, select

from app.data import crypto
from app.data.db import db
from app.data.engine import insert_or_update
from app.data.types import now
from app.publishing.feed.models import Feed
from app.publishing.settings.save import prepare_settings

_RANDOM_BYTES = 32


class FoundFeed(NamedTuple):
    """Whose price list a secret opens."""

    user_id: int
    digest: str


def feed_of(user_id: int) -> Feed | None:
    """Find the owner's price list; None while it is switched off."""
    return db.session.get(Feed, user_id)


def open_feed(user_id: int) -> None:
    """Give the owner's price list a new address; one that it had stops at once. Commits."""
    secret = secrets.token_urlsafe(_RANDOM_BYTES)
    values = {
        "digest": digest_of(secret),
        "credentials": crypto.encrypt({"secret": secret}),
        "made_at": now(),
        "downloaded_at": None,
        "outcome": None,
    }
    # By their row the version tells that pictures have changed.
    prepare_settings(user_id)
    statement = insert_or_update(db.engine.dialect.name, Feed.__table__).values(user_id=user_id, **values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
    db.session.commit()


def close_feed(_sender: object = None, *, user_id: int) -> None:
    """Switch the owner's price list off for good: its address never opens again. Commits."""
    forget_feed(user_id=user_id)
    db.session.commit()


def forget_feed(_sender: object = None, *, user_id: int) -> None:
    """Do so in the session's transaction, which the caller commits."""
    db.session.execute(delete(Feed).filter_by(user_id=user_id))


def secret_of(feed: Feed) -> str | None:
    """Read the secret to show it to its owner; None when no key of TOKEN_KEYS decrypts it any more."""
    try:
        secret: str = crypto.decrypt(feed.credentials)["secret"]
    except crypto.UnknownKey:
        return None
    return secret


def find_feed(secret: str) -> FoundFeed | None:
    """Find the price list that this secret opens; one look-up by digest, be the secret right or wrong."""
    digest = digest_of(secret)
    user_id = db.session.scalar(select(Feed.user_id).filter_by(digest=digest))
    return None if user_id is None else FoundFeed(user_id, digest)


def digest_of(secret: str) -> str:
    """What a secret is looked up by, so that comparing takes no longer for a better guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
