"""The same good in other stores of its owner's: told in its row, with the way to all of them.

Rows are not folded into one: each store's good has a rule, a result and a price of its own, and lists, their
files and their totals count the same goods. The same is what stands behind one listing, or what has both the
name and a barcode in common: an index leads to names.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, literal, null, select, tuple_, union_all
from sqlalchemy.orm import aliased

from app.catalog.lists.surroundings import USER_ID
from app.data.db import db
from app.mirror.models import CachedProduct, CachedStore
from app.publishing.ledger.models import ListingGood
from app.web.addresses import url_for
from app.web.formatting import plural

SAME = "same"
# A name that a whole store shares is no name: no more of them are looked at.
_MOST_LOOKED_AT = 2000


class Elsewhere(NamedTuple):
    """«ещё в 2 магазинах», and where they are seen together."""

    words: str
    url: str


class Twin(NamedTuple):
    """A good by its key, another store that has it, and the barcodes of both, a line each; None if joined."""

    good_id: int
    other_store: str
    barcodes: str | None


def find_elsewhere(user_id: int, good_id: int, store_id: str, evotor_id: str) -> Elsewhere | None:
    """Tell in how many other stores a good is; one query."""
    parameters = {"user_id": user_id, "good_ids": [good_id], "products": [(store_id, evotor_id)]}
    found = db.session.execute(union_all(*select_twins()), parameters)
    return told(Twin(number, value, name) for _, _, number, _, value, name in found).get(good_id)


def told(twins: Iterable[Twin]) -> dict[int, Elsewhere]:
    """Say of each good, by key, in how many other stores it is."""
    stores: dict[int, set[str]] = defaultdict(set)
    shared: dict[int, str] = {}
    for good_id, other_store, barcodes in twins:
        if barcodes is not None:
            own, other = (line.split() for line in barcodes.split("\n", 1))
            common = next((code for code in own if code in other), None)
            if common is None:
                continue
            shared.setdefault(good_id, common)
        stores[good_id].add(other_store)
    return {good_id: _told(good_id, len(found), shared.get(good_id)) for good_id, found in stores.items()}


def _told(good_id: int, count: int, barcode: str | None) -> Elsewhere:
    words = f"ещё в {plural(count, 'магазине', 'магазинах', 'магазинах')}"
    # The list of what has the barcode, or what the good's page says of it; by its short address.
    together = barcode is not None
    return Elsewhere(
        words,
        url_for("catalog.all_products", q=barcode) if together else f"/catalog/product/{good_id}#others",
    )


def select_twins() -> tuple[Select[Any], Select[Any]]:
    """The twins of goods, given by `good_ids` and as `products`, as `app.catalog.lists.family` reads them."""
    return _of_name(), _of_listing()


def _of_name() -> Select[Any]:
    own, other = aliased(CachedProduct), aliased(CachedProduct)
    stores = select(CachedStore.evotor_id).where(CachedStore.user_id == USER_ID)
    both = own.barcodes + "\n" + other.barcodes
    twins = (
        select(
            own.store_evotor_id,
            own.id,
            own.evotor_id,
            other.store_evotor_id.label("other"),
            both.label("both"),
        )
        .join(other, other.sort_name == own.sort_name)
        .where(other.user_id == USER_ID, other.store_evotor_id.in_(stores))
        .where(own.id.in_(bindparam("good_ids", expanding=True)), own.user_id == USER_ID)
        .where(own.barcodes.is_not(None), other.barcodes.is_not(None))
        .where(other.store_evotor_id != own.store_evotor_id)
        .limit(_MOST_LOOKED_AT)
        .subquery("of_name")
    )
    return select(literal(SAME), *twins.c)


def _of_listing() -> Select[Any]:
    own, other = aliased(ListingGood), aliased(ListingGood)
    good, there = aliased(CachedProduct), aliased(CachedProduct)
    names: Any = bindparam("products", expanding=True)
    twins = (
        select(own.store_evotor_id, good.id, own.evotor_id, other.store_evotor_id.label("other"))
        .join(other, other.listing_id == own.listing_id)
        .join(good, _is_good(good, own))
        # What is no longer in the catalogue is nowhere.
        .join(there, _is_good(there, other))
        .where(own.user_id == USER_ID, tuple_(own.store_evotor_id, own.evotor_id).in_(names))
        .where(other.store_evotor_id != own.store_evotor_id)
        .limit(_MOST_LOOKED_AT)
        .subquery("of_listing")
    )
    return select(literal(SAME), *twins.c, null())


def _is_good(good: Any, listed: Any) -> Any:
    return (
        (good.user_id == USER_ID)
        & (good.store_evotor_id == listed.store_evotor_id)
        & (good.evotor_id == listed.evotor_id)
    )
