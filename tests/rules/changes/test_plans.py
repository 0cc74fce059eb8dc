"""A plan is its condition until it is applied; a step is made once, however many ask for it at once."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask, g
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.types import now
from app.mirror import big_shops
from app.rules.changes import apply as steps
from app.rules.changes.apply import apply, undo
from app.rules.changes.drafts import KEPT_FOR, forget_drafts
from app.rules.changes.plan import discard_unapplied, own_change
from app.rules.models import RuleChange, RuleChangeItem
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, product

ALL = "/catalog/bulk?type=products&store_id=s1"


@pytest.fixture
def tea(stock: Stock) -> Stock:
    stock.put(products=[product(f"p{n}", f"Чай «{n}»") for n in range(5)])
    return stock


def planned(owner: Owner, **fields: str) -> str:
    """Plan to exclude everything; give the address of the plan."""
    answer = owner.client.post(ALL, data={"scope": "found", "filter_mode": "exclude"} | fields)
    return answer.headers["Location"].partition("?")[0]


def written(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(RuleChangeItem)) or 0


def test_a_plan_costs_one_row_until_it_is_applied(alice: Owner, tea: Stock, db_session: Session):
    for _ in range(3):
        plan = planned(alice)
        assert "Перестанут публиковаться: 5" in alice.client.get(plan).page.text
    assert written(db_session) == 0
    alice.client.post(f"{plan}/apply")
    assert written(db_session) == len(tea.rules()) == 5


def test_rules_on_all_goods_of_a_big_shop_may_take_the_database_long(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(big_shops, "MANY_GOODS", 0)
    waits_long: list[bool] = []

    def applied(change: RuleChange) -> RuleChange | None:
        waits_long.append(g.is_long_work)
        return apply(change)

    monkeypatch.setattr(steps, "apply", applied)
    alice.client.post(f"{planned(alice)}/apply")
    assert waits_long == [True] and len(tea.rules()) == 5


def test_a_plan_leaves_out_what_has_come_meanwhile_and_what_has_gone(alice: Owner, tea: Stock):
    plan = planned(alice)
    tea.put(products=[product("new")])
    assert "Перестанут публиковаться" not in alice.client.get(plan).page.text
    alice.client.post(f"{plan}/apply")
    assert tea.rules() == {}


def test_a_plan_that_has_become_idle_leaves_no_step(alice: Owner, tea: Stock, db_session: Session):
    first, second = planned(alice), planned(alice)
    alice.client.post(f"{first}/apply")
    answer = alice.client.post(f"{second}/apply")
    assert "всё уже так" in alice.client.get(answer.headers["Location"]).page.text
    assert len(db_session.scalars(select(RuleChange)).all()) == 1


def test_drafts_are_forgotten_within_a_day_and_steps_are_kept(
    app: Flask, alice: Owner, tea: Stock, db_session: Session
):
    applied, old, young = planned(alice), planned(alice), planned(alice)
    alice.client.post(f"{applied}/apply")
    ids = [int(plan.rpartition("/")[2]) for plan in (applied, old)]
    age = {"planned_at": now() - KEPT_FOR - timedelta(minutes=1)}
    db_session.execute(update(RuleChange).where(RuleChange.id.in_(ids)).values(age))
    with app.app_context():
        forget_drafts()
    assert [alice.client.get(plan).status_code for plan in (applied, old, young)] == [200, 404, 200]


@on_both
def test_two_undos_at_once_leave_one_step(app: Flask, alice: Owner, tea: Stock, db_session: Session):
    plan = planned(alice)
    alice.client.post(f"{plan}/apply")
    change_id = int(plan.rpartition("/")[2])
    both = threading.Barrier(2)

    def take_back() -> None:
        with app.app_context():
            change = own_change(alice.id, change_id)
            assert change is not None
            both.wait(100)
            undo(change)
            db.session.commit()

    threads = [threading.Thread(target=take_back) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tea.rules() == {}
    assert [change.kind for change in db_session.scalars(select(RuleChange).order_by(RuleChange.id))] == [
        "bulk",
        "revert",
    ]


def test_a_plan_that_is_applied_at_this_moment_is_not_forgotten(
    app: Flask, alice: Owner, tea: Stock, db_session: Session
):
    plan = planned(alice)
    with app.app_context():
        change = own_change(alice.id, int(plan.rpartition("/")[2]))
        assert change is not None and change.applied_at is None
        db.session.commit()
        # What the other request has done between the look and the deletion.
        alice.client.post(f"{plan}/apply")
        discard_unapplied(change)
        db.session.commit()
    assert tea.rules() and db_session.scalars(select(RuleChange.applied_at)).all() != [None]
    assert alice.client.post(f"{plan}/undo").status_code == 303 and tea.rules() == {}


def test_what_was_undone_is_said_in_one_sentence(alice: Owner, tea: Stock):
    plan = planned(alice)
    alice.client.post(f"{plan}/apply")
    answer = alice.client.post(f"{plan}/undo")
    text = alice.client.get(answer.headers["Location"]).page.text
    assert "Отменено: снято 5 правил, 5 товаров снова публикуются." in text.replace("\xa0", " ")


@on_both
def test_an_undo_from_an_old_page_leaves_what_was_decided_since(alice: Owner, tea: Stock):
    plan = planned(alice)
    alice.client.post(f"{plan}/apply")
    key, *others = tea.rules()
    tea.decide(key[0], key[2], "exclude" if tea.rules()[key] == "include" else "include")
    since = tea.rules()[key]
    alice.client.post(f"{plan}/undo")
    assert others and tea.rules() == {key: since}
    answer = alice.client.post(f"{plan}/undo")
    assert "Отменять нечего" in alice.client.get(answer.headers["Location"]).page.text
    assert tea.rules() == {key: since}


def test_names_with_quotes_are_put_between_outer_ones(alice: Owner, tea: Stock):
    fields = {"entity_type": "product", "entity_id": "p1", "filter_mode": "exclude", "store_id": "s1"}
    alice.client.post("/catalog/filter", data=fields)
    assert "Товар «Чай „1“»" in alice.client.get("/sync/history?kind=rules").page.text


def test_a_click_takes_at_most_ten_statements(
    alice: Owner,
    tea: Stock,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
):
    # The first rule of all makes the owner's configuration.
    tea.rule("store", "s1", "include")
    fields = {"entity_type": "product", "entity_id": "p1", "store_id": "s1"}
    for mode in ("exclude", "include", "none", "none"):
        with count_statements() as statements:
            assert (
                alice.client.htmx_post("/catalog/filter", fields | {"filter_mode": mode}).status_code == 200
            )
        assert len(statements) <= 10, "\n".join(statements)
