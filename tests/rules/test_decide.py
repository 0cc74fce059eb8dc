"""The resolver: the nearest rule wins."""

import pytest
from hypothesis import given

from app.rules.decide import Decision, StoreRules, decide_group, decide_product, decide_store
from tests.rules.shops import GROUP_IDS, MODES, UNLISTED, Shop, mode_of_group, mode_of_product, shops

PARENTS = {"tea": None, "black": "tea", "ceylon": "black", "lonely": "a group that is gone"}


def rules(store=None, default="include", groups=None, products=None, parents=PARENTS) -> StoreRules:
    return StoreRules("s1", default, store, groups or {}, products or {}, parents)


def rules_of(shop: Shop, default: str) -> StoreRules:
    return StoreRules("s1", default, shop.own_rule, shop.group_rules, shop.product_rules, shop.parents)


@pytest.mark.parametrize(
    ("given_rules", "decision"),
    [
        (rules(), Decision("include", None, None)),
        (rules(default="exclude"), Decision("exclude", None, None)),
        (rules(store="exclude"), Decision("exclude", "store", "s1")),
        (rules(store="exclude", groups={"tea": "include"}), Decision("include", "group", "tea")),
        (rules(groups={"tea": "include", "black": "exclude"}), Decision("exclude", "group", "black")),
        (rules(groups={"black": "include", "ceylon": "exclude"}), Decision("exclude", "group", "ceylon")),
        (
            rules(store="exclude", groups={"ceylon": "exclude"}, products={"p": "include"}),
            Decision("include", "product", "p"),
        ),
        (rules(groups={"lonely": "exclude"}, products={"q": "exclude"}), Decision("include", None, None)),
    ],
)
def test_the_nearest_rule_decides_about_a_product(given_rules: StoreRules, decision: Decision):
    assert decide_product(given_rules, "p", "ceylon") == decision


def test_a_product_in_no_group_follows_its_store():
    given_rules = rules(store="exclude", groups={"tea": "include"})
    assert decide_product(given_rules, "p", None) == Decision("exclude", "store", "s1")


def test_a_rule_on_a_parent_that_the_cloud_does_not_list_still_counts():
    given_rules = rules(groups={"a group that is gone": "exclude"})
    assert decide_group(given_rules, "lonely") == Decision("exclude", "group", "a group that is gone")


def test_groups_that_lie_in_each_other_fall_back_on_the_store():
    given_rules = rules(store="exclude", parents={"x": "y", "y": "x", "z": "z"})
    for group_id in "xyz":
        assert decide_group(given_rules, group_id) == Decision("exclude", "store", "s1")


@given(shop=shops, default=MODES)
def test_the_resolver_agrees_with_a_literal_reading_of_the_sentence(shop: Shop, default: str):
    given_rules = rules_of(shop, default)
    for group_id in (None, *GROUP_IDS, *UNLISTED):
        assert decide_group(given_rules, group_id).mode == mode_of_group(shop, group_id, default)
    for product_id, group_id in shop.products.items():
        decision = decide_product(given_rules, product_id, group_id)
        assert decision.mode == mode_of_product(shop, product_id, default)
    assert decide_store(given_rules).mode == (shop.own_rule or default)


@given(shop=shops, default=MODES)
def test_the_decision_names_the_rule_that_made_it(shop: Shop, default: str):
    given_rules = rules_of(shop, default)
    modes = {"product": shop.product_rules, "group": shop.group_rules, "store": {"s1": shop.own_rule}}
    for product_id, group_id in shop.products.items():
        mode, entity_type, entity_id = decide_product(given_rules, product_id, group_id)
        assert mode == (modes[entity_type][entity_id] if entity_type and entity_id else default)
