"""What a change says it does to the goods is what it does."""

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.data.db import db
from app.rules.changes import plan
from app.rules.changes.apply import apply, undo
from app.rules.changes.effect import affected_goods, effects
from app.rules.changes.scope import Scope, scope_now
from app.rules.policy import Policy
from app.rules.read import Target, policy_of
from tests.rules.shops import (
    GROUP_IDS,
    MODES,
    STORE_IDS,
    UNLISTED,
    Shop,
    fill,
    mode_of_product,
    policies,
    two_shops,
)
from tests.stock import Stock
from tests.thoroughness import examples

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WITH_DATABASE = settings(max_examples=examples(12), phases=[Phase.generate])
Goods = dict[tuple[str, str], str]
Key = tuple[str, str, str]

_keys = st.one_of(
    st.tuples(st.just("store"), st.sampled_from(STORE_IDS)).map(lambda key: (*key, key[1])),
    st.tuples(st.just("group"), st.sampled_from(STORE_IDS), st.sampled_from(GROUP_IDS + UNLISTED)),
    st.tuples(
        st.just("product"), st.sampled_from(STORE_IDS), st.sampled_from([f"p{number}" for number in range(8)])
    ),
)
new_rules = st.dictionaries(_keys, st.none() | MODES, min_size=1, max_size=6)


def modes_of(shops: dict[str, Shop], rules: dict[Key, str], default: str, policy: Policy) -> Goods:
    """Every product's mode by the literal reading."""
    modes: Goods = {}
    for store_id, shop in shops.items():
        ruled = Shop(
            shop.parents,
            shop.products,
            rules.get(("store", store_id, store_id)),
            {key[2]: mode for key, mode in rules.items() if key[:2] == ("group", store_id)},
            {key[2]: mode for key, mode in rules.items() if key[:2] == ("product", store_id)},
            shop.facts,
            shop.new,
            shop.wishes,
            shop.owner_waits,
        )
        modes |= {(store_id, id): mode_of_product(ruled, id, default, policy) for id in shop.products}
    return modes


def turned(before: Goods, after: Goods, mode: str) -> set[tuple[str, str]]:
    return {key for key in before if before[key] != after[key] == mode}


def target(key: Key) -> Target:
    entity_type, store_id, entity_id = key
    return Target(entity_type, entity_id, store_id, entity_id, None)


@WITH_DATABASE
@given(
    shops=two_shops,
    default=MODES,
    new=new_rules,
    new_default=st.none() | MODES,
    policy=policies,
    new_policy=st.none() | policies,
)
def test_a_plan_counts_and_lists_what_it_will_change_and_does_it(
    app: Flask,
    stock: Stock,
    shops: dict[str, Shop],
    default: str,
    new: dict[Key, str | None],
    new_default: str | None,
    policy: Policy,
    new_policy: Policy | None,
):
    fill(stock, shops, default, policy)
    rules_before = stock.rules()
    rules_after = {key: mode for key, mode in {**rules_before, **new}.items() if mode}
    before = modes_of(shops, rules_before, default, policy)
    after = modes_of(shops, rules_after, new_default or default, policy if new_policy is None else new_policy)

    with app.app_context():
        policies_of = None if new_policy is None else (policy, new_policy)
        targets = [(target(key), mode) for key, mode in new.items()]
        change = plan.plan(
            stock.owner.id, plan.BULK, "plan", targets=targets, default_mode=new_default, policy=policies_of
        )
        scope = scope_now(change)
        expected = turned(before, after, "include"), turned(before, after, "exclude")
        for appearing, goods in zip((True, False), expected, strict=True):
            listed = affected_goods(scope, appearing=appearing, limit=100)
            assert {(row.store_id, row.evotor_id) for row in listed} == goods
        assert totals(scope) == tuple(map(len, expected))
        db.session.commit()
        assert stock.rules() == rules_before
        made = apply(change)
        db.session.commit()
        assert stock.rules() == rules_after
        assert policy_of(stock.owner.id) == (policy if new_policy is None else new_policy)
        if made is None:
            return
        assert (made.appeared, made.hidden) == tuple(map(len, expected))

        shown = totals(scope_now(plan.plan_revert(made)))
        undone = undo(made)
        db.session.commit()
        assert undone is not None
        assert shown == (undone.appeared, undone.hidden) == (made.hidden, made.appeared)
        assert policy_of(stock.owner.id) == policy
    assert stock.rules() == rules_before


def totals(scope: Scope) -> tuple[int, int]:
    """How many goods a change would publish and hide."""
    counted = effects(scope)
    return sum(effect.appeared for effect in counted), sum(effect.hidden for effect in counted)
