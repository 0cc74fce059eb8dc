"""The banner of every page: what needs the owner."""

from flask import Flask, g
from flask_login import current_user

from app.connections.cards import Card, card_of
from app.connections.may_publish import connections_by_provider
from app.connections.models import NEEDS_OWNER, PROVIDERS, CloudAccount


def init_alerts(app: Flask) -> None:
    """Offer `connection_alerts()` to the templates."""
    app.add_template_global(connection_alerts)


def connection_alerts() -> list[Card]:
    """Describe the visitor's connections that only they can mend; one query, none for a stranger."""
    if not current_user.is_authenticated:
        return []
    owned = visitors_connections()
    broken = [owned[provider] for provider in PROVIDERS if provider in owned]
    return [card_of(each.provider, each) for each in broken if each.status in NEEDS_OWNER]


def visitors_connections() -> dict[str, CloudAccount]:
    """Read the visitor's connections for the frame of a page, whose parts ask for them one after another."""
    if "visitors_connections" not in g:
        g.visitors_connections = connections_by_provider(current_user.id)
    return g.visitors_connections
