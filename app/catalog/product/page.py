"""All that the page of one good shows."""

from typing import Any

from flask import url_for
from sqlalchemy import select, tuple_, union
from sqlalchemy.orm import aliased

from app.catalog.lists import rows
from app.catalog.lists.family import Family, find_family
from app.catalog.lists.lineage import ancestors, shown_ancestors
from app.catalog.lists.pages import home
from app.catalog.lists.shelf import find_record
from app.catalog.lists.sorting import sort_key
from app.catalog.lists.surroundings import find_store
from app.catalog.product.chain import chain_of
from app.catalog.product.in_vk import in_vk
from app.catalog.product.timeline import timeline_of
from app.data.db import db
from app.mirror.models import CachedProduct, CachedStore
from app.publishing.ledger.models import ListingGood
from app.publishing.photos.subject import Subject
from app.publishing.photos.view import photos_view
from app.publishing.planning.texts import DESCRIPTION_MAX, NAME_MAX
from app.rules.read import policy_of

_OTHERS_SHOWN = 20


def product_page(user_id: int, store_id: str, product_id: str) -> dict[str, Any] | None:
    """The context of `catalog/product.html`; None when the owner has no such good."""
    product = db.session.scalar(
        select(CachedProduct).filter_by(user_id=user_id, store_evotor_id=store_id, evotor_id=product_id)
    )
    store = find_store(user_id, store_id)
    policy = policy_of(user_id)
    record = find_record(user_id, store_id, product_id, policy)
    if product is None or store is None or record is None:
        return None
    groups = [product.group_evotor_id] if product.group_evotor_id else []
    family = find_family(user_id, store_id, groups, [product_id])
    own = {product_id: record.rule_mode} if record.rule_mode else {}
    family = family._replace(rules=family.rules._replace(products=own))
    (row,) = rows.product_rows(user_id, store, [record], inside_group=False, policy=policy, family=family)
    vk, listings = in_vk(user_id, store_id, product_id)
    return {
        "product": product,
        "store": store,
        "row": row,
        "chain": chain_of(product, store, family, policy.find(record.criterion)),
        "vk": vk,
        "limits": (NAME_MAX, DESCRIPTION_MAX),
        "photos": photos_view(user_id, Subject(store_id, product_id), product.name),
        "others": _in_other_stores(product),
        "events": timeline_of(product, _upwards(product, family), [listing.id for listing in listings]),
        "breadcrumbs": _breadcrumbs(store, product, family),
        "title": product.name,
    }


def _upwards(product: CachedProduct, family: Family) -> list[str]:
    """The groups of a good, from its own upwards."""
    group_id = product.group_evotor_id
    if group_id is None or group_id not in family.groups:
        return [group_id] if group_id else []
    return [group_id, *(group.evotor_id for group in ancestors(family.groups, group_id))]


def _breadcrumbs(store: CachedStore, product: CachedProduct, family: Family) -> list[tuple[str, str | None]]:
    crumbs: list[tuple[str, str | None]] = [home()]
    crumbs.append((store.name, url_for("catalog.products", store_id=store.evotor_id)))
    group = family.groups.get(product.group_evotor_id or "")
    if group is not None:
        for each in (*shown_ancestors(family.groups, group.evotor_id), group):
            url = url_for("catalog.products", store_id=store.evotor_id, group_id=each.evotor_id)
            crumbs.append((each.name, url))
    return [*crumbs, (product.name, None)]


def _in_other_stores(product: CachedProduct) -> list[Any]:
    """The same good elsewhere: other stores' goods of the same name, article or listing."""
    stores = select(CachedStore.evotor_id).where(
        CachedStore.user_id == product.user_id, CachedStore.evotor_id != product.store_evotor_id
    )
    ids = list(db.session.scalars(stores))
    is_same = [CachedProduct.sort_name == product.sort_name]
    if product.article_number:
        is_same.append(sort_key(CachedProduct, "article_number") == product.article_number)
    mine, joined = aliased(ListingGood), aliased(ListingGood)
    listed = (
        select(joined.store_evotor_id, joined.evotor_id)
        .join(mine, mine.listing_id == joined.listing_id)
        .where(mine.user_id == product.user_id, mine.store_evotor_id == product.store_evotor_id)
        .where(mine.evotor_id == product.evotor_id)
    )
    is_same.append(tuple_(CachedProduct.store_evotor_id, CachedProduct.evotor_id).in_(listed))
    found = [
        select(
            CachedProduct.store_evotor_id,
            CachedProduct.evotor_id,
            CachedProduct.name,
            CachedProduct.sort_name,
            CachedProduct.price,
            CachedProduct.quantity,
        )
        .where(CachedProduct.user_id == product.user_id, CachedProduct.store_evotor_id.in_(ids), condition)
        .limit(_OTHERS_SHOWN)
        for condition in is_same
    ]
    same = union(*(select(each.subquery()) for each in found)).subquery()
    named = (
        select(same, CachedStore.name.label("store_name"))
        .join(CachedStore, CachedStore.evotor_id == same.c.store_evotor_id)
        .where(CachedStore.user_id == product.user_id)
        .order_by(CachedStore.sort_name, CachedStore.evotor_id, same.c.sort_name, same.c.evotor_id)
        .limit(_OTHERS_SHOWN)
    )
    return list(db.session.execute(named)) if ids else []
