"""What of the lists' goods is in VK: the state in every row, the counts of groups and stores, the filter."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import Select, and_, distinct, func, not_, or_, select

from app.catalog.lists.everywhere import is_among, key
from app.catalog.lists.family import ListedGood
from app.catalog.lists.filters import WAITING
from app.catalog.lists.nesting import within_each
from app.catalog.lists.readiness import KeptOut
from app.catalog.lists.surroundings import STORE_ID, USER_ID
from app.data.compiled import read_rows
from app.data.db import db
from app.data.given import given_texts
from app.mirror.models import CachedProduct
from app.publishing.ledger.as_sql import listed_goods
from app.publishing.ledger.links import address_in_vk
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.ledger.states import IS_REFUSED, shown_state
from app.publishing.photos.lending import lending_groups
from app.publishing.photos.models import GoodPhoto
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE
from app.web.language import catalogue
from app.words import gettext_noop

_WORDS = {
    LIVE: gettext_noop("в магазине"),
    HIDDEN: gettext_noop("скрыт"),
    FAILED: gettext_noop("не получилось"),
    WAITING: gettext_noop("ждёт"),
}
# A good that was joined with others once may stand behind several listings: the first of these counts.
_NEAREST = (LIVE, HIDDEN, FAILED)


class VkState(NamedTuple):
    """The cell «ВКонтакте» of a good: its state, in a word too, the listing's address, what went wrong."""

    state: str
    word: str
    url: str | None = None
    problem: str | None = None


class _Said(NamedTuple):
    """The words of the cells. What `waits` will be shown, or shown again, by the next run that can do it."""

    words: dict[str, str]
    not_ready: str
    waits: VkState
    waits_hidden: VkState


def states_in_vk(
    community_id: int | None, listed: Iterable[ListedGood], *, spoken: str
) -> dict[str, VkState]:
    """The states of goods by their ids, made of the listings behind which they stand."""
    words, say = _said(spoken).words, catalogue(spoken).ugettext
    found: dict[str, VkState] = {}
    for product_id, state, item_id, problem in listed:
        known = found.get(product_id)
        if shown_state(state, problem) not in _NEAREST or (
            known and _NEAREST.index(known.state) <= _NEAREST.index(state)
        ):
            continue
        url = address_in_vk(community_id, item_id) if state == LIVE and community_id and item_id else None
        found[product_id] = VkState(state, words[state], url, problem and say(problem))
    return found


def state_in_vk(
    listed: VkState | None, is_published: bool, kept_out: KeptOut | None = None, *, spoken: str
) -> VkState | None:
    """The cell of a good that the rules publish or not; None for one that has nothing to do in VK.

    `kept_out` says in short why it cannot be shown, None when it can.
    """
    said = _said(spoken)
    if not is_published:
        return listed
    if listed is None:
        return VkState(WAITING, f"{said.not_ready}:", problem=kept_out.word) if kept_out else said.waits
    hidden_by = kept_out.word if kept_out and kept_out.hides else None
    if listed.state == HIDDEN:
        return (
            VkState(WAITING, f"{said.words[HIDDEN]}:", problem=hidden_by) if hidden_by else said.waits_hidden
        )
    # What is to be taken off says why before it is.
    return listed._replace(problem=hidden_by) if hidden_by and listed.state == LIVE else listed


def is_unready(listed: VkState | None, kept_out: KeptOut | None) -> bool:
    """Whether VK cannot have a good that the rules publish, as things are, or has refused it.

    `app.catalog.lists.unready` says the same as SQL.
    """
    if listed is None or listed.state == FAILED:
        return listed is not None or kept_out is not None
    return kept_out is not None and kept_out.hides


@cache
def _said(spoken: str) -> _Said:
    """The words in a language, which is spoken now: a page has two hundred cells."""
    words = {state: gettext(word) for state, word in _WORDS.items()}
    hidden = VkState(WAITING, f"{words[HIDDEN]}, {words[WAITING]}")
    return _Said(words, gettext("не готов"), VkState(WAITING, words[WAITING]), hidden)


def live_in_stores(user_id: int) -> dict[str, int]:
    """How many goods of each store are in VK's shop."""
    return {store_id: count for store_id, count in read_rows(_live_in_stores(), {"user_id": user_id})}


def live_in_groups(user_id: int, store_id: str, group_ids: Collection[str]) -> dict[str, int]:
    """How many goods of the given groups, and of the groups within them, are in VK's shop."""
    given = {"user_id": user_id, "store_id": store_id, "groups": list(group_ids)}
    rows = read_rows(_live_in_groups(db.engine.dialect.name), given)
    return {group_id: int(count) for group_id, count in rows}


@cache
def _live_in_stores() -> Select[Any]:
    counted = ListingGood.store_evotor_id, func.count(distinct(ListingGood.evotor_id))
    return listed_goods(USER_ID, *counted).where(Listing.state == LIVE).group_by(ListingGood.store_evotor_id)


@cache
def _live_in_groups(dialect: str) -> Select[Any]:
    live = in_states(USER_ID, STORE_ID, LIVE).distinct().subquery()
    goods = and_(
        CachedProduct.user_id == USER_ID,
        CachedProduct.store_evotor_id == STORE_ID,
        CachedProduct.evotor_id == live.c.evotor_id,
    )
    directly = (
        select(CachedProduct.group_evotor_id, func.count().label("goods"))
        .join(live, goods)
        .group_by(CachedProduct.group_evotor_id)
        .subquery()
    )
    inside = within_each(USER_ID, STORE_ID, given_texts("groups", dialect))
    return (
        select(inside.c.root_id, func.sum(directly.c.goods))
        .join(directly, directly.c.group_evotor_id == inside.c.evotor_id)
        .group_by(inside.c.root_id)
    )


def is_in_state(user_id: int, store_id: str | None, goods: Any, state: str) -> Any:
    """Whether a good is in a state that the ledger has, as its row says it."""
    good = key(store_id, goods.store_evotor_id, goods.evotor_id)
    nearer = _NEAREST[: _NEAREST.index(state)]
    is_so = is_among(good, in_states(user_id, store_id, state))
    return and_(is_so, not_(is_among(good, in_states(user_id, store_id, *nearer)))) if nearer else is_so


def has_no_photo(user_id: int, store_id: str | None, goods: Any) -> Any:
    """Whether a good has no picture, neither its own nor one of its groups'."""
    good = key(store_id, goods.store_evotor_id, goods.evotor_id)
    group = key(store_id, goods.store_evotor_id, goods.group_evotor_id)
    own = select(*key(store_id, GoodPhoto.store_evotor_id, GoodPhoto.evotor_id)).where(
        GoodPhoto.user_id == user_id, GoodPhoto.evotor_id.is_not(None)
    )
    if store_id is not None:
        own = own.where(GoodPhoto.store_evotor_id == store_id)
    lent = lending_groups(user_id, store_id)
    lends = is_among(group, select(*key(store_id, lent.c.store_id, lent.c.group_id)))
    return and_(not_(is_among(good, own)), or_(goods.group_evotor_id.is_(None), not_(lends)))


def in_states(user_id: Any, store_id: Any, *states: str) -> Select[Any]:
    """The ids of goods that stand behind a listing in one of the states, in a store or with their stores."""
    good = key(store_id, ListingGood.store_evotor_id, ListingGood.evotor_id)
    listed = listed_goods(user_id, *good).where(
        IS_REFUSED if states == (FAILED,) else Listing.state.in_(states)
    )
    return listed if store_id is None else listed.where(ListingGood.store_evotor_id == store_id)
