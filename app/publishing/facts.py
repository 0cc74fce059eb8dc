"""What is known of an owner's publication in one statement, which every page with the line above it makes."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from flask import g
from flask_login import current_user
from sqlalchemy import Select, bindparam, func, literal, select

from app.connections.may_publish import chosen_community_id, community_of
from app.connections.models import VK, CloudAccount
from app.data.db import db
from app.mirror.stores import only_store_id
from app.publishing.ledger.models import Listing
from app.publishing.planning.existing import LIVE
from app.publishing.planning.plan import Plan
from app.publishing.run.models import Publication
from app.publishing.settings.models import PublicationSettings
from app.publishing.unsent import keep_waiting, mark_of, select_mark, waiting_of
from app.rules.models import SyncConfig

# So many columns of the statement below are facts; the others are of the mark alone.
_TOLD = 10


class Facts(NamedTuple):
    """What the state is told from; `left` is how many goods the last run has still to send.

    `waiting` goods are to be sent by this or another, None where that is not known; `mark` is of all that
    they are told by: see `app.publishing.unsent`.
    """

    is_enabled: bool | None
    configured_at: datetime | None
    is_auto: bool | None
    live: int
    run_id: int | None
    status: str | None
    error: str | None
    resume_at: datetime | None
    only_store_id: str | None
    left: int | None
    waiting: int | None = None
    mark: str = ""


def facts_here() -> tuple[Facts, Mapping[str, CloudAccount]]:
    """The facts for the page that is being made: its navigation and its strip ask for the same."""
    if "publication_facts" not in g:
        g.publication_facts = facts_of(current_user.id)
    return g.publication_facts


def facts_of(user_id: int) -> tuple[Facts, Mapping[str, CloudAccount]]:
    """Read the facts and the owner's connections, by provider, which say the rest; one query."""
    rows = db.session.execute(_facts_and_connections(), {"user_id": user_id}).all()
    owned = {connection.provider: connection for *_, connection in rows if connection is not None}
    facts, vk = Facts(*rows[0][:_TOLD]), owned.get(VK)
    mark = mark_of((facts, *rows[0][_TOLD:-1], vk and (vk.id, vk.status), community_of(vk)))
    return facts._replace(waiting=waiting_of(user_id, mark, facts.status, facts.left), mark=mark), owned


def note_plan(user_id: int, plan: Plan) -> Facts:
    """Give the facts of this page with what a plan tells, which was made after they were read."""
    facts, owned = facts_here()
    keep_waiting(user_id, facts.mark, plan)
    facts = facts._replace(waiting=waiting_of(user_id, facts.mark, facts.status, facts.left))
    g.publication_facts = facts, owned
    return facts


@cache
def _facts_and_connections() -> Select[Any]:
    # Built once: building it takes longer than running it.
    user_id = bindparam("user_id", type_=SyncConfig.user_id.type)
    live = (
        select(func.count())
        .select_from(Listing)
        .where(Listing.user_id == user_id, Listing.state == LIVE)
        .where(Listing.community_id == chosen_community_id(user_id))
    )
    last = select(func.max(Publication.id)).where(Publication.user_id == user_id)
    # One row, so that an owner who has nothing yet has one, too.
    owner = select(literal(1).label("one")).subquery("owner")
    return (
        select(
            SyncConfig.is_enabled,
            PublicationSettings.configured_at,
            PublicationSettings.auto,
            live.scalar_subquery(),
            Publication.id,
            Publication.status,
            Publication.error,
            Publication.resume_at,
            only_store_id(user_id),
            Publication.left,
            SyncConfig.updated_at,
            PublicationSettings.updated_at,
            *select_mark(user_id),
            CloudAccount,
        )
        .select_from(owner)
        .outerjoin(SyncConfig, SyncConfig.user_id == user_id)
        .outerjoin(PublicationSettings, PublicationSettings.user_id == user_id)
        .outerjoin(Publication, Publication.id == last.scalar_subquery())
        .outerjoin(CloudAccount, CloudAccount.user_id == user_id)
    )
