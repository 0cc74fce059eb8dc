"""May this owner publish, and if not, which problem is in the way."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.connections.may_publish import MayPublish, may_publish
from app.connections.models import EVOTOR, VK, CloudAccount
from app.connections.problems import Kind
from tests.owners import Owner

Ask = Callable[[Owner], MayPublish]
COMMUNITY = {"id": 2001, "name": "Чайная на Театральной", "photo": None}


@pytest.fixture
def ask(app: Flask) -> Ask:
    def ask(owner: Owner) -> MayPublish:
        with app.test_request_context():
            return may_publish(owner.id)

    return ask


@pytest.fixture
def ready(alice: Owner, bob: Owner, db_session: Session) -> None:
    """Alice and Bob with the same merchant and the same community, all in order."""
    for owner in (alice, bob):
        for provider, account, profile in ((EVOTOR, "01-1", {}), (VK, "1001", {"community": COMMUNITY})):
            db_session.add(
                CloudAccount(
                    user_id=owner.id,
                    provider=provider,
                    credentials="",
                    profile=profile,
                    external_user_id=account,
                    is_online=True,
                )
            )
    db_session.flush()


def change(session: Session, owner: Owner, provider: str, **columns: object) -> None:
    session.execute(update(CloudAccount).filter_by(user_id=owner.id, provider=provider).values(**columns))


def test_goods_go_to_the_chosen_community_when_all_is_in_order(ready: None, alice: Owner, ask: Ask) -> None:
    answer = ask(alice)
    assert answer.problem is None
    assert answer.community is not None and answer.community.id == 2001


@pytest.mark.parametrize(
    ("provider", "status", "kind"),
    [
        (EVOTOR, "reconnect", Kind.EVOTOR_DEAD_TOKEN),
        (VK, "reconnect", Kind.VK_TOKEN_DEAD),
        (VK, "no_market", Kind.SCOPE_MISSING),
        (VK, "market_off", Kind.MARKET_OFF),
        (VK, "role_lost", Kind.ROLE_LOST),
        (VK, "blocked", Kind.BLOCKED),
        (VK, "confirm", Kind.CAPTCHA),
        (VK, "offline", Kind.VK_AWAY),
        (VK, "busy", Kind.FLOOD),
    ],
)
def test_each_state_is_a_problem_of_its_own_and_of_its_owner_alone(
    ready: None,
    alice: Owner,
    bob: Owner,
    ask: Ask,
    db_session: Session,
    provider: str,
    status: str,
    kind: Kind,
) -> None:
    change(db_session, alice, provider, status=status)
    problem = ask(alice).problem
    assert problem is not None and problem.kind is kind
    assert ask(bob).problem is None


def test_an_evotor_that_does_not_answer_for_a_moment_stops_nothing(
    ready: None, alice: Owner, ask: Ask, db_session: Session
) -> None:
    change(db_session, alice, EVOTOR, status="offline")
    assert ask(alice).problem is None


def test_what_is_not_connected_or_not_chosen_is_named_in_the_order_of_mending(
    alice: Owner, ask: Ask, db_session: Session
) -> None:
    def kind() -> Kind | None:
        problem = ask(alice).problem
        return problem.kind if problem else None

    def connect(provider: str) -> None:
        db_session.add(CloudAccount(user_id=alice.id, provider=provider, credentials="", profile={}))
        db_session.flush()

    assert kind() is Kind.NO_EVOTOR
    connect(EVOTOR)
    assert kind() is Kind.NO_VK
    connect(VK)
    assert kind() is Kind.NO_COMMUNITY and ask(alice).community is None
    change(db_session, alice, VK, profile={"community": COMMUNITY})
    assert kind() is None


def test_every_problem_has_words_and_a_button_of_its_own(app: Flask) -> None:
    from app.connections.problems import Problem

    with app.test_request_context():
        problems = [Problem(kind) for kind in Kind]
        assert len({problem.sentence for problem in problems}) == len(problems)
        assert all(problem.button for problem in problems)
        passed = Problem(Kind.CAPTCHA, address="https://id.vk.ru/not_robot_captcha?x=1").button
    assert passed is not None and passed.is_foreign and passed.url.startswith("https://id.vk.ru/")
