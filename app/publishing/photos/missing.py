"""How many of the goods that are published have no photo, neither their own nor one of their groups'."""

from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from app.mirror.folding import fold
from app.mirror.models import CachedProduct, CachedStore
from app.publishing.photos.lending import lending_groups
from app.publishing.photos.models import GoodPhoto
from app.rules import as_sql
from app.rules.as_sql import StoreId, UserId
from app.rules.criteria.as_sql import mode_of_first
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.group_counts import counts_by_group, read_counts
from app.rules.policy import Policy
from app.rules.read import policy_of
from app.rules.waiting import is_waiting, waiting_goods

_goods = CachedProduct.__table__.c


class Missing(NamedTuple):
    """A store with goods that have no photo."""

    store_id: str
    name: str
    goods: int


def without_photo(user_id: int, store_id: str | None = None) -> list[Missing]:
    """Count them in each of the owner's stores that has any, or in one: the most first, then by name.

    Made of the groups' sizes, as every count of published goods: only goods with photos of their own are
    looked at one by one.
    """
    policy = policy_of(user_id)
    pictured = dict(read_counts(_with_own_photo, user_id, policy, store_id))
    rows = read_counts(_unless_lent, user_id, policy, store_id)
    found = [Missing(store, name, int(goods) - pictured.get(store, 0)) for store, name, goods in rows]
    return sorted((each for each in found if each.goods > 0), key=lambda each: (-each.goods, fold(each.name)))


def _unless_lent(user_id: UserId, policy: Policy, store_id: StoreId | None) -> Select[Any]:
    """Published goods in groups that lend no photo, by store: store_id, name, goods."""
    lent = lending_groups(user_id)
    counts = counts_by_group(user_id, policy, store_id).subquery()
    nobody_lends = lent.c.group_id.is_(None)
    in_group = and_(lent.c.store_id == counts.c.store_id, lent.c.group_id == counts.c.group_id)
    published = (
        select(counts.c.store_id, func.sum(counts.c.published).label("goods"))
        .outerjoin(lent, in_group)
        .where(nobody_lends)
        .group_by(counts.c.store_id)
        .subquery()
    )
    stores = select(CachedStore.evotor_id, CachedStore.name, published.c.goods).join(
        published, published.c.store_id == CachedStore.evotor_id
    )
    return stores.where(CachedStore.user_id == user_id)


def _with_own_photo(user_id: UserId, policy: Policy, store_id: StoreId | None) -> Select[Any]:
    """Published goods with photos of their own, in groups that lend none, by store: store_id, goods."""
    # By their keys alone, so that SQLite goes from the photos, which are few, to their goods.
    its_own = and_(
        GoodPhoto.user_id == _goods.user_id,
        GoodPhoto.store_evotor_id == _goods.store_evotor_id,
        GoodPhoto.evotor_id == _goods.evotor_id,
    )
    pictured = select(_goods.id).join(GoodPhoto, its_own).where(GoodPhoto.user_id == user_id)
    own = as_sql.rules_on(user_id, PRODUCT, store_id).subquery("own_rules")
    inherited = as_sql.inherited_by(user_id, store_id)
    lent = lending_groups(user_id)
    in_group = and_(lent.c.store_id == _goods.store_evotor_id, lent.c.group_id == _goods.group_evotor_id)
    counted: Select[Any] = (
        select(_goods.store_evotor_id, func.count())
        .select_from(CachedProduct.__table__)
        .outerjoin(own, as_sql.is_on_good(own))
        .outerjoin(lent, in_group)
    )
    counted = inherited.join(counted, _goods.store_evotor_id, _goods.group_evotor_id)
    met = mode_of_first(policy.criteria, user_id, _goods)
    waits = is_waiting(_goods.id, waiting_goods(user_id, store_id))
    is_published = inherited.decided(own.c.filter_mode, waits, met) == INCLUDE
    counted = counted.where(_goods.id.in_(pictured), is_published, lent.c.group_id.is_(None))
    if store_id is not None:
        counted = counted.where(_goods.store_evotor_id == store_id)
    return counted.group_by(_goods.store_evotor_id)
