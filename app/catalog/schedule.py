"""The refreshes that nobody has to ask for."""

from sqlalchemy import select

from app.catalog.refresh import request_refresh
from app.connections.models import EVOTOR, RECONNECT, Connection
from app.extensions import db
from app.jobs import job


@job
def refresh_due_catalogues() -> None:
    """Queue a run for every owner whose Evotor can be asked; one that is running already is joined."""
    owners = db.session.scalars(
        select(Connection.user_id).where(Connection.provider == EVOTOR, Connection.status != RECONNECT)
    ).all()
    for user_id in owners:
        request_refresh(user_id)
