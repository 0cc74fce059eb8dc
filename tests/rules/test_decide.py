"""The resolver: the nearest rule wins."""

import json
from decimal import Decimal

import pytest
from hypothesis import given

from app.rules.criteria.criterion import Criterion
from app.rules.decide import Decision, StoreRules, decide_group, decide_product, decide_store
from app.rules.policy import Policy, carried_over
from tests.rules.shops import (
    GROUP_IDS,
    MODES,
    UNLISTED,
    Shop,
    first_met,
    mode_of_group,
    mode_of_product,
    policies,
    shops,
    waits,
)

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


@given(shop=shops, default=MODES, policy=policies)
def test_the_resolver_agrees_with_a_literal_reading_of_the_sentence(shop: Shop, default: str, policy: Policy):
    given_rules = rules_of(shop, default)
    for group_id in (None, *GROUP_IDS, *UNLISTED):
        assert decide_group(given_rules, group_id).mode == mode_of_group(shop, group_id, default)
    for product_id, group_id in shop.products.items():
        met = first_met(policy.criteria, shop.facts_of(product_id))
        decision = decide_product(given_rules, product_id, group_id, met, waits=waits(shop, product_id))
        assert decision.mode == mode_of_product(shop, product_id, default, policy)
    assert decide_store(given_rules).mode == (shop.own_rule or default)


@given(shop=shops, default=MODES)
def test_the_decision_names_the_rule_that_made_it(shop: Shop, default: str):
    given_rules = rules_of(shop, default)
    modes = {"product": shop.product_rules, "group": shop.group_rules, "store": {"s1": shop.own_rule}}
    for product_id, group_id in shop.products.items():
        mode, entity_type, entity_id = decide_product(given_rules, product_id, group_id)
        assert mode == (modes[entity_type][entity_id] if entity_type and entity_id else default)


LOW_STOCK = Criterion("k", "exclude", "stock", high=Decimal(3), is_below=True)


@pytest.mark.parametrize(
    ("given_rules", "decision"),
    [
        (rules(), Decision("exclude", "criterion", "k")),
        (rules(store="include"), Decision("include", "store", "s1")),
        (rules(groups={"tea": "include"}), Decision("include", "group", "tea")),
        (rules(products={"p": "include"}), Decision("include", "product", "p")),
    ],
)
def test_a_condition_decides_above_the_default_and_below_every_rule(
    given_rules: StoreRules, decision: Decision
):
    assert decide_product(given_rules, "p", "ceylon", LOW_STOCK) == decision


@given(present=policies, before=policies, after=policies)
def test_a_change_of_conditions_is_carried_over_and_taken_back(
    present: Policy, before: Policy, after: Policy
):
    assert carried_over(before, before, after) == after
    assert carried_over(after, after, before) == before
    assert Policy.of(json.loads(json.dumps(before.stored))) == before
    # Whatever else the owner has decided meanwhile stays.
    others = {criterion.key for criterion in (*before.criteria, *after.criteria)}
    kept = [criterion for criterion in present.criteria if criterion.key not in others]
    result = carried_over(present, before, after).criteria
    said_anew = {criterion.says for criterion in result if criterion.key in others}
    assert [
        criterion for criterion in result if criterion.key not in others and criterion.says not in said_anew
    ] == [criterion for criterion in kept if criterion.says not in said_anew]
    assert {criterion.says for criterion in kept} <= {criterion.says for criterion in result}
    assert len({criterion.key for criterion in result}) == len(result)
    assert len({criterion.says for criterion in result}) == len(result)


def test_of_two_alike_conditions_planned_at_once_one_is_left():
    before, other = Policy((LOW_STOCK,)), LOW_STOCK._replace(key="other", kind="price")
    for twin in (LOW_STOCK._replace(key="twin"), LOW_STOCK._replace(key="twin", mode="include")):
        # A second plan of a new condition, and one that makes the same of another condition.
        assert carried_over(before, Policy(), Policy((twin,))) == Policy(
            (LOW_STOCK._replace(mode=twin.mode),)
        )
        becomes = Policy((twin._replace(key="other"),))
        assert carried_over(Policy((other, LOW_STOCK)), Policy((other,)), becomes) == becomes
