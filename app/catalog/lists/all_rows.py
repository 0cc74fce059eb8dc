"""Rows of goods that lie in any of an owner's stores; what is the same in several of them is folded.

A page holds the goods that it would hold in any case: of those that are the same the first stands for the
others, which follow it, out of sight until it is opened. It names its own store, and rule, tick and figures
are those of that store, so that nothing is decided about what is not seen. Folded is only what the page has
all of; a good that is elsewhere too, on another page or beyond a filter, says so.
"""

from collections.abc import Collection, Container, Sequence

from app.catalog.lists.elsewhere import Elsewhere, sort_name, told
from app.catalog.lists.family import find_families
from app.catalog.lists.rows import ProductRow, product_rows
from app.catalog.lists.shelf import Good
from app.mirror.models import CachedStore
from app.rules.policy import Policy
from app.web.addresses import url_for


def rows_of_all_stores(
    user_id: int,
    stores: Collection[CachedStore],
    goods: Sequence[Good],
    *,
    policy: Policy,
    is_by_name: bool = True,
) -> list[ProductRow]:
    """Complete the goods of a page that lie in any of the stores, and fold what is the same.

    `is_by_name`: of goods that are the same any may stand first, as they bear one name.
    """
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
    return _folded([rows[good.id] for good in goods if good.id in rows], is_by_name=is_by_name)


def _folded(rows: list[ProductRow], *, is_by_name: bool) -> list[ProductRow]:
    of_page = {row.number: row for row in rows}
    placed: dict[int, ProductRow] = {}
    for row in rows:
        if row.number in placed:
            continue
        same = [row, *(of_page[number] for number in _others(row, of_page) if number not in placed)]
        if len(same) > 1 and _is_whole(same):
            if is_by_name:
                # What can be published stands for what cannot.
                same.sort(key=lambda each: (not each.verdict.published, each.is_unready))
            for each in same:
                each.stands_for, each.elsewhere = 0, None
            same[0].stands_for = len({each.store_id for each in same})
        else:
            same = [row]
        placed |= {each.number: each for each in same}
    return list(placed.values())


def _others(row: ProductRow, of_page: Container[int]) -> list[int]:
    there = row.elsewhere.good_ids if row.elsewhere else ()
    return sorted(number for number in there if number in of_page)


def _is_whole(same: list[ProductRow]) -> bool:
    """Whether each of them is the same as all the others, and as none besides."""
    numbers = {row.number for row in same}
    return all({row.number, *(row.elsewhere.good_ids if row.elsewhere else ())} == numbers for row in same)


def in_all_stores(
    row: ProductRow, store_name: str, same: Elsewhere | None, stands_for: int = 1
) -> ProductRow:
    """The row as it stands in the list of all stores; `same`: the good is in other stores, too."""
    row.store_name = store_name
    row.store_url = url_for("catalog.products", store_id=row.store_id)
    row.elsewhere, row.stands_for = same, stands_for
    return row
