"""What a change says it does to the goods is what it does."""

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.data.db import db
from app.rules.changes import plan
from app.rules.read import Target
from tests.rules.shops import GROUP_IDS, MODES, STORE_IDS, UNLISTED, Shop, fill, mode_of_product, two_shops
from tests.stock import Stock

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WITH_DATABASE = settings(max_examples=40, phases=[Phase.generate])
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


def modes_of(shops: dict[str, Shop], rules: dict[Key, str], default: str) -> Goods:
    """Every product's mode by the literal reading."""
    modes: Goods = {}
    for store_id, shop in shops.items():
        ruled = Shop(
            shop.parents,
            shop.products,
            rules.get(("store", store_id, store_id)),
            {key[2]: mode for key, mode in rules.items() if key[:2] == ("group", store_id)},
            {key[2]: mode for key, mode in rules.items() if key[:2] == ("product", store_id)},
        )
        modes |= {(store_id, id): mode_of_product(ruled, id, default) for id in shop.products}
    return modes


def turned(before: Goods, after: Goods, mode: str) -> set[tuple[str, str]]:
    return {key for key in before if before[key] != after[key] == mode}


def target(key: Key) -> Target:
    entity_type, store_id, entity_id = key
    return Target(entity_type, entity_id, store_id, entity_id, None)


@WITH_DATABASE
@given(shops=two_shops, default=MODES, new=new_rules, new_default=st.none() | MODES)
def test_a_plan_counts_and_lists_what_it_will_change_and_does_it(
    app: Flask,
    stock: Stock,
    shops: dict[str, Shop],
    default: str,
    new: dict[Key, str | None],
    new_default: str | None,
):
    fill(stock, shops, default)
    rules_before = stock.rules()
    rules_after = {key: mode for key, mode in {**rules_before, **new}.items() if mode}
    before = modes_of(shops, rules_before, default)
    after = modes_of(shops, rules_after, new_default or default)

    with app.app_context():
        targets = [(target(key), mode) for key, mode in new.items()]
        change = plan.plan(stock.owner.id, plan.BULK, "plan", targets=targets, default_mode=new_default)
        scope = plan.scope_now(change)
        effects = plan.effects(scope)
        for appearing, mode in ((True, "include"), (False, "exclude")):
            listed = plan.affected_goods(scope, appearing=appearing, limit=100)
            assert sorted((row.store_id, row.evotor_id) for row in listed) == sorted(
                turned(before, after, mode)
            )
        db.session.commit()
        assert stock.rules() == rules_before
        plan.apply(change)
        db.session.commit()
        assert stock.rules() == rules_after
        assert change.appeared == sum(e.appeared for e in effects) == len(turned(before, after, "include"))
        assert change.hidden == sum(e.hidden for e in effects) == len(turned(before, after, "exclude"))

        revert = plan.plan_revert(change)
        plan.apply(revert)
        db.session.commit()
        assert (revert.appeared, revert.hidden) == (change.hidden, change.appeared)
    assert stock.rules() == rules_before
