"""Time that passes at once: what publication has noted becomes older, and the clock of VK goes ahead."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from app.data.db import db
from app.data.types import UtcDateTime
from app.publishing.ledger.models import DoubtedLook, Listing, MarketAlbum
from app.publishing.run.models import MarketReading, Publication
from app.publishing.settings.models import PublicationSettings
from app.rules.models import SyncConfig
from sandbox.vk.world import VkWorld

_NOTED = (Publication, MarketReading, Listing, MarketAlbum, DoubtedLook, PublicationSettings, SyncConfig)


def let_pass(by: timedelta, vk: VkWorld) -> None:
    """Let so much time pass. Commits."""
    vk.ahead += by.total_seconds()
    for table in _NOTED:
        _make_older(table.__table__, by)
    db.session.commit()
    db.session.expire_all()


def _make_older(table: Any, by: timedelta) -> None:
    keys = table.primary_key.columns
    moments = [column for column in table.c if isinstance(column.type, UtcDateTime)]
    rows = [
        {f"of_{key.name}": value for key, value in zip(keys, row, strict=False)}
        | {f"to_{c.name}": at and at - by for c, at in zip(moments, row[len(keys) :], strict=True)}
        for row in db.session.execute(select(*keys, *moments))
    ]
    if rows:
        older = update(table).where(*(key == bindparam(f"of_{key.name}") for key in keys))
        db.session.connection().execute(older.values({c: bindparam(f"to_{c.name}") for c in moments}), rows)
