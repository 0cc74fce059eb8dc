"""Which goods VK cannot have as things are, as SQL: what `readiness` says of a page's, for lists and counts.

Nothing of it is kept, so that a refresh, a setting or a photo leaves nothing behind that is out of date. None
of the conditions is ever NULL: lists ask for the opposite, too.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, false, func, not_, or_, select, true

from app.catalog.lists.everywhere import is_among, key
from app.catalog.lists.in_vk import has_no_photo, in_states, is_in_state
from app.catalog.lists.obstacles import Bounds, Needs, Obstacles
from app.data.db import db
from app.data.given import all_texts, is_one_of
from app.mirror.good_types import SERVICE, UNTOLD
from app.publishing.planning.existing import FAILED, HIDDEN, LIVE
from app.publishing.planning.forbidden import FORBIDDEN_TYPES
from app.publishing.planning.settings import BLOCK, CARD, HIDE, NOT_MERGED
from app.publishing.settings.models import PublicationSettings
from app.publishing.types_in_sql import type_begins


def is_unready(obstacles: Obstacles, user_id: int, store_id: str | None, goods: Any) -> ColumnElement[bool]:
    """Whether VK cannot have a good, or has refused it; the rules may publish it or not."""
    settings = obstacles.settings
    good = key(store_id, goods.store_evotor_id, goods.evotor_id)
    refused = is_in_state(user_id, store_id, goods, FAILED)
    if settings.merge_by != NOT_MERGED:
        is_forbidden = type_begins(FORBIDDEN_TYPES, goods)
        return or_(refused, is_forbidden, _is_forbidden_elsewhere(obstacles, store_id, goods))

    def must_hide(needs: Needs) -> ColumnElement[bool]:
        return or_(_has_no_price(needs, goods), _has_run_out(needs, settings.reserve, goods))

    def lacks(needs: Needs) -> ColumnElement[bool]:
        if not needs.has_category:
            return true()
        is_drawn = settings.photo_fallback == CARD or not obstacles.lacks
        return or_(is_short, false() if is_drawn else has_no_photo(user_id, store_id, goods))

    is_short = _is_one_of(goods.id, obstacles.short)
    is_in_vk = is_among(good, in_states(user_id, store_id, LIVE, HIDDEN))
    return or_(
        _is_of_wrong_type(goods, is_service_too=settings.services == BLOCK),
        goods.allow_to_sell.is_(False) if settings.not_on_sale == HIDE else false(),
        _by_needs(obstacles, store_id, goods, must_hide),
        and_(_by_needs(obstacles, store_id, goods, lacks), not_(is_in_vk)),
        refused,
    )


def _is_forbidden_elsewhere(obstacles: Obstacles, store_id: str | None, goods: Any) -> ColumnElement[bool]:
    """Whether a good is one with another store's that VK forbids; they are as few as are joined with such."""
    of_stores = defaultdict(list)
    for store, good_id in obstacles.elsewhere:
        if store_id in (None, store):
            of_stores[store].append(good_id)
    dialect = db.engine.dialect.name
    places = (
        and_(goods.store_evotor_id == store, is_one_of(goods.evotor_id, all_texts(ids, dialect)))
        for store, ids in of_stores.items()
    )
    return or_(false(), *places)


def _is_one_of(number: Any, numbers: Collection[int]) -> ColumnElement[bool]:
    if not numbers:
        return false()
    # As texts, all in one parameter: they may be thousands.
    return is_one_of(cast(number, String), all_texts(list(map(str, numbers)), db.engine.dialect.name))


def waits_for_vk(obstacles: Obstacles, user_id: int, store_id: str | None, goods: Any) -> ColumnElement[bool]:
    """Whether VK can have a good and does not show it yet; the rules may publish it or not."""
    good = key(store_id, goods.store_evotor_id, goods.evotor_id)
    is_live = is_among(good, in_states(user_id, store_id, LIVE))
    return and_(not_(is_live), not_(is_unready(obstacles, user_id, store_id, goods)))


def has_no_stock(user_id: int, goods: Any) -> ColumnElement[bool]:
    """Whether the till has none of a good to sell, by its owner's reserve."""
    reserve = select(PublicationSettings.reserve).filter_by(user_id=user_id).scalar_subquery()
    return and_(_is_known(goods.quantity), goods.quantity <= func.coalesce(reserve, 0))


def _is_known(column: Any) -> ColumnElement[bool]:
    return column.is_not(None)


def _by_needs(
    obstacles: Obstacles, store_id: str | None, goods: Any, make: Callable[[Needs], ColumnElement[bool]]
) -> ColumnElement[bool]:
    """What `make` tells of the needs of a good, which are those of its group."""
    dialect = db.engine.dialect.name
    cases = []
    for needs, of_stores in obstacles.of_groups.items():
        places = (
            and_(goods.store_evotor_id == store, is_one_of(goods.group_evotor_id, all_texts(groups, dialect)))
            for store, groups in of_stores.items()
            if store_id in (None, store)
        )
        cases.append((or_(false(), *places), make(needs)))
    others = make(obstacles.of_others)
    return case(*cases, else_=others) if cases else others


def _is_of_wrong_type(goods: Any, *, is_service_too: bool) -> ColumnElement[bool]:
    is_service = _is_service(goods) if is_service_too else false()
    return or_(type_begins((UNTOLD, *FORBIDDEN_TYPES), goods), is_service)


def _is_service(goods: Any) -> ColumnElement[bool]:
    return func.coalesce(goods.product_type, "") == SERVICE


def _has_run_out(needs: Needs, reserve: Any, goods: Any) -> ColumnElement[bool]:
    if needs.may_run_out:
        return false()
    return and_(_is_known(goods.quantity), goods.quantity <= reserve, not_(_is_service(goods)))


def _has_no_price(needs: Needs, goods: Any) -> ColumnElement[bool]:
    wrong = {units: _is_outside(bounds, goods) for units, bounds in needs.prices}
    dialect = db.engine.dialect.name
    of_units = [
        (is_one_of(func.coalesce(goods.measure_name, ""), all_texts(units, dialect)), wrong[units])
        for units in wrong
        if units is not None
    ]
    is_wrong = case(*of_units, else_=wrong[None]) if of_units else wrong[None]
    return or_(goods.price.is_(None), is_wrong)


def _is_outside(bounds: Bounds, goods: Any) -> ColumnElement[bool]:
    if bounds.least is None:
        return true()
    is_less: ColumnElement[bool] = goods.price < bounds.least
    return is_less if bounds.most is None else or_(is_less, goods.price > bounds.most)
