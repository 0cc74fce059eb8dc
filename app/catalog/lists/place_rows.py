"""Rows of the tables of stores and of groups, with what is published of each and what of that VK can have."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row

from app.catalog.lists.counts import group_counts, store_counts
from app.catalog.lists.family import find_family
from app.catalog.lists.in_vk import live_in_groups, live_in_stores
from app.catalog.lists.lineage import shown_ancestors
from app.catalog.lists.reasons import verdict_of
from app.catalog.lists.rows import GroupRow, StoreRow
from app.catalog.lists.unready_counts import unready_by_group, unready_by_store
from app.mirror.models import CachedStore
from app.rules.decide import GROUP, STORE, StoreRules, decide_group, decide_store
from app.rules.policy import EMPTY, Policy
from app.web.language import language


def store_rows(user_id: int, records: Iterable[Row[Any]]) -> list[StoreRow]:
    """Complete the records of `select_stores`."""
    records = list(records)
    policy = Policy.of(records[0].policy) if records else EMPTY
    counts = store_counts(user_id, policy)
    unready = unready_by_store(user_id, policy, counts)
    live, spoken = live_in_stores(user_id), language()
    rows = []
    for record in records:
        products, published = counts.get(record.evotor_id, (0, 0))
        rules = StoreRules(record.evotor_id, record.default_mode, record.rule_mode, {}, {}, {})
        decision = decide_store(rules)
        rows.append(
            StoreRow(
                number=record.id,
                evotor_id=record.evotor_id,
                store_id=record.evotor_id,
                name=record.name,
                address=record.address,
                rule=record.rule_mode,
                verdict=verdict_of(decision, (STORE, record.evotor_id), record, {}, spoken=spoken),
                product_count=products,
                published_count=published,
                live_count=live.get(record.evotor_id, 0),
                unready_count=unready.get(record.evotor_id, 0),
            )
        )
    return rows


def group_rows(user_id: int, store: CachedStore, records: Iterable[Row[Any]]) -> list[GroupRow]:
    """Complete records of groups: id, evotor_id, name."""
    records = list(records)
    ids = [record.evotor_id for record in records]
    family = find_family(user_id, store.evotor_id, ids)
    lineage, rules, policy = family.groups, family.rules, family.policy
    counts = group_counts(user_id, policy, store.evotor_id, ids)
    unready = unready_by_group(user_id, policy, store.evotor_id, counts)
    live, spoken = live_in_groups(user_id, store.evotor_id, ids), language()
    rows = []
    for record in records:
        products, published = counts.get(record.evotor_id, (0, 0))
        decision = decide_group(rules, record.evotor_id)
        rows.append(
            GroupRow(
                number=record.id,
                evotor_id=record.evotor_id,
                store_id=store.evotor_id,
                name=record.name,
                rule=rules.groups.get(record.evotor_id),
                verdict=verdict_of(decision, (GROUP, record.evotor_id), store, lineage, spoken=spoken),
                path=[group.name for group in shown_ancestors(lineage, record.evotor_id)],
                product_count=products,
                published_count=published,
                live_count=live.get(record.evotor_id, 0),
                unready_count=unready.get(record.evotor_id, 0),
            )
        )
    return rows
