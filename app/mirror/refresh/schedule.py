"""The refreshes that nobody has to ask for."""

from sqlalchemy import select

from app.connections.models import EVOTOR, RECONNECT, CloudAccount
from app.data.db import db
from app.mirror.refresh.requests import request_refresh
from app.work.jobs import job


@job
def refresh_due_catalogues() -> None:
    """Queue a run for every owner whose Evotor can be asked; one that is running already is joined."""
    owners = db.session.scalars(
        select(CloudAccount.user_id).where(CloudAccount.provider == EVOTOR, CloudAccount.status != RECONNECT)
    ).all()
    for user_id in owners:
        request_refresh(user_id)
