"""Rows of goods that lie in any of an owner's stores."""

from collections.abc import Collection, Sequence

from app.catalog.lists.elsewhere import Elsewhere, sort_name, told
from app.catalog.lists.family import find_families
from app.catalog.lists.rows import ProductRow, product_rows
from app.catalog.lists.shelf import Good
from app.mirror.models import CachedStore
from app.rules.policy import Policy
from app.web.addresses import url_for


def rows_of_all_stores(
    user_id: int, stores: Collection[CachedStore], goods: Sequence[Good], *, policy: Policy
) -> list[ProductRow]:
    """Complete the goods of a page that lie in any of the stores."""
    groups = {(good.store_evotor_id, good.group_evotor_id) for good in goods if good.group_evotor_id}
    products = {(good.store_evotor_id, good.evotor_id): sort_name(good.name) for good in goods}
    of_page = {good.store_evotor_id for good in goods}
    families = find_families(user_id, of_page, groups, products)
    same = told(goods, next((family.twins for family in families.values()), ()))
    rows = {}
    for store in stores:
        here = [good for good in goods if good.store_evotor_id == store.evotor_id]
        if here:
            family = families[store.evotor_id]
            for row in product_rows(user_id, store, here, inside_group=False, policy=policy, family=family):
                rows[row.number] = in_all_stores(row, store.name, same.get(row.number))
    return [rows[good.id] for good in goods if good.id in rows]


def in_all_stores(row: ProductRow, store_name: str, same: Elsewhere | None) -> ProductRow:
    """The row as it stands in the list of all stores; `same`: the good is in other stores, too."""
    row.store_name = store_name
    row.store_url = url_for("catalog.products", store_id=row.store_id)
    row.elsewhere = same
    return row
