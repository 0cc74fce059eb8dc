"""The resolver as SQL says the same as the resolver, for counts and for filtered lists."""

from collections import Counter

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.catalog.lists import surroundings
from app.catalog.lists.address import ListQuery
from app.catalog.lists.place_rows import group_rows, store_rows
from app.catalog.lists.rows import product_rows
from app.catalog.lists.shelf import Good, Shelf, select_products
from app.catalog.lists.stores_and_groups import select_groups, select_stores
from app.data.db import db
from app.rules.criteria.criterion import Criterion
from app.rules.decide import Decision, StoreRules, decide_product
from app.rules.group_counts import counts_by_group
from app.rules.policy import EMPTY, Policy
from app.rules.published import published_goods
from tests.owners import Owner
from tests.rules.shops import (
    MODES,
    Shop,
    fill,
    first_met,
    mode_of_group,
    mode_of_product,
    policies,
    shops,
    two_shops,
    waits,
)
from tests.stock import Stock, group, product
from tests.thoroughness import examples

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WITH_DATABASE = settings(max_examples=examples(8), phases=[Phase.generate])
DEFAULTS = st.none() | MODES
RESULTS = {"include": "published", "exclude": "hidden"}


@WITH_DATABASE
@given(given_shops=two_shops, default=DEFAULTS, policy=policies)
def test_counts_agree_with_the_resolver(
    app: Flask, stock: Stock, given_shops: dict[str, Shop], default, policy: Policy
):
    default = fill(stock, given_shops, default, policy)
    expected: dict[tuple[str, str], tuple[int, int]] = {}
    for store_id, shop in given_shops.items():
        all_goods = Counter(group_id or "" for group_id in shop.products.values())
        published = Counter(
            group_id or ""
            for id, group_id in shop.products.items()
            if mode_of_product(shop, id, default, policy) == "include"
        )
        expected |= {(store_id, id): (count, published[id]) for id, count in all_goods.items()}
    with app.app_context():
        everywhere = db.session.execute(counts_by_group(stock.owner.id, policy)).all()
        in_one_store = db.session.execute(counts_by_group(stock.owner.id, policy, "s1")).all()
    assert {(row[0], row[1]): (row[2], row[3]) for row in everywhere} == expected
    assert sorted(in_one_store) == sorted(row for row in everywhere if row[0] == "s1")


@WITH_DATABASE
@given(given_shops=two_shops, default=DEFAULTS, policy=policies)
def test_lists_filtered_by_result_agree_with_the_resolver(
    app: Flask, stock: Stock, given_shops: dict[str, Shop], default, policy: Policy
):
    default = fill(stock, given_shops, default, policy)
    owner_id = stock.owner.id
    with app.test_request_context():
        for mode, result in RESULTS.items():
            query = ListQuery("catalog.stores", result=result)
            shown = {row.evotor_id for row in db.session.execute(select_stores(owner_id, query))}
            assert shown == {id for id, shop in given_shops.items() if (shop.own_rule or default) == mode}
            for store_id, shop in given_shops.items():
                groups = ids(select_groups(owner_id, store_id, query))
                assert groups == sorted(id for id in shop.parents if mode_of_group(shop, id, default) == mode)
                products = ids(select_products(Shelf(owner_id, store_id, None, 0, policy), query))
                assert products == sorted(
                    id for id in shop.products if mode_of_product(shop, id, default, policy) == mode
                )


@WITH_DATABASE
@given(shop=shops, default=DEFAULTS, policy=policies)
def test_rows_show_the_result_of_the_resolver(app: Flask, stock: Stock, shop: Shop, default, policy: Policy):
    default = fill(stock, {"s1": shop}, default, policy)
    owner_id, query = stock.owner.id, ListQuery("catalog.stores")
    with app.test_request_context():
        store = surroundings.find_store(owner_id, "s1")
        assert store is not None
        (store_row,) = store_rows(owner_id, db.session.execute(select_stores(owner_id, query)))
        assert store_row.verdict.published == ((shop.own_rule or default) == "include")
        found = db.session.execute(select_groups(owner_id, "s1", query))
        for group_row in group_rows(owner_id, store, found):
            mode = mode_of_group(shop, group_row.evotor_id, default)
            assert group_row.verdict.published == (mode == "include")
            assert group_row.rule == shop.group_rules.get(group_row.evotor_id)
        found = db.session.execute(select_products(Shelf(owner_id, "s1", None, 0, policy), query))
        goods = [Good(*each) for each in found]
        for row in product_rows(owner_id, store, goods, inside_group=False, policy=policy):
            assert row.verdict.published == (
                mode_of_product(shop, row.evotor_id, default, policy) == "include"
            )
            assert row.rule == shop.product_rules.get(row.evotor_id)


@WITH_DATABASE
@given(given_shops=two_shops, default=DEFAULTS, policy=policies)
def test_every_good_is_named_with_what_decided_about_it(
    app: Flask, stock: Stock, given_shops: dict[str, Shop], default, policy: Policy
):
    default = fill(stock, given_shops, default, policy)
    expected = {}
    for store_id, shop in given_shops.items():
        rules = StoreRules(
            store_id, default, shop.own_rule, shop.group_rules, shop.product_rules, shop.parents
        )
        for id, group_id in shop.products.items():
            facts = shop.facts_of(id)
            met = first_met(policy.criteria, facts)
            expected[store_id, id] = decide_product(rules, id, group_id, met, waits=waits(shop, id))
    with app.app_context():
        everywhere = db.session.execute(published_goods(stock.owner.id, policy=policy)).all()
        in_one_store = db.session.execute(published_goods(stock.owner.id, "s1", policy=policy)).all()
        one_by_one = [
            db.session.execute(
                published_goods(stock.owner.id, row.store_evotor_id, product_id=row.evotor_id, policy=policy)
            ).one()
            for row in everywhere
        ]
    found = {
        (row.store_evotor_id, row.evotor_id): Decision(
            "include" if row.is_published else "exclude", row.ruled_type, row.ruled_id
        )
        for row in everywhere
    }
    assert found == expected
    assert one_by_one == everywhere
    assert in_one_store == [row for row in everywhere if row.store_evotor_id == "s1"]
    names = [(row.store_evotor_id, row.sort_name, row.id) for row in everywhere]
    assert names == sorted(names)


def test_goods_of_a_group_are_those_of_the_groups_within_too(app: Flask, stock: Stock, bob: Owner):
    goods = [
        product("p1", group="tea"),
        product("p2", group="black"),
        product("p3"),
        product("p4", group="x"),
    ]
    groups = [group("tea"), group("black", parent="tea"), group("x", parent="y"), group("y", parent="x")]
    for owned in (stock, Stock(bob)):
        owned.put(groups=groups, products=goods)
    with app.app_context():
        for group_id, found in (("tea", ["p1", "p2"]), ("black", ["p2"]), ("y", ["p4"]), ("nothing", [])):
            assert ids(published_goods(stock.owner.id, "s1", group_id, policy=EMPTY)) == found


def test_another_owners_rules_and_goods_do_not_count(app: Flask, stock: Stock, bob: Owner):
    stock.put(groups=[group("g")], products=[product("p", group="g")])
    others = Stock(bob)
    others.put(groups=[group("g")], products=[product("p", group="g"), product("q", group="g")])
    for kind, id in (("store", "s1"), ("group", "g"), ("product", "p")):
        others.rule(kind, id, "exclude")
    with app.app_context():
        assert db.session.execute(counts_by_group(stock.owner.id, EMPTY)).all() == [("s1", "g", 1, 1)]
        assert db.session.execute(counts_by_group(bob.id, EMPTY)).all() == [("s1", "g", 2, 0)]


def test_goods_without_a_photo_are_those_to_which_no_group_lends_one(app: Flask, stock: Stock, bob: Owner):
    groups = [group("tea"), group("black", parent="tea"), group("x", parent="y"), group("y", parent="x")]
    goods = [product("own"), product("bare"), product("t", group="black"), product("loop", group="x")]
    goods.append(product("gone", group="a group that is gone"))
    for owned, store_id in ((stock, "s1"), (stock, "s2"), (Stock(bob), "s1")):
        owned.put(store_id, groups=groups, products=goods)
    stock.photos([("s1", "own")], [("s1", "tea"), ("s2", "y")])
    Stock(bob).photos([("s1", "bare")], [("s1", "y")])
    policy = Policy((Criterion("k", "exclude", "no_photo"),))
    with app.app_context():
        found = [
            (row.store_evotor_id, row.evotor_id)
            for row in db.session.execute(published_goods(stock.owner.id, policy=policy))
            if row.is_published
        ]
    assert sorted(found) == [("s1", "own"), ("s1", "t"), ("s2", "loop")]


def ids(statement) -> list[str]:
    return sorted(row.evotor_id for row in db.session.execute(statement))
