"""A step is taken back once: what was decided anew after that is another step's, though it looks the same."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.data.db import db
from app.rules.changes import one, plan
from app.rules.changes.apply import change_at_once, undo
from app.rules.models import RuleChange
from app.rules.read import Target, config_of
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, product

EXCLUDED = {("product", "s1", f"p{n}"): "exclude" for n in range(2)}
TARGETS = [Target("product", id, "s1", f"Чай {id}", None) for _, _, id in EXCLUDED]


@pytest.fixture(autouse=True)
def tea(app: Flask, stock: Stock) -> Iterator[None]:
    stock.put(products=[product(f"p{n}", f"Чай {n}") for n in range(5)])
    with app.app_context():
        yield


def made(change: RuleChange | None) -> RuleChange:
    db.session.commit()
    assert change is not None
    return change


def exclude(owner: Owner) -> RuleChange:
    targets = [(target, "exclude") for target in TARGETS]
    return made(change_at_once(owner.id, plan.BULK, "bulk", targets=targets))


def click(owner: Owner, target: Target, mode: str | None) -> RuleChange:
    return made(one.set_rule(one.hold_rules(owner.id), target, mode))


def test_what_was_taken_back_and_decided_anew_is_not_taken_back_again(alice: Owner, stock: Stock) -> None:
    first = exclude(alice)
    made(undo(first))
    exclude(alice)
    answer = alice.client.post(f"/sync/changes/{first.id}/undo")
    assert "это уже отменено" in alice.client.get(answer.headers["Location"]).page.text
    assert stock.rules() == EXCLUDED


def test_a_click_takes_its_rule_back_and_no_other(alice: Owner, stock: Stock) -> None:
    first = exclude(alice)
    click(alice, TARGETS[0], None)
    click(alice, TARGETS[0], "exclude")
    made(undo(first))
    assert stock.rules() == {("product", "s1", "p0"): "exclude"}
    assert undo(first) is None


def test_who_undoes_the_undoing_may_undo_again(alice: Owner, stock: Stock) -> None:
    first = exclude(alice)
    back = made(undo(first))
    again = made(undo(back))
    assert stock.rules() == EXCLUDED
    made(undo(first))
    assert stock.rules() == {}
    exclude(alice)
    assert undo(first) is undo(again) is None
    assert stock.rules() == EXCLUDED


def test_what_came_after_and_was_taken_back_is_in_nobody_s_way(alice: Owner, stock: Stock) -> None:
    first = exclude(alice)
    later = made(change_at_once(alice.id, plan.BULK, "bulk", targets=[(each, None) for each in TARGETS]))
    made(undo(later))
    made(undo(first))
    assert stock.rules() == {}


def test_another_owner_s_steps_are_in_nobody_s_way(alice: Owner, bob: Owner, stock: Stock) -> None:
    Stock(bob).put(products=[product(f"p{n}") for n in range(5)])
    first = exclude(alice)
    made(undo(exclude(bob)))
    made(undo(first))
    assert stock.rules() == {}


@on_both
def test_settings_are_taken_back_once_too(alice: Owner) -> None:
    for before, change in (
        ({"default_mode": "include"}, {"default_mode": "exclude"}),
        ({"is_enabled": True}, {"is_enabled": False}),
    ):
        for name, value in before.items():
            setattr(config_of(alice.id), name, value)
        db.session.commit()
        first = made(change_at_once(alice.id, plan.SWITCH, "switch", **change))
        made(undo(first))
        made(change_at_once(alice.id, plan.SWITCH, "switch", **change))
        assert undo(first) is None
        [(name, value)] = change.items()
        assert getattr(config_of(alice.id), name) == value


def test_a_rule_that_was_changed_away_and_decided_anew_is_the_later_step_s(
    alice: Owner, stock: Stock
) -> None:
    first = exclude(alice)
    click(alice, TARGETS[0], "include")
    click(alice, TARGETS[0], "exclude")
    made(undo(first))
    assert stock.rules() == {("product", "s1", "p0"): "exclude"}
