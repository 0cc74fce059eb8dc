"""Rules reach ten thousand groups, one within another or in a circle, in a number of steps to match."""

import sqlite3

import pytest
from flask import Flask
from sqlalchemy import Select

from app.data.db import db
from app.rules.decide import StoreRules, decide_group
from app.rules.group_counts import counts_by_group
from app.rules.policy import EMPTY
from app.rules.published import published_goods
from tests.databases import on_sqlite
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

GROUPS = 10_000
# A good many for each group; walking up from each group would take more than two thousand times as many.
STEPS_A_GROUP = 2_000


def chain(*, is_closed: bool) -> dict[str, str | None]:
    """Each group within the one before; closed, the first within the last."""
    parents: dict[str, str | None] = {f"g{n}": f"g{n - 1}" for n in range(1, GROUPS)}
    return {"g0": f"g{GROUPS - 1}" if is_closed else None} | parents


@pytest.mark.parametrize(
    "is_closed", [pytest.param(False, marks=on_sqlite), True], ids=["one within another", "in a circle"]
)
def test_rules_reach_ten_thousand_groups(app: Flask, stock: Stock, is_closed: bool):
    parents = chain(is_closed=is_closed)
    last = f"g{GROUPS - 1}"
    stock.put(
        groups=[group(id, parent=parent) for id, parent in parents.items()],
        products=[product("p0", group="g0"), product("p1", group="g4999"), product("p2", group=last)],
    )
    stock.rules_at_once({("group", "s1", "g0"): "exclude", ("group", "s1", "g5000"): "include"})
    with app.app_context():
        counted = {
            row.group_id: row.published for row in bounded(counts_by_group(stock.owner.id, EMPTY, "s1"))
        }
        goods = {row.evotor_id: row for row in bounded(published_goods(stock.owner.id, policy=EMPTY))}
        alone = {
            id: bounded(published_goods(stock.owner.id, "s1", product_id=id, policy=EMPTY)) for id in goods
        }
        within = bounded(published_goods(stock.owner.id, "s1", "g5000", policy=EMPTY))
    assert counted == {"g0": 0, "g4999": 0, last: 1}
    assert alone == {id: [row] for id, row in goods.items()}
    assert {id: (row.is_published, row.ruled_id) for id, row in goods.items()} == {
        "p0": (False, "g0"),
        "p1": (False, "g0"),
        "p2": (True, "g5000"),
    }
    everywhere = ["p0", "p1", "p2"]
    assert sorted(row.evotor_id for row in within) == (everywhere if is_closed else ["p2"])
    assert (
        decide_group(StoreRules("s1", "include", None, {"g0": "exclude"}, {}, parents), last).mode
        == "exclude"
    )


def test_a_rule_on_every_second_of_ten_thousand_groups(app: Flask, stock: Stock):
    stock.put(groups=[group(id, parent=parent) for id, parent in chain(is_closed=False).items()])
    stock.rules_at_once({("group", "s1", f"g{n}"): "exclude" for n in range(0, GROUPS, 2)})
    with app.app_context():
        assert bounded(counts_by_group(stock.owner.id, EMPTY)) == []


def bounded(statement: Select) -> list:
    """Run a statement, which SQLite stops when it takes out of all proportion."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # What it does for each group is counted elsewhere: see tests/data/test_recursion.py.
            return list(connection.execute(statement))
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        # Called once: a statement that comes so far is ended by it.
        raw.set_progress_handler(lambda: 1, GROUPS * STEPS_A_GROUP)
        try:
            return list(connection.execute(statement))
        finally:
            raw.set_progress_handler(None, 0)
