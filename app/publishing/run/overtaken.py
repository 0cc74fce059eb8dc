"""Whether what a run takes back was decided about anew while it stood: it does not go on by itself then."""

from sqlalchemy import exists, select

from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.publishing.run.models import PAUSED, UNDO, Publication
from app.rules.models import SyncConfig


def is_overtaken(run: Publication) -> bool:
    """Tell whether a paused run puts back what was before its owner decided, or the till told, otherwise."""
    if (run.origin, run.status) != (UNDO, PAUSED):
        return False
    decided = exists().where(SyncConfig.user_id == run.user_id, SyncConfig.updated_at > run.requested_at)
    told = exists().where(
        CatalogRefresh.user_id == run.user_id,
        CatalogRefresh.finished_at > run.requested_at,
        CatalogRefresh.added + CatalogRefresh.changed + CatalogRefresh.removed > 0,
    )
    return bool(db.session.scalar(select(decided | told)))
