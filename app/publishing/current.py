"""The plan of this moment: from the cache, the ledger, the settings and the last reading of VK."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from app.data.db import db
from app.publishing.goods import goods_of
from app.publishing.ledger.entries import entries_of, foreign_of
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import Plan
from app.publishing.run.limits import limits_of
from app.publishing.run.models import Publication
from app.publishing.settings.read import group_tree_of, settings_of


def current_plan(user_id: int, community_id: int) -> Plan:
    """Make the plan of what the owner's shop in this community lacks. No writing, no call to a cloud.

    Raises `app.publishing.planning.templates.TemplateError` for an unusable template.
    """
    with _no_search_for_cycles():
        return make_plan(
            goods_of(user_id, community_id),
            Existing(entries_of(user_id, community_id), foreign_of(user_id, community_id)),
            settings_of(user_id),
            group_tree_of(user_id),
            limits_of(community_id),
            is_first=not was_approved(user_id, community_id),
        )


def was_approved(user_id: int, community_id: int) -> bool:
    """Tell whether the owner has ever approved a plan for this community."""
    approved = select(Publication.id).where(
        Publication.user_id == user_id,
        Publication.community_id == community_id,
        Publication.approved_at.is_not(None),
    )
    return db.session.scalar(select(approved.exists())) or False


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Make a great many objects in less time: none of a plan refers back, and all of them are kept.

    The collector would look through them again and again, which takes a third of the whole.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
