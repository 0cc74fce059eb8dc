"""What is told of goods besides their own rows: names of stores and groups, pictures, former prices."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, and_, bindparam, literal, null, select, union_all

from app.data.compiled import Source, read_rows, read_value
from app.data.db import db
from app.data.recursion import step
from app.data.types import now
from app.mirror.groups import parents_of
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, FormerPrice, GroupSize
from app.mirror.way_up import above_goods, are_given, given, is_at, way_up
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.planning.good import Key
from app.publishing.settings.models import PublicationSettings

# A good or a group by its store and id; goods may lie in no group.
Place = tuple[str, str | None]
_Photos = Mapping[Place, tuple[str, ...]]

_groups = CachedGroup.__table__
_is_kept = Photo.id == GoodPhoto.photo_id
_USER_ID = bindparam("user_id", type_=GoodPhoto.user_id.type)
_STORES = select(CachedStore.evotor_id, CachedStore.name).where(CachedStore.user_id == _USER_ID)
_OLD_PRICE_DAYS = select(PublicationSettings.old_price_days).filter_by(user_id=_USER_ID)
# The names of groups that goods lie in: of others no good asks.
_NAMES = (
    select(_groups.c.store_evotor_id, _groups.c.evotor_id, _groups.c.name)
    .join(
        GroupSize,
        and_(
            GroupSize.user_id == _USER_ID,
            GroupSize.store_evotor_id == _groups.c.store_evotor_id,
            GroupSize.group_evotor_id == _groups.c.evotor_id,
        ),
    )
    .where(_groups.c.user_id == _USER_ID)
)
_PHOTOS = (
    select(GoodPhoto.store_evotor_id, GoodPhoto.evotor_id, GoodPhoto.group_evotor_id, Photo.digest)
    .join(Photo, _is_kept)
    .where(GoodPhoto.user_id == _USER_ID)
    .order_by(GoodPhoto.place, GoodPhoto.id)
)


class Around(NamedTuple):
    """Names by store and by group; digests of `own` pictures by good and `lent` ones by group; prices."""

    stores: Mapping[str, str]
    groups: Mapping[Place, str]
    own: _Photos
    lent: _Photos
    former: Mapping[Key, Decimal]


def around_all(user_id: int, former_days: int | None, source: Source) -> Around:
    """Read it for all goods of an owner; former_days: as in `goods_of`."""
    own, lent = _photos_of(user_id, source)
    return Around(
        _stores_of(user_id, source),
        _names_of(user_id, source),
        own,
        _inherited(lent, parents_of(user_id, source)) if lent else lent,
        _former_prices_of(user_id, former_days, source),
    )


def around_some(user_id: int, goods: Collection[Key], former_days: int | None = None) -> Around:
    """Read it for some goods of the catalogue, and nothing of groups that they do not lie in."""
    rows: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    statement = _pictures_and_groups(db.session.connection().dialect.name)
    for kind, *row in read_rows(statement, {"user_id": user_id, **given(goods)}):
        rows[kind].add(tuple(row))
    own, lent = (_in_order(rows[kind]) for kind in ("own", "lent"))
    parents = {(store_id, below): group_id for store_id, below, group_id, *_ in rows["step"]}
    return Around(
        _stores_of(user_id, db.session),
        {(store_id, group_id): name for store_id, group_id, name, *_ in rows["name"]},
        own,
        _inherited(lent, parents) if lent else lent,
        _former_prices_of(user_id, former_days, db.session, goods),
    )


@cache
def _pictures_and_groups(dialect: str) -> CompoundSelect[Any]:
    """Pictures of given goods and of groups above them, the steps up to those, and names of the first."""
    way = way_up(_USER_ID, above_goods(_USER_ID, *are_given(CachedProduct, dialect)))
    is_its = is_at(way, _USER_ID, GoodPhoto, GoodPhoto.group_evotor_id)
    is_named = is_at(way, _USER_ID, _groups.c, _groups.c.evotor_id)
    store_id, picture = GoodPhoto.store_evotor_id, (Photo.digest, GoodPhoto.place, GoodPhoto.id)
    own = select(literal("own"), store_id, GoodPhoto.evotor_id, *picture).select_from(GoodPhoto)
    lent = select(literal("lent"), store_id, GoodPhoto.group_evotor_id, *picture).select_from(
        step(way, GoodPhoto.__table__, is_its)
    )
    steps = select(literal("step"), way.c.store_id, way.c.below, way.c.group_id, null(), null())
    names = select(literal("name"), way.c.store_id, way.c.group_id, _groups.c.name, null(), null())
    return union_all(
        own.join(Photo, _is_kept).where(GoodPhoto.user_id == _USER_ID, *are_given(GoodPhoto, dialect)),
        lent.join(Photo, _is_kept),
        steps.where(way.c.below.is_not(None)),
        names.select_from(step(way, _groups, is_named)).where(way.c.below.is_(None)),
    )


def _in_order(pictures: Iterable[tuple[Any, ...]]) -> _Photos:
    """Digests by what they belong to: rows are its store and id, a digest, its place, and a number."""
    found: defaultdict[Place, list[str]] = defaultdict(list)
    for store_id, id, digest, *_ in sorted(pictures, key=lambda picture: picture[3:]):
        found[store_id, id].append(digest)
    return _tuples(found)


def _stores_of(user_id: int, source: Source) -> dict[str, str]:
    return {store_id: name for store_id, name in read_rows(_STORES, {"user_id": user_id}, source)}


def _former_prices_of(
    user_id: int, days: int | None, source: Source, goods: Collection[Key] | None = None
) -> dict[Key, Decimal]:
    """What goods, all or some, cost before the change that the owner still lets buyers see.

    One statement where buyers see none.
    """
    if days is None:
        days = read_value(_OLD_PRICE_DAYS, {"user_id": user_id}, source)
    if not days:
        return {}
    # What changed in the future, before the clock was set back, is of no known day.
    is_shown = FormerPrice.changed_at.between(now() - timedelta(days=days), now())
    prices = select(FormerPrice.store_evotor_id, FormerPrice.evotor_id, FormerPrice.price).where(
        FormerPrice.user_id == user_id, is_shown
    )
    if goods is not None:
        prices = prices.where(*are_given(FormerPrice, db.session.connection().dialect.name))
    rows = source.execute(prices, given(goods or ()))
    return {(store_id, product_id): price for store_id, product_id, price in rows}


def _names_of(user_id: int, source: Source) -> dict[Place, str]:
    rows = read_rows(_NAMES, {"user_id": user_id}, source)
    same = dict[str, str]().setdefault
    return {(same(store_id, store_id), group_id): name for store_id, group_id, name in rows}


def _photos_of(user_id: int, source: Source) -> tuple[_Photos, _Photos]:
    """Digests by good, and digests by group."""
    rows = read_rows(_PHOTOS, {"user_id": user_id}, source)
    own: defaultdict[Place, list[str]] = defaultdict(list)
    of_groups: defaultdict[Place, list[str]] = defaultdict(list)
    for store_id, product_id, group_id, digest in rows:
        if product_id is not None:
            own[store_id, product_id].append(digest)
        else:
            of_groups[store_id, group_id].append(digest)
    return _tuples(own), _tuples(of_groups)


def _tuples(found: Mapping[Place, list[str]]) -> _Photos:
    return {key: tuple(digests) for key, digests in found.items()}


def _inherited(of_groups: _Photos, parents: Mapping[Key, str | None]) -> _Photos:
    """Hand the pictures of groups down to the groups below that have none of their own."""
    found = dict(of_groups)
    for key in parents:
        store_id, at, passed = key[0], key, []
        while at not in found:
            # Until it is known: where a loop closes and where a line ends there are no pictures.
            found[at] = ()
            passed.append(at)
            parent = parents.get(at)
            at = at if parent is None else (store_id, parent)
        found.update(dict.fromkeys(passed, found[at]))
    return found
