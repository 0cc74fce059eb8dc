"""Encrypt every stored secret under the newest key."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from app.connections.models import CloudAccount, EvotorAccount
from app.data import crypto
from app.data.db import db

BATCH = 500

# Each encrypted column with the key of its row.
_secrets: list[tuple[Any, Any]] = [
    (CloudAccount.id, CloudAccount.credentials),
    (EvotorAccount.external_user_id, EvotorAccount.credentials),
]


def rotate_too(row_key: Any, secret: Any) -> None:
    """Name an encrypted column of a feature above, with the key of its row; `secret` is a `credentials`."""
    if all(known is not secret for _, known in _secrets):
        _secrets.append((row_key, secret))


@dataclass
class Rotation:
    """What a rotation did; `unreadable` names the rows that no key decrypts, as `connections 7`."""

    rotated: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate_secrets() -> Rotation:
    """Encrypt what is not under the first of TOKEN_KEYS; commits batch by batch, so it may be run again."""
    rotation = Rotation()
    for row_key, secret in _secrets:
        for batch in _batches(row_key, secret):
            for key, text in batch:
                _rotate(rotation, row_key, secret, key, text)
            db.session.commit()
    return rotation


def unreadable_secrets() -> int:
    """Count the stored secrets that no key decrypts."""
    unreadable = 0
    for row_key, secret in _secrets:
        for batch in _batches(row_key, secret):
            for _, text in batch:
                try:
                    crypto.rotated(text)
                except crypto.UnknownKey:
                    unreadable += 1
    return unreadable


def _rotate(rotation: Rotation, row_key: Any, secret: Any, key: Any, text: str) -> None:
    try:
        renewed = crypto.rotated(text)
    except crypto.UnknownKey:
        rotation.unreadable.append(f"{row_key.class_.__tablename__} {key}")
        return
    if renewed is None:
        rotation.current += 1
        return
    # A secret that was replaced meanwhile is under the newest key already and must stay.
    db.session.execute(
        update(row_key.class_)
        .where(row_key == key, secret == text)
        .values(credentials=renewed)
        .execution_options(synchronize_session=False)
    )
    rotation.rotated += 1


def _batches(row_key: Any, secret: Any) -> Iterator[list[tuple[Any, str]]]:
    statement = select(row_key, secret).where(secret.is_not(None)).order_by(row_key).limit(BATCH)
    rows = db.session.execute(statement).all()
    while rows:
        yield [(key, text) for key, text in rows]
        rows = db.session.execute(statement.where(row_key > rows[-1][0])).all()
