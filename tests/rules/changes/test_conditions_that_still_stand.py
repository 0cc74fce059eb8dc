"""Of a step about conditions goes back what is still as it left it: what was decided since stays."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.data.db import db
from app.rules.changes import plan
from app.rules.changes.apply import apply, change_at_once, undo
from app.rules.changes.plan import plan_revert
from app.rules.criteria.criterion import WORD, Criterion
from app.rules.models import RuleChange
from app.rules.policy import Decided, Policy, decides
from app.rules.read import config_of, policy_of
from tests.owners import Owner


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def word(text: str, mode: str = "exclude", key: str = "x") -> Criterion:
    return Criterion(key, mode, WORD, text=text)


TEA, COFFEE, COCOA = word("чай"), word("кофе"), word("какао")
OTHER, THIRD = word("вода", key="y"), word("сок", key="z")


def begin_with(owner: Owner, *criteria: Criterion) -> None:
    config_of(owner.id).policy = Policy(criteria).stored
    db.session.commit()


def made(change: RuleChange | None) -> RuleChange:
    db.session.commit()
    assert change is not None
    return change


def decide(owner: Owner, *criteria: Criterion) -> RuleChange:
    """Make these of the present conditions, as the page and a file of rules do."""
    policies = policy_of(owner.id), Policy(criteria)
    return made(change_at_once(owner.id, plan.CONDITIONS, "conditions", policy=policies))


def conditions(owner: Owner) -> tuple[Criterion, ...]:
    return policy_of(owner.id).criteria


def test_they_are_taken_back_once(alice: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice)
    made(undo(first))
    assert conditions(alice) == (TEA,)
    decide(alice)
    assert undo(first) is None
    assert conditions(alice) == ()


def test_what_a_condition_was_made_into_since_stays(alice: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    decide(alice, COCOA)
    answer = alice.client.post(f"/sync/changes/{first.id}/undo")
    assert "Отменять нечего" in alice.client.get(answer.headers["Location"]).page.text
    assert conditions(alice) == (COCOA,)


def test_what_was_changed_away_by_hand_and_decided_anew_stays(alice: Owner) -> None:
    begin_with(alice, word("чай", "include"))
    first = decide(alice, TEA)
    decide(alice, word("чай", "include"))
    decide(alice, TEA)
    assert undo(first) is None
    assert conditions(alice) == (TEA,)


def test_a_new_condition_that_was_changed_since_stays(alice: Owner) -> None:
    first = decide(alice, TEA)
    decide(alice, COFFEE)
    assert undo(first) is None
    assert conditions(alice) == (COFFEE,)


def test_of_many_conditions_those_that_stand_go_back(alice: Owner) -> None:
    begin_with(alice, TEA, OTHER)
    first = decide(alice, COFFEE, THIRD)
    decide(alice, COCOA, THIRD)
    made(undo(first))
    assert conditions(alice) == (COCOA, OTHER)


def test_what_was_taken_back_itself_is_in_nobody_s_way(alice: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    later = decide(alice, COCOA)
    back = made(undo(later))
    made(undo(made(undo(back))))
    made(undo(first))
    assert conditions(alice) == (TEA,)


def test_what_was_undone_undone_and_done_anew_is_another_step_s(alice: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    again = made(undo(made(undo(first))))
    made(undo(first))
    decide(alice, COFFEE)
    assert undo(first) is undo(again) is None
    assert conditions(alice) == (COFFEE,)


def test_an_order_that_was_decided_since_stays(alice: Owner) -> None:
    begin_with(alice, TEA, OTHER, THIRD)
    first = decide(alice, OTHER, TEA, THIRD)
    later = decide(alice, OTHER, THIRD, TEA)
    assert undo(first) is None
    assert conditions(alice) == (OTHER, THIRD, TEA)
    made(undo(later))
    made(undo(first))
    assert conditions(alice) == (TEA, OTHER, THIRD)


def test_an_order_goes_back_beside_another_that_was_decided_since(alice: Owner) -> None:
    fourth = word("суп", key="w")
    begin_with(alice, TEA, OTHER, THIRD, fourth)
    first = decide(alice, OTHER, TEA, THIRD, fourth)
    decide(alice, OTHER, TEA, fourth, THIRD)
    made(undo(first))
    assert conditions(alice) == (TEA, OTHER, fourth, THIRD)


def test_a_condition_that_says_the_same_since_does_not_go_for_it(alice: Owner) -> None:
    same = word("чай", "include", "y")
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    decide(alice, COFFEE, same)
    assert undo(first) is None
    assert conditions(alice) == (COFFEE, same)


def test_conditions_that_changed_their_words_with_each_other_go_back_together(alice: Owner) -> None:
    begin_with(alice, TEA, word("кофе", key="y"))
    first = decide(alice, COFFEE, word("чай", key="y"))
    made(undo(first))
    assert conditions(alice) == (TEA, word("кофе", key="y"))


def test_another_owner_s_conditions_are_in_nobody_s_way(alice: Owner, bob: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    decide(bob, COFFEE)
    decide(bob, COCOA)
    made(undo(first))
    assert (conditions(alice), conditions(bob)) == ((TEA,), (COCOA,))


def test_a_plan_that_was_seen_goes_all_the_way_back(alice: Owner) -> None:
    begin_with(alice, TEA)
    first = decide(alice, COFFEE)
    decide(alice, COCOA)
    made(apply(plan_revert(first)))
    assert conditions(alice) == (TEA,)


def test_what_was_taken_off_goes_back_to_its_place_among_those_that_were_turned(alice: Owner) -> None:
    begin_with(alice, TEA, OTHER, THIRD)
    first = decide(alice, THIRD, TEA)
    made(undo(first))
    assert conditions(alice) == (TEA, OTHER, THIRD)


criteria = st.builds(
    word,
    st.sampled_from(["чай", "кофе", "вода"]),
    st.sampled_from(["include", "exclude"]),
    st.sampled_from("xyz"),
)
policies = st.lists(criteria, max_size=3, unique_by=(lambda each: each.key, lambda each: each.says))


@settings(max_examples=40)
@given(moves=st.lists(policies | st.integers(0, 5), min_size=3, max_size=8))
def test_no_undo_ever_changes_what_a_later_step_that_stands_has_decided(
    alice: Owner, moves: list[list[Criterion] | int]
) -> None:
    """Beside the steps goes what stands: of each thing the steps by hand that decided it."""
    begin_with(alice)
    standing: defaultdict[Decided, list[int]] = defaultdict(list)
    # Of each step the one by hand that it makes stand, or (False) fall.
    steps: list[tuple[RuleChange, int, bool]] = []
    for move in moves:
        number, stands = len(steps), True
        if isinstance(move, int):
            if move >= len(steps):
                continue
            undone, number, stands = steps[move]
            stands = not stands
            change = undo(undone)
        elif conditions(alice) != tuple(move):
            change = decide(alice, *move)
        else:
            continue
        if change is None:
            continue
        things = decided_by(change)
        for thing in things:
            assert not isinstance(move, int) or all(step <= move for step in standing[thing])
            if stands:
                standing[thing].append(number)
            else:
                standing[thing].remove(number)
        if isinstance(move, int):
            assert things <= decided_by(steps[move][0])
        steps.append((change, number, stands))


def decided_by(change: RuleChange) -> set[Decided]:
    return decides(Policy.of(change.policy_before), Policy.of(change.policy_after))
