"""The plan of this moment: from the cache, the ledger, the settings and the last reading of VK."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import bindparam, select

from app.data.compiled import read_value
from app.mirror.big_shops import MANY_GOODS, big_shop_in_turn, turn_once_big
from app.publishing.goods import goods_of
from app.publishing.joined import joins_of
from app.publishing.ledger.albums import albums_of
from app.publishing.ledger.entries import foreign_of, kept_by_others, listed_of, read_whole
from app.publishing.ledger.others import just_added_by_others
from app.publishing.planning.existing import ForeignItem
from app.publishing.planning.make import Existing, make_plan
from app.publishing.planning.plan import Plan
from app.publishing.planning.settings import NOT_MERGED
from app.publishing.planning.templates import TemplateError
from app.publishing.run.limits import limits_of
from app.publishing.run.models import AUTO, HAND, Publication
from app.publishing.settings.read import group_tree_of, settings_of

_WAS_APPROVED = select(
    select(Publication.id)
    .where(
        Publication.origin.in_((HAND, AUTO)),
        Publication.user_id == bindparam("user_id"),
        Publication.community_id == bindparam("community_id"),
        Publication.approved_at.is_not(None),
    )
    .exists()
)


def current_plan(user_id: int, community_id: int) -> Plan:
    """Make the plan of what the owner's shop in this community lacks. No writing, no call to a cloud.

    Raises `app.publishing.planning.templates.TemplateError` for an unusable template; on a page of a big shop
    429 when others are in front.
    """
    with big_shop_in_turn(user_id), turn_once_big(user_id) as take_turn, _no_search_for_cycles():
        settings = settings_of(user_id)
        entries = listed_of(user_id, community_id)
        foreign = foreign_now(user_id, community_id)
        if len(foreign) > MANY_GOODS:
            take_turn()
        return make_plan(
            goods_of(
                user_id,
                community_id,
                on_many=take_turn,
                with_forbidden=settings.merge_by != NOT_MERGED,
            ),
            Existing(
                entries,
                foreign,
                albums_of(user_id, community_id),
                partial(read_whole, user_id, community_id),
                kept_by_others(user_id, community_id),
            ),
            settings,
            group_tree_of(user_id),
            limits_of(user_id, community_id),
            joins_of(user_id, settings, entries),
            is_first=not was_approved(user_id, community_id),
            community_id=community_id,
        )


def foreign_now(user_id: int, community_id: int) -> list[ForeignItem]:
    """What is not ours: as the last reading saw it, with what other accounts have added since."""
    seen = foreign_of(user_id, community_id)
    known = {item.item_id for item in seen}
    added = just_added_by_others(user_id, community_id)
    return seen + [item for item in added if item.item_id not in known]


def usable_plan(user_id: int, community_id: int) -> Plan | None:
    """The same, None while a template of the settings cannot be used."""
    try:
        return current_plan(user_id, community_id)
    except TemplateError:
        return None


def was_approved(user_id: int, community_id: int) -> bool:
    """Tell whether the owner has ever approved a whole plan for this community.

    Who takes one good back, or what was deleted, has seen nothing of the others.
    """
    place = {"user_id": user_id, "community_id": community_id}
    return bool(read_value(_WAS_APPROVED, place))


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
