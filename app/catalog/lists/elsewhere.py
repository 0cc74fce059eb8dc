"""The same good in other stores of its owner's: told in its row, with the way to all of them.

Each store's good has a rule, a result and a price of its own, so that lists, their files and their totals
count each for itself; what of a page is the same is folded for the eye only (`all_rows`). The same is what
stands behind one listing, or what has both the name and a barcode in common: an index leads to names.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import Select, String, and_, bindparam, cast, literal, null, select, tuple_, union_all
from sqlalchemy.orm import aliased

from app.catalog.lists.surroundings import USER_ID
from app.data.db import db
from app.mirror.folding import fold
from app.mirror.models import CachedProduct, CachedStore
from app.publishing.ledger.models import ListingGood
from app.web.addresses import url_for
from app.web.formatting import plural
from app.web.language import language

if TYPE_CHECKING:
    from app.catalog.lists.shelf import Good

SAME = "same"
# Stands for a barcode among the goods that a listing has joined.
JOINED = ""
# A name that a whole store shares is no name: no more of them are looked at.
_MOST_LOOKED_AT = 2000
# So many barcodes of a good are compared: more make it no more the same.
_MOST_BARCODES = 20


class Elsewhere(NamedTuple):
    """«ещё 2 магазина», where they are seen together, and the keys of the goods in them."""

    words: str
    url: str
    good_ids: frozenset[int] = frozenset()


class Twin(NamedTuple):
    """A good as it is compared: what is of one name, or stands behind one listing, has the same `mark`.

    `barcodes` are separated by blanks; None: the listing has joined them.
    """

    good_id: int
    store_id: str
    mark: str
    barcodes: str | None


def find_elsewhere(user_id: int, store_id: str, good: "Good") -> Elsewhere | None:
    """Tell in how many other stores a good is; one query."""
    names = {"products": [(store_id, good.evotor_id)], "sort_names": [sort_name(good.name)]}
    found = db.session.execute(union_all(*select_twins()), {"user_id": user_id} | names)
    twins = [Twin(number, store, value, name) for _, store, number, _, value, name in found]
    return told([good], twins).get(good.id)


def sort_name(name: str) -> str:
    """The name of a good as the index has it."""
    return fold(name)[:255]


def told(goods: Iterable["Good"], twins: Iterable[Twin]) -> dict[int, Elsewhere]:
    """Say of each good, by key, in how many other stores it is."""
    # A listing's key may be a good's name, too.
    by_mark: dict[tuple[bool, str], list[Twin]] = defaultdict(list)
    for twin in twins:
        by_mark[twin.barcodes is None, twin.mark].append(twin)
    wanted = {good.id for good in goods}
    store_of: dict[int, str] = {}
    goods_there: dict[int, set[int]] = defaultdict(set)
    shared: dict[int, Counter[str]] = defaultdict(Counter)
    for same in by_mark.values():
        store_of.update((twin.good_id, twin.store_id) for twin in same)
        for good_id, code, there in _in_common(same, wanted):
            goods_there[good_id] |= there
            if code != JOINED:
                shared[good_id][code] += len(there)
    spoken = language()
    found = {}
    for good_id, there in goods_there.items():
        stores = {store_of[number] for number in there}
        url = _url(good_id, shared[good_id])
        found[good_id] = Elsewhere(_words(spoken, len(stores)), url, frozenset(there))
    return found


def _in_common(same: Sequence[Twin], wanted: Container[int]) -> Iterator[tuple[int, str, set[int]]]:
    """For each wanted good of one mark and each of its barcodes, the goods of other stores that have it."""
    having: dict[str, set[int]] = defaultdict(set)
    in_store: dict[str, set[int]] = defaultdict(set)
    for twin in same:
        in_store[twin.store_id].add(twin.good_id)
        for code in _compared(twin):
            having[code].add(twin.good_id)
    for own in same:
        for code in _compared(own) if own.good_id in wanted else ():
            if there := having[code] - in_store[own.store_id]:
                yield own.good_id, code, there


def _compared(twin: Twin) -> Collection[str]:
    """What a good has to have in common with its twins: one of its barcodes."""
    return {JOINED} if twin.barcodes is None else set(twin.barcodes.split()[:_MOST_BARCODES])


@lru_cache
def _words(_spoken: str, count: int) -> str:
    """How many more stores, in the language that is spoken now."""
    return gettext("ещё %(stores)s", stores=plural(count, "магазин", "магазина", "магазинов"))


def _url(good_id: int, shared: Counter[str]) -> str:
    if not shared:
        # What the good's page says of it; by its short address.
        return f"/catalog/product/{good_id}#others"
    # The list of what has the barcode that most of them have.
    barcode = min(shared, key=lambda code: (-shared[code], code))
    return url_for("catalog.all_products", q=barcode)


def select_twins() -> tuple[Select[Any], Select[Any]]:
    """The twins of goods, given as `products` and by `sort_names`, as `family` reads them."""
    return _of_name(), _of_listing()


def _of_name() -> Select[Any]:
    goods = CachedProduct
    stores = select(CachedStore.evotor_id).where(CachedStore.user_id == USER_ID)
    twins = (
        select(goods.store_evotor_id, goods.id, goods.evotor_id, goods.sort_name, goods.barcodes)
        .where(goods.user_id == USER_ID, goods.store_evotor_id.in_(stores))
        .where(goods.sort_name.in_(bindparam("sort_names", expanding=True, type_=goods.sort_name.type)))
        .where(goods.barcodes.is_not(None))
        .limit(_MOST_LOOKED_AT)
        .subquery("of_name")
    )
    return select(literal(SAME), *twins.c)


def _of_listing() -> Select[Any]:
    own, each = aliased(ListingGood), aliased(ListingGood)
    names: Any = bindparam("products", expanding=True)
    is_good = and_(
        CachedProduct.user_id == USER_ID,
        CachedProduct.store_evotor_id == each.store_evotor_id,
        CachedProduct.evotor_id == each.evotor_id,
    )
    twins = (
        select(
            each.store_evotor_id,
            CachedProduct.id,
            each.evotor_id,
            cast(each.listing_id, String).label("mark"),
        )
        .select_from(own)
        .join(each, each.listing_id == own.listing_id)
        # What is no longer in the catalogue is nowhere.
        .join(CachedProduct, is_good)
        .where(own.user_id == USER_ID, tuple_(own.store_evotor_id, own.evotor_id).in_(names))
        .distinct()
        .limit(_MOST_LOOKED_AT)
        .subquery("of_listing")
    )
    return select(literal(SAME), *twins.c, null())
