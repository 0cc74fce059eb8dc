"""An owner's history has so much room: the rules of its oldest steps go, and what stands is as it was."""

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.data.db import db
from app.rules.changes import one, plan, room
from app.rules.changes.apply import change_at_once, undo
from app.rules.models import RuleChange, RuleChangeItem
from app.rules.read import Target
from tests.owners import Owner
from tests.stock import Stock, product
from tests.thoroughness import examples

pytestmark = pytest.mark.databases("sqlite", "postgresql")

GOODS = 5
TARGETS = [Target("product", f"p{n}", "s1", f"Чай {n}", None) for n in range(GOODS)]
TOO_OLD = "Отменить это изменение уже нельзя: оно слишком старое"
MODES = st.sampled_from(["include", "exclude", None])
# Which goods are decided about and how, or which of the steps before is taken back.
Step = tuple[set[int], str | None] | int
GOODS_DECIDED = st.tuples(st.sets(st.integers(0, 4), min_size=1), MODES)
STEPS = st.lists(st.one_of(GOODS_DECIDED, GOODS_DECIDED, st.integers(0, 6)), min_size=4, max_size=8)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give histories room for so many rules."""

    def make(rules: int) -> None:
        monkeypatch.setattr(room, "MOST_RULES", rules)
        monkeypatch.setattr(room, "TIMES_ALL_GOODS", 0)

    return make


@pytest.fixture
def tea(stock: Stock) -> Stock:
    stock.put(products=[product(f"p{n}", f"Чай {n}") for n in range(GOODS)])
    return stock


def decide(owner: Owner, mode: str) -> str:
    """Exclude or include all goods one by one; give the address of the step."""
    fields = {"scope": "found", "filter_mode": mode}
    planned = owner.client.post("/catalog/bulk?type=products&store_id=s1", data=fields).headers["Location"]
    step = planned.partition("?")[0]
    assert owner.client.post(f"{step}/apply").status_code == 303
    return step


def told(owner: Owner, url: str) -> str:
    """What the next page says after a click."""
    return owner.client.get(owner.client.post(url).headers["Location"]).page.text


def kept(session: Session) -> list[int]:
    """How many rules there are of each step, the oldest first; the steps know it."""
    session.rollback()
    count = select(func.count()).where(RuleChangeItem.change_id == RuleChange.id).scalar_subquery()
    rows = session.execute(select(RuleChange.kept_rules, count).order_by(RuleChange.id)).all()
    assert all(known == counted for known, counted in rows)
    return [counted for _, counted in rows]


def test_rules_of_the_oldest_steps_make_room_and_their_pages_say_so(
    alice: Owner, tea: Stock, db_session: Session, small
) -> None:
    small(12)
    steps = [decide(alice, mode) for mode in ("exclude", "include", "none", "exclude")]
    assert kept(db_session) == [0, 2, 5, 5]
    for step in steps[:2]:
        page = alice.client.get(step).page
        assert "Чай" not in page.text.partition(TOO_OLD)[2]
        assert TOO_OLD in page.text and not page.select("//form[contains(@action, '/revert')]")
        assert TOO_OLD in told(alice, f"{step}/revert")
        assert TOO_OLD in told(alice, f"{step}/undo")
    history = alice.client.get("/sync/history").page
    assert len(history.select("//form[contains(@action, '/revert')]")) == 2
    assert history.text.count("Слишком старое") == 2
    assert "не находятся" not in history.text
    assert "не находятся" in alice.client.get("/sync/history?q=чай").page.text
    # Nothing of all that was done.
    assert kept(db_session) == [0, 2, 5, 5]
    assert set(tea.rules().values()) == {"exclude"}
    alice.client.post(f"{steps[3]}/undo")
    assert tea.rules() == {}


def test_a_bigger_shop_has_room_for_more(
    alice: Owner, tea: Stock, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_RULES", 1)
    monkeypatch.setattr(room, "TIMES_ALL_GOODS", 2)
    for mode in ("exclude", "include", "exclude"):
        decide(alice, mode)
    assert kept(db_session) == [0, 5, 5]


def test_a_plan_to_take_back_what_has_gone_since_changes_nothing(
    alice: Owner, tea: Stock, db_session: Session, small
) -> None:
    first = decide(alice, "exclude")
    planned = alice.client.post(f"{first}/revert").headers["Location"].partition("?")[0]
    alice.client.post(f"{planned}/discard")
    planned = alice.client.post(f"{first}/revert").headers["Location"].partition("?")[0]
    small(8)
    decide(alice, "include")
    assert alice.client.get(planned).status_code == 200
    assert TOO_OLD in told(alice, f"{planned}/apply")
    assert set(tea.rules().values()) == {"include"}


def test_clicks_make_room_many_at_a_time_and_never_more_than_a_change_may_take(
    app: Flask, alice: Owner, tea: Stock, db_session: Session, small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_LEAST_AT_ONCE", 3)
    with app.app_context():
        for mode in ("exclude", "include", None) * 7:
            one.set_rule(one.hold_rules(alice.id), TARGETS[0], mode)
            db.session.commit()
    small(10)
    decide(alice, "exclude")
    assert kept(db_session) == [0] * 10 + [1] * 11 + [5]
    decide(alice, "include")
    assert kept(db_session) == [0] * 20 + [1, 5, 5]
    decide(alice, "exclude")
    assert kept(db_session) == [0] * 22 + [5, 5]


@settings(max_examples=examples(6), phases=[Phase.generate])
@given(steps=STEPS, rules=st.integers(0, 15))
def test_what_is_kept_is_taken_back_as_if_all_were(
    app: Flask, alice: Owner, bob: Owner, steps: list[Step], rules: int
) -> None:
    """Alice and Bob do the same, but with the last step Alice's history loses what is old."""
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        hers, his = (make(owner, steps) for owner in (alice, bob))
        patch.setattr(room, "MOST_RULES", rules)
        patch.setattr(room, "TIMES_ALL_GOODS", 0)
        make(alice, [({0}, "exclude"), ({0}, None)])
        patch.undo()
        make(bob, [({0}, "exclude"), ({0}, None)])
        for mine, yours in zip(hers, his, strict=True):
            if mine is not None and yours is not None:
                db.session.refresh(mine)
                assert way_back(mine) == (set() if mine.is_too_old else way_back(yours))
            assert (mine is None) == (yours is None)


def make(owner: Owner, steps: list[Step]) -> list[RuleChange | None]:
    """Make the steps of the owner's history; None is one that changed nothing."""
    made: list[RuleChange | None] = []
    for step in steps:
        earlier = made[step] if isinstance(step, int) and step < len(made) else None
        if not isinstance(step, int):
            targets = [(TARGETS[number], step[1]) for number in sorted(step[0])]
            made.append(change_at_once(owner.id, plan.BULK, "bulk", targets=targets))
        else:
            made.append(undo(earlier) if earlier else None)
        db.session.commit()
    return made


def way_back(step: RuleChange) -> set[tuple[str, str | None]]:
    """What taking a step back would decide about which goods."""
    found = plan.rules_before(step.user_id, {"change_id": step.id, "as_left": True}).subquery()
    rows = db.session.execute(select(found.c.entity_id, found.c.mode))
    return {(entity_id, mode) for entity_id, mode in rows}
