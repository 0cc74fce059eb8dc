"""Whatever was done to the rules, in whatever order, the way back leads to exactly the state before."""

from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.data.db import db
from app.rules.changes import one, plan
from app.rules.changes.apply import change_at_once
from app.rules.for_scripts import Rule, goods_to_publish, rules_of
from app.rules.models import RuleChange, RuleChangeItem
from tests.databases import on_both
from tests.rules.changes.test_effect import Key, new_rules, target
from tests.rules.shops import MODES, Shop, fill, two_shops
from tests.stock import Stock
from tests.thoroughness import examples

WITH_DATABASE = settings(max_examples=examples(5), phases=[Phase.generate])
State = tuple[list[Rule], list[tuple[str, str]]]


def state_of(stock: Stock) -> State:
    """Every rule as it is stored, and every good that is published."""
    with db.engine.connect() as connection:
        goods = goods_to_publish(connection, stock.owner.id)
        return rules_of(connection, stock.owner.id), sorted(
            (good.store_id, good.product_id) for good in goods
        )


def make(stock: Stock, steps: list[dict[Key, str | None]]) -> list[RuleChange]:
    """Make each of these a step of the history: one rule as a click, more as a bulk change."""
    made: list[RuleChange | None] = []
    for step in steps:
        moves = [(target(key), mode) for key, mode in step.items()]
        if len(moves) == 1:
            made.append(one.set_rule(one.hold_rules(stock.owner.id), *moves[0]))
        else:
            made.append(change_at_once(stock.owner.id, plan.BULK, "bulk", targets=moves))
        db.session.commit()
    return [change for change in made if change is not None]


def restore(change: RuleChange) -> RuleChange | None:
    """Put everything back as it was before a step, as after a look at what that changes."""
    undone = change_at_once(change.user_id, **plan.way_back(change))
    db.session.commit()
    return undone


@WITH_DATABASE
@given(shops=two_shops, default=MODES, steps=st.lists(new_rules, min_size=1, max_size=4), data=st.data())
def test_rules_put_on_anything_and_taken_off_in_any_order_leave_no_trace(
    app: Flask, stock: Stock, shops: dict[str, Shop], default: str, steps: list[dict[Key, str | None]], data
):
    fill(stock, shops, default)
    ruled = stock.rules()
    with app.app_context():
        before = state_of(stock)
        put = [{key: mode for key, mode in step.items() if key not in ruled} for step in steps]
        make(stock, [step for step in put if step])
        touched = list({key: None for step in put for key in step})
        make(stock, [{key: None} for key in data.draw(st.permutations(touched))])
        assert state_of(stock) == before


@WITH_DATABASE
@given(shops=two_shops, default=MODES, steps=st.lists(new_rules, min_size=1, max_size=4))
def test_steps_undone_one_after_the_other_lead_through_every_state_back(
    app: Flask, stock: Stock, shops: dict[str, Shop], default: str, steps: list[dict[Key, str | None]]
):
    fill(stock, shops, default)
    with app.app_context():
        made = []
        states = [state_of(stock)]
        for step in steps:
            for change in make(stock, [step]):
                made.append(change)
                states.append(state_of(stock))
        for change in reversed(made):
            assert state_of(stock) == states.pop()
            restore(change)
        assert state_of(stock) == states.pop()


@on_both
@WITH_DATABASE
@given(shops=two_shops, default=MODES, steps=st.lists(new_rules, min_size=1, max_size=4), data=st.data())
def test_a_restored_step_is_taken_back_by_restoring_the_restoration(
    app: Flask, stock: Stock, shops: dict[str, Shop], default: str, steps: list[dict[Key, str | None]], data
):
    fill(stock, shops, default)
    with app.app_context():
        made = make(stock, steps)
        if not made:
            return
        before = state_of(stock)
        chosen = data.draw(st.sampled_from(made))
        restoration = restore(chosen)
        back = {
            (rule.entity_type, rule.store_id, rule.entity_id): rule.filter_mode for rule in state_of(stock)[0]
        }
        for item in db.session.query(RuleChangeItem).filter_by(change_id=chosen.id):
            key = (item.entity_type, item.store_evotor_id, item.entity_id)
            assert back.get(key) == item.mode_before
        if restoration is not None:
            restore(restoration)
        assert state_of(stock) == before
