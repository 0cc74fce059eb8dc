"""The settings written down."""

from collections.abc import Mapping
from typing import Any

from app.data.db import db
from app.data.types import now
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT, settings_row


def save_settings(user_id: int, chosen: Mapping[str, Any]) -> PublicationSettings:
    """Keep what the owner has chosen; what is not named keeps its value, or gets the default. Commits."""
    row = settings_row(user_id)
    if row is None:
        defaults = {name: getattr(Settings(), name) for name in KEPT} | {"store_order": []}
        row = PublicationSettings(user_id=user_id, **defaults)
        db.session.add(row)
    for name in KEPT:
        if name in chosen:
            setattr(row, name, chosen[name])
    row.configured_at = row.configured_at or now()
    row.updated_at = now()
    db.session.commit()
    return row
