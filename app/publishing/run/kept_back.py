"""May buyers see a listing by what holds now: the one question of all that brings something back to them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from app.data.db import db
from app.mirror.departed import DepartedGood
from app.publishing.goods import are_published
from app.publishing.ledger.entries import listed_of
from app.publishing.ledger.models import ListingGood
from app.publishing.ledger.of_run import Problem
from app.publishing.planning.existing import LIVE
from app.publishing.planning.good import Key
from app.publishing.run.forbidden_listings import forbidden_listings
from app.publishing.settings.models import GroupSettings, PublicationSettings
from app.rules.as_sql import rules_on
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.read import policy_of, present_config
from app.rules.waiting import WAIT

FORBIDDEN = Problem("forbidden", "ВКонтакте запрещает продажу этого товара, поэтому он не возвращён")
EXCLUDED = Problem("excluded", "Товар исключён правилами или ждёт вашего решения, поэтому он не возвращён")

_behind = ListingGood.__table__.c


def kept_back(user_id: int, community_id: int) -> dict[int, Problem]:
    """The owner's listings in a community that must not come before buyers now, each with the reason.

    They are excluded by rules, wait for the owner's decision, or VK forbids them. What the till has no more
    may come back, unless a rule excludes it or may do so, or it may have to wait: nobody knows any more in
    which group it lay and which conditions it met.
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
    """Tells of a good that the till has no more whether nothing can exclude it, or have it wait."""
    own = rules_on(user_id, PRODUCT).subquery().c
    is_ruled = _is_behind(user_id, own.store_evotor_id, own.entity_id)
    ruled = select(own.store_evotor_id, own.entity_id, own.filter_mode).where(is_ruled)
    modes = {(store_id, product_id): mode for store_id, product_id, mode in db.session.execute(ruled)}
    of_stores = {store_id: mode for store_id, _, mode in db.session.execute(rules_on(user_id, STORE))}
    groups = rules_on(user_id, GROUP).subquery().c
    in_groups = select(groups.store_evotor_id).where(groups.filter_mode == EXCLUDE).distinct()
    with_excluded = set(db.session.scalars(in_groups))
    default = present_config(user_id).default_mode
    if any(criterion.mode == EXCLUDE for criterion in policy_of(user_id).criteria):
        default = EXCLUDE

    is_news = _is_behind(user_id, DepartedGood.store_evotor_id, DepartedGood.evotor_id)
    news = select(DepartedGood.store_evotor_id, DepartedGood.evotor_id).where(
        DepartedGood.user_id == user_id, DepartedGood.is_news, is_news, _some_wait(user_id)
    )
    waiting = {(store_id, product_id) for store_id, product_id in db.session.execute(news)}

    def may_return(key: Key) -> bool:
        store_id, _ = key
        if key in modes or key in waiting:
            return modes.get(key) == INCLUDE
        return store_id not in with_excluded and of_stores.get(store_id, default) == INCLUDE

    return may_return


def _is_behind(user_id: int, store_id: Any, product_id: Any) -> ColumnElement[bool]:
    behind = _behind.user_id == user_id, _behind.store_evotor_id == store_id, _behind.evotor_id == product_id
    return select(_behind.listing_id).where(*behind).exists()


def _some_wait(user_id: int) -> ColumnElement[bool]:
    """Whether the owner wants any new goods to wait."""
    tables = PublicationSettings, GroupSettings
    return or_(*(select(each.user_id).filter_by(user_id=user_id, new_goods=WAIT).exists() for each in tables))
