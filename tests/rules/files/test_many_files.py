"""A plan of a file may take some 30 MB: an owner has few of them, however many files are sent."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.data.types import now
from app.rules.changes.plan import BULK, FILE
from app.rules.decide import EXCLUDE, PRODUCT
from app.rules.files.plan_import import FILES_KEPT, plan_import
from app.rules.files.read_file import Line
from app.rules.models import RuleChange, RuleChangeItem
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, product


@pytest.fixture
def planned(app: Flask, stock: Stock):
    """Plan a file with one line, which is new; give the key of the plan."""
    stock.put(products=[product("p1", "Ассам")])

    def plan(owner: Owner) -> int:
        line = Line(2, (PRODUCT, "s1", "p1"), "Ассам", EXCLUDE)
        with app.test_request_context():
            return plan_import(owner.id, [line], "rules.csv", remove_missing=False).id

    return plan


@on_both
def test_the_newest_plans_of_files_are_kept(alice: Owner, bob: Owner, planned, db_session: Session) -> None:
    others = planned(bob)
    keys = [planned(alice) for _ in range(FILES_KEPT + 2)]
    kept = set(db_session.scalars(select(RuleChange.id).filter_by(kind=FILE)))
    assert kept == {others, *keys[-FILES_KEPT:]}
    assert db_session.scalar(select(func.count()).select_from(RuleChangeItem)) == FILES_KEPT
    shown = [alice.client.get(f"/sync/changes/{key}").status_code for key in keys]
    assert shown == [404] * 2 + [200] * FILES_KEPT


def test_steps_of_the_history_and_other_plans_stay(alice: Owner, planned, db_session: Session) -> None:
    step, bulk = planned(alice), planned(alice)
    db_session.execute(update(RuleChange).where(RuleChange.id == step).values(applied_at=now()))
    db_session.execute(update(RuleChange).where(RuleChange.id == bulk).values(kind=BULK))
    db_session.commit()
    for _ in range(FILES_KEPT + 1):
        planned(alice)
    assert {step, bulk} <= set(db_session.scalars(select(RuleChange.id)))
