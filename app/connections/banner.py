"""The banner of every page: what needs the owner."""

from flask import Flask
from flask_login import current_user
from sqlalchemy import select

from app.connections.cards import Card, card_of
from app.connections.models import NEEDS_OWNER, PROVIDERS, CloudAccount
from app.data.db import db


def init_alerts(app: Flask) -> None:
    """Offer `connection_alerts()` to the templates."""
    app.add_template_global(connection_alerts)


def connection_alerts() -> list[Card]:
    """Describe the visitor's connections that only they can mend; one query, none for a stranger."""
    if not current_user.is_authenticated:
        return []
    broken = db.session.scalars(
        select(CloudAccount).filter_by(user_id=current_user.id).where(CloudAccount.status.in_(NEEDS_OWNER))
    )
    cards = [card_of(connection.provider, connection) for connection in broken]
    return sorted(cards, key=lambda card: PROVIDERS.index(card.provider))
