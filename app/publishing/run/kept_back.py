"""May buyers see a listing by what holds now: the one question of all that brings something back to them."""

from collections.abc import Callable

from sqlalchemy import select

from app.data.db import db
from app.publishing.goods import are_published
from app.publishing.ledger.entries import listed_of
from app.publishing.ledger.models import ListingGood
from app.publishing.ledger.of_run import Problem
from app.publishing.planning.existing import LIVE
from app.publishing.planning.good import Key
from app.publishing.run.forbidden_listings import forbidden_listings
from app.rules.as_sql import rules_on
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.read import policy_of, present_config

FORBIDDEN = Problem("forbidden", "ВКонтакте запрещает продажу этого товара, поэтому он не возвращён")
EXCLUDED = Problem("excluded", "Товар исключён правилами или ждёт вашего решения, поэтому он не возвращён")

_behind = ListingGood.__table__.c


def kept_back(user_id: int, community_id: int) -> dict[int, Problem]:
    """The owner's listings in a community that must not come before buyers now, each with the reason.

    They are excluded by rules, wait for the owner's decision, or VK forbids them. What the till has no more
    may come back, unless a rule excludes it or may have done so: nobody knows any more in which group it lay
    and which conditions it met.
    """
    excluded = dict.fromkeys(_excluded(user_id, community_id), EXCLUDED)
    return excluded | dict.fromkeys(forbidden_listings(user_id, community_id), FORBIDDEN)


def _excluded(user_id: int, community_id: int) -> set[int]:
    listed = listed_of(user_id, community_id)
    published = are_published(user_id, community_id)
    alone = {entry.goods[0]: entry.listing_id for entry in listed if entry.goods and entry.state == LIVE}
    found: set[int] = set()
    may_return: Callable[[Key], bool] | None = None
    for entry in listed:
        # What has parted from others stands behind its own listing alone.
        goods = [key for key in entry.goods if alone.get(key, entry.listing_id) == entry.listing_id]
        known = [published[key] for key in goods if key in published]
        if not known:
            may_return = may_return or _rules_on_the_gone(user_id)
            known = [may_return(key) for key in goods]
        if not any(known):
            found.add(entry.listing_id)
    return found


def _rules_on_the_gone(user_id: int) -> Callable[[Key], bool]:
    """Tells whether no rule can have excluded a good that the till has no more."""
    own = rules_on(user_id, PRODUCT).subquery()
    of_listed = select(own.c.store_evotor_id, own.c.entity_id, own.c.filter_mode).join(
        ListingGood.__table__,
        (_behind.user_id == user_id)
        & (_behind.store_evotor_id == own.c.store_evotor_id)
        & (_behind.evotor_id == own.c.entity_id),
    )
    modes = {(store_id, product_id): mode for store_id, product_id, mode in db.session.execute(of_listed)}
    of_stores = {store_id: mode for store_id, _, mode in db.session.execute(rules_on(user_id, STORE))}
    groups = rules_on(user_id, GROUP).subquery().c
    in_groups = select(groups.store_evotor_id).where(groups.filter_mode == EXCLUDE).distinct()
    with_excluded = set(db.session.scalars(in_groups))
    default = present_config(user_id).default_mode
    if any(criterion.mode == EXCLUDE for criterion in policy_of(user_id).criteria):
        default = EXCLUDE

    def may_return(key: Key) -> bool:
        store_id, _ = key
        if key in modes:
            return modes[key] == INCLUDE
        return store_id not in with_excluded and of_stores.get(store_id, default) == INCLUDE

    return may_return
