"""Rules on goods are counted by group at each change; what is kept is what would be counted now."""

import threading
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from app.data.db import db
from app.mirror.difference import remove_store
from app.mirror.drop_guard import DropGuard
from app.mirror.forgetting import let_catalogue_go
from app.mirror.models import CachedProduct, CatalogRefresh
from app.mirror.signals import goods_moved
from app.rules.changes import plan
from app.rules.changes.apply import change_at_once, undo
from app.rules.changes.one import hold_rules, set_rule
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.models import RuleChange, RuleTally, SyncConfig
from app.rules.read import Target
from app.rules.stale import count_stale, stale_rules
from app.rules.summary import counts_of_rules
from app.rules.tallies import counted_rules
from app.work.runs.row import DONE
from tests.owners import Owner
from tests.processes import wait_until
from tests.rules.shops import MODES
from tests.stock import Stock, product
from tests.thoroughness import examples

pytestmark = pytest.mark.databases("sqlite", "postgresql")

IDS = st.sampled_from(["p1", "p2", "p3", "p4"])
STORES = st.sampled_from(["s1", "s2"])
RULES = st.dictionaries(st.tuples(STORES, IDS), st.none() | MODES, min_size=1, max_size=6)
STEPS = st.one_of(
    st.tuples(st.just("refresh"), STORES, st.dictionaries(IDS, st.sampled_from([None, "g", "h"]))),
    st.tuples(st.just("click"), st.tuples(STORES, IDS), st.none() | MODES),
    st.tuples(st.just("many"), RULES),
    st.tuples(st.sampled_from(["undo", "forget"])),
    st.tuples(st.just("lose"), STORES),
)


def kept(user_id: int) -> list[tuple[Any, ...]]:
    """The owner's tallies that are not of nothing."""
    rows = db.session.execute(
        select(RuleTally.__table__)
        .join(SyncConfig, SyncConfig.id == RuleTally.sync_config_id)
        .where(SyncConfig.user_id == user_id, RuleTally.rules != 0)
    )
    return sorted(tuple(row) for row in rows)


def counted(user_id: int) -> list[tuple[Any, ...]]:
    return sorted(tuple(row) for row in db.session.execute(counted_rules(user_id)))


def on_good(store_id: str, id: str) -> Target:
    return Target(PRODUCT, id, store_id, id, None)


def take(stock: Stock, step: str, *what: Any) -> None:
    """Do one of `STEPS`, and commit."""
    user_id = stock.owner.id
    if step == "refresh":
        store_id, goods = what
        stock.put(store_id, products=[product(id, group=group) for id, group in goods.items()])
    elif step == "click":
        key, mode = what
        set_rule(hold_rules(user_id), on_good(*key), mode)
    elif step == "many":
        moves = [(on_good(*key), mode) for key, mode in what[0].items()]
        change_at_once(user_id, plan.BULK, "bulk", targets=moves)
    elif step == "undo":
        newest = select(RuleChange).filter_by(user_id=user_id).order_by(RuleChange.id.desc()).limit(1)
        change = db.session.scalar(newest)
        if change is not None:
            undo(change)
    elif step == "forget":
        let_catalogue_go(user_id)
    else:
        with db.engine.begin() as connection:
            row = insert(CatalogRefresh).values(user_id=user_id, status=DONE)
            run = connection.execute(row.returning(CatalogRefresh.id)).scalar_one()
            remove_store(connection, user_id, run, what[0], DropGuard(percent=100, confirmed=0))
    db.session.commit()


# Goods move, go, come and return; rules are made, turned and taken off, one and many at a time.
EACH = [
    ("refresh", "s1", {"p1": "h", "p3": None}),
    ("many", {("s1", "p1"): "exclude", ("s1", "p3"): "include", ("s2", "p1"): "include"}),
    ("click", ("s1", "p1"), None),
    ("click", ("s1", "p3"), "exclude"),
    ("undo",),
    ("refresh", "s2", {"p1": "g"}),
    ("refresh", "s1", {"p1": "g", "p2": "g"}),
    ("lose", "s2"),
    ("click", ("s1", "p1"), "include"),
    ("forget",),
]


@settings(max_examples=examples(2), phases=[Phase.explicit, Phase.generate])
@example(steps=EACH)
@given(steps=st.lists(STEPS, min_size=4, max_size=10))
def test_whatever_happens_to_rules_and_goods_they_stay_what_counting_gives(
    app: Flask, stock: Stock, bob: Owner, steps: list[tuple[Any, ...]]
):
    with app.app_context():
        stock.forget_rules()
        for owned in (stock, Stock(bob)):
            owned.put(products=[product("p1", group="g"), product("p2")])
            take(owned, "many", {("s1", "p1"): "include", ("s1", "gone"): "exclude"})
        of_bob = kept(bob.id)
        for step in steps:
            take(stock, *step)
            assert kept(stock.owner.id) == counted(stock.owner.id)
            every, included = (sum(row[place] for row in counted(stock.owner.id)) for place in (-2, -1))
            (on_goods,) = (each for each in counts_of_rules(stock.owner.id) if each.entity_type == PRODUCT)
            assert (on_goods.included, on_goods.excluded) == (included, every - included)
            stale = select(func.count()).select_from(stale_rules(stock.owner.id, {}).subquery())
            assert count_stale(stock.owner.id) == db.session.scalar(stale)
            db.session.rollback()
        assert kept(bob.id) == counted(bob.id) == of_bob != []


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("first", ["rule", "move"])
def test_a_good_that_moves_while_a_rule_is_made_is_counted_where_it_went(
    app: Flask, stock: Stock, first: str
):
    stock.put(products=[product("p", group="g")])

    def make_rule() -> None:
        set_rule(hold_rules(stock.owner.id), on_good("s1", "p"), INCLUDE, inherited=INCLUDE)

    def move() -> None:
        connection = db.session.connection()
        connection.execute(update(CachedProduct).values(group_evotor_id="h"))
        goods_moved.send(connection=connection, user_id=stock.owner.id, store_id="s1")

    def meanwhile() -> None:
        with app.app_context():
            (move if first == "rule" else make_rule)()
            db.session.commit()

    other = threading.Thread(target=meanwhile)
    with app.app_context():
        # The very first rule: nobody has a configuration to hold yet.
        (make_rule if first == "rule" else move)()
        other.start()
        waits = text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        with db.engine.connect() as looking:
            wait_until(lambda: looking.scalar(waits))
        db.session.commit()
        other.join()
        ((_, store_id, is_present, group_id, rules, including),) = kept(stock.owner.id)
    assert (store_id, is_present, group_id, rules, including) == ("s1", True, "h", 1, 1)
