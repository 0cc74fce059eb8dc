"""The banner of every page: what needs the owner."""

from collections.abc import Mapping

from flask import Flask, g
from flask_login import current_user

from app.connections.cards import Card, card_of
from app.connections.may_publish import connections_by_provider
from app.connections.models import EVOTOR, NEEDS_OWNER, PROVIDERS, CloudAccount
from app.connections.problems import Problem, problem_of


def init_alerts(app: Flask) -> None:
    """Offer to the templates what is wrong with their visitor's connections."""
    app.add_template_global(connection_alerts)
    app.add_template_global(evotor_problem)


def connection_alerts() -> list[Card]:
    """Describe the visitor's connections that only they can mend; at most one query."""
    if not current_user.is_authenticated:
        return []
    owned = visitors_connections()
    broken = [owned[provider] for provider in PROVIDERS if provider in owned]
    return [card_of(each.provider, each) for each in broken if each.status in NEEDS_OWNER]


def evotor_problem() -> Problem | None:
    """Tell what is wrong with the visitor's Evotor now, with what mends it; at most one query."""
    return problem_of(EVOTOR, visitors_connections().get(EVOTOR))


def visitors_connections() -> Mapping[str, CloudAccount]:
    """Read the visitor's connections for the frame of a page, unless a part of it has read them already."""
    if "visitors_connections" not in g:
        keep_visitors_connections(connections_by_provider(current_user.id))
    kept: Mapping[str, CloudAccount] = g.visitors_connections
    return kept


def keep_visitors_connections(owned: Mapping[str, CloudAccount]) -> None:
    """Keep the visitor's connections, by provider, for what else of this page needs them."""
    g.visitors_connections = owned
