"""The owner's goods as the plan takes them: facts of the till, the rules' outcome, pictures."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, type_coerce
from sqlalchemy.orm import scoped_session
from sqlalchemy.types import NullType

from app.data.db import db
from app.data.types import fits_id, now
from app.mirror.groups import parents_of
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, FormerPrice, GroupSize
from app.publishing.decimals import decimals
from app.publishing.descriptions import Descriptions, has_markup
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.planning.good import Good, Key
from app.publishing.settings.models import PublicationSettings
from app.rules.policy import Policy
from app.rules.published import published_goods, read_policy
from app.rules.read import policy_of

_goods = CachedProduct.__table__
_groups = CachedGroup.__table__
_behind = ListingGood.__table__
_listings = Listing.__table__
# Few: each may have ten thousand letters of four bytes.
_ROWS_A_CHUNK = 500
# Statements are kept for so many policies; most owners have none, and so the same.
_POLICIES_KEPT = 64

_USER_ID = bindparam("user_id", type_=_goods.c.user_id.type)
_COMMUNITY_ID = bindparam("community_id", type_=_listings.c.community_id.type)

# What statements are executed by: the session of a request or a job, or a connection of its own.
Source = Connection | scoped_session[Any]

# The rules' outcome stands between the two; prices and stock come as the driver has them.
_BEFORE_RULES = (_goods.c.store_evotor_id, _goods.c.evotor_id, _goods.c.name)
_FACTS = (
    _goods.c.product_type,
    type_coerce(_goods.c.price, NullType()),
    type_coerce(_goods.c.quantity, NullType()),
    _goods.c.measure_name,
    _goods.c.allow_to_sell,
    _goods.c.group_evotor_id,
    *(_goods.c.code, _goods.c.article_number, _goods.c.barcodes, _goods.c.description),
)


def goods_of(
    user_id: int,
    community_id: int,
    *,
    former_days: int | None = None,
    on_many: Callable[[], object] = lambda: None,
) -> Iterator[Good]:
    """Yield what the rules publish and what stands behind a listing, by store and name.

    former_days: for how long a former price counts; None: as the owner has chosen. on_many: as in
    `Descriptions`.
    """
    ids = {"user_id": user_id, "community_id": community_id}
    yield from _read(ids, _wanted(policy_of(user_id)), former_days, on_many=on_many)


def goods_on_offer(user_id: int, source: Source) -> Iterator[Good]:
    """Yield what the rules publish and nothing else, by store and name, read through `source`."""
    yield from _read({"user_id": user_id}, _on_offer(read_policy(source, user_id)), source=source)


def every_good_of(user_id: int, on_many: Callable[[], object] = lambda: None) -> Iterator[Good]:
    """Yield all goods of the till, published or not, by store and name; on_many: as above."""
    every = _with_facts(published_goods(user_id, policy=policy_of(user_id)))
    yield from _read({"user_id": user_id}, every, on_many=on_many)


def good_of(user_id: int, store_id: str, product_id: str) -> Good | None:
    """Read one good, published or not; None when the owner has none of this id, or nobody could have it."""
    if not (fits_id(store_id) and fits_id(product_id)):
        return None
    statement = published_goods(user_id, store_id, policy=policy_of(user_id))
    is_it = and_(_goods.c.store_evotor_id == store_id, _goods.c.evotor_id == product_id)
    return next(_read({"user_id": user_id}, _with_facts(statement.where(is_it))), None)


# Built once for all owners: to build one takes longer than to read a small shop by it.
@lru_cache(maxsize=_POLICIES_KEPT)
def _wanted(policy: Policy) -> Select[Any]:
    """What the owner's rules publish, and what stands behind a listing in the community."""
    statement = published_goods(_USER_ID, policy=policy)
    is_listed = (
        select(_behind.c.listing_id)
        .join(_listings, _listings.c.id == _behind.c.listing_id)
        .where(
            _behind.c.user_id == _USER_ID,
            _behind.c.store_evotor_id == _goods.c.store_evotor_id,
            _behind.c.evotor_id == _goods.c.evotor_id,
            _listings.c.community_id == _COMMUNITY_ID,
        )
        .correlate(_goods)
        .exists()
    )
    return _with_facts(statement.where(or_(statement.selected_columns.is_published, is_listed)))


@lru_cache(maxsize=_POLICIES_KEPT)
def _on_offer(policy: Policy) -> Select[Any]:
    """What the owner's rules publish."""
    statement = published_goods(_USER_ID, policy=policy)
    return _with_facts(statement.where(statement.selected_columns.is_published))


def _with_facts(statement: Select[Any]) -> Select[Any]:
    """The columns that `_read` takes."""
    is_published = statement.selected_columns.is_published
    return statement.with_only_columns(*_BEFORE_RULES, is_published, *_FACTS, _goods.c.id)


def _read(
    ids: dict[str, int],
    statement: Select[Any],
    former_days: int | None = None,
    source: Source = db.session,
    on_many: Callable[[], object] = lambda: None,
) -> Iterator[Good]:
    user_id = ids["user_id"]
    stores: dict[str, str] = dict(
        source.execute(select(CachedStore.evotor_id, CachedStore.name).filter_by(user_id=user_id)).all()
    )
    groups = _names_of(user_id, source)
    own, of_groups = _photos_of(user_id, source)
    if of_groups:
        of_groups = _inherited(of_groups, parents_of(user_id, source))
    former = _former_prices_of(user_id, former_days, source)
    # Past the session, which would look at each row once more.
    connection = source if isinstance(source, Connection) else source.connection()
    price_of, quantity_of = decimals(connection, _goods.c.price), decimals(connection, _goods.c.quantity)
    # What thousands of goods have in common is kept once.
    once: dict[Any, Any] = {}
    same, make = once.setdefault, tuple.__new__
    texts = Descriptions(on_many)
    # Closed also when nobody reads to the end: some of the goods are enough for a preview.
    with connection.execute(statement, ids, execution_options={"yield_per": _ROWS_A_CHUNK}) as result:
        rows: Iterator[Any] = chain.from_iterable(result.partitions())
        for row in rows:
            store_id, product_id, name, published, kind, price, count, unit, on_sale, group_id, *rest = row
            code, article, barcodes, description, number = rest
            if has_markup(name):
                texts.count(name)
            if description is not None:
                description = texts.short(description)
            store_id, group_id = same(store_id, store_id), same(group_id, group_id)
            place = (store_id, group_id)
            photos = own.get((store_id, product_id)) or of_groups.get(place, ())
            before = former.get((store_id, product_id)) if former else None
            # In the order of `Good`, whose own way to be made takes three times as long.
            facts: tuple[Any, ...] = (
                store_id,
                product_id,
                name,
                published,
                same(kind, kind),
                price_of(price),
            )
            facts += (quantity_of(count), same(unit, unit), on_sale, group_id, groups.get(place), code)
            facts += (article, barcodes, description, stores.get(store_id), photos, number, before)
            yield make(Good, facts)


def _former_prices_of(user_id: int, days: int | None, source: Source) -> dict[Key, Decimal]:
    """What goods cost before the change that the owner still lets buyers see; one statement without any."""
    if days is None:
        days = source.scalar(select(PublicationSettings.old_price_days).filter_by(user_id=user_id))
    if not days:
        return {}
    rows = source.execute(
        select(FormerPrice.store_evotor_id, FormerPrice.evotor_id, FormerPrice.price).where(
            FormerPrice.user_id == user_id,
            # What changed in the future, before the clock was set back, is of no known day.
            FormerPrice.changed_at.between(now() - timedelta(days=days), now()),
        )
    )
    return {(store_id, product_id): price for store_id, product_id, price in rows}


_Groups = dict[tuple[str, str | None], str]


def _names_of(user_id: int, source: Source) -> _Groups:
    """The names of groups that goods lie in: of others no good asks."""
    places = ((GroupSize.store_evotor_id, "store_evotor_id"), (GroupSize.group_evotor_id, "evotor_id"))
    holds_goods = and_(GroupSize.user_id == user_id, *(each == _groups.c[name] for each, name in places))
    columns = (_groups.c.store_evotor_id, _groups.c.evotor_id, _groups.c.name)
    rows = source.execute(select(*columns).join(GroupSize, holds_goods).where(_groups.c.user_id == user_id))
    same = dict[str, str]().setdefault
    return {(same(store_id, store_id), group_id): name for store_id, group_id, name in rows}


_Photos = dict[tuple[str, str | None], tuple[str, ...]]


def _photos_of(user_id: int, source: Source) -> tuple[_Photos, _Photos]:
    """Digests by good, and digests by group."""
    rows = source.execute(
        select(
            GoodPhoto.store_evotor_id,
            GoodPhoto.evotor_id,
            GoodPhoto.group_evotor_id,
            Photo.digest,
        )
        .join(Photo, Photo.id == GoodPhoto.photo_id)
        .where(GoodPhoto.user_id == user_id)
        .order_by(GoodPhoto.place, GoodPhoto.id)
    )
    own: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    of_groups: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
    for store_id, product_id, group_id, digest in rows:
        if product_id is not None:
            own[store_id, product_id].append(digest)
        else:
            of_groups[store_id, group_id].append(digest)
    return _tuples(own), _tuples(of_groups)


def _tuples(found: dict[tuple[str, str | None], list[str]]) -> _Photos:
    return {key: tuple(digests) for key, digests in found.items()}


def _inherited(of_groups: _Photos, parents: dict[Key, str | None]) -> _Photos:
    """Hand the pictures of groups down to the groups below that have none of their own."""
    found = dict(of_groups)
    for key in parents:
        store_id, at, way_up = key[0], key, []
        while at not in found:
            # Until it is known: where a loop closes and where a line ends there are no pictures.
            found[at] = ()
            way_up.append(at)
            parent = parents.get(at)
            at = at if parent is None else (store_id, parent)
        found.update(dict.fromkeys(way_up, found[at]))
    return found
