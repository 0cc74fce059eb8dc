"""The shop as a run of publication works on it: fresh tokens, true notes, and an end when it is lost."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.clients.errors import BadRequest, ConfirmationNeeded, MarketOff, RateLimited, Unauthorized
from app.clients.vk.market import Market
from app.connections.models import BUSY, CONFIRM, MARKET_OFF, ONLINE, RECONNECT, CloudAccount
from app.connections.problems import Kind
from app.connections.vk.market import MarketLost, OpenMarket, open_market
from app.data.db import db
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import choose, connect
from tests.owners import Owner

Stored = Callable[[Owner], CloudAccount]


@pytest.fixture
def market(app: Flask, alice: Owner, maria: Person, teahouse: Community) -> Iterator[OpenMarket]:
    """Alice's shop, opened by a run."""
    connect(alice, maria, teahouse)
    with app.app_context(), open_market(alice.id, teahouse.id, tries=1) as market:
        yield market


def goods(market: OpenMarket) -> int:
    shop = Market(market.session, market.community.id)
    return shop.session.ask(shop.getting(0, count=1)).total or 0


def test_it_leads_to_the_chosen_community(market: OpenMarket, teahouse: Community) -> None:
    assert market.community.id == teahouse.id
    assert goods(market) >= 0 and market.is_mine()


def test_a_token_that_dies_in_the_midst_of_a_run_is_renewed(market: OpenMarket, vk: VkWorld) -> None:
    goods(market)
    for _ in range(2):
        vk.expire_access()
        assert goods(market) >= 0
    assert vk.rotations == 2 and vk.spent_tokens_seen == 0


def test_each_answer_becomes_the_state_it_means(market: OpenMarket, alice: Owner, stored: Stored) -> None:
    problem = market.note_problem(MarketOff("1438"))
    assert problem is not None and problem.kind is Kind.MARKET_OFF
    assert (stored(alice).status, stored(alice).is_online) == (MARKET_OFF, False)
    address = "https://id.vk.ru/not_robot_captcha?session_token=1"
    problem = market.note_problem(ConfirmationNeeded("14", address=address))
    assert problem is not None and (problem.kind, problem.address) == (Kind.CAPTCHA, address)
    assert stored(alice).status == CONFIRM
    market.note_success()
    assert (stored(alice).status, stored(alice).last_error) == (ONLINE, None)


def test_flood_is_noted_at_once_because_vk_means_it(
    market: OpenMarket, alice: Owner, vk: VkWorld, stored: Stored
) -> None:
    vk.trouble = "flood"
    with pytest.raises(RateLimited) as caught:
        goods(market)
    problem = market.note_problem(caught.value)
    assert problem is not None and problem.kind is Kind.FLOOD and stored(alice).status == BUSY


def test_what_is_wrong_with_one_good_says_nothing_of_the_connection(
    market: OpenMarket, alice: Owner, stored: Stored
) -> None:
    assert market.note_problem(BadRequest("100")) is None
    assert stored(alice).status == ONLINE


def test_rights_taken_back_in_the_midst_of_a_run_are_a_dead_token(
    market: OpenMarket, alice: Owner, maria: Person, vk: VkWorld, stored: Stored
) -> None:
    goods(market)
    vk.revoke_person(maria.id)
    with pytest.raises(Unauthorized) as caught:
        goods(market)
    problem = market.note_problem(caught.value)
    assert problem is not None and problem.kind is Kind.VK_TOKEN_DEAD and stored(alice).status == RECONNECT


def test_nothing_is_noted_for_a_token_that_was_replaced_meanwhile(
    market: OpenMarket, alice: Owner, maria: Person, stored: Stored
) -> None:
    goods(market)
    connect(alice, maria)
    assert market.note_problem(Unauthorized("5")) is None
    assert stored(alice).status == ONLINE
    assert goods(market) >= 0, "it is the same shop, with the new token"


def test_another_community_ends_the_run_before_anything_is_sent(
    market: OpenMarket, alice: Owner, vk: VkWorld, maria: Person, stored: Stored
) -> None:
    goods(market)
    other = vk.add_community("Вторая чайная", maria)
    alice.client.post("/connections/vk/community/list")
    alice.check("vk")
    # The pages share this test's context, and with it what was read before.
    db.session.rollback()
    assert choose(alice, other.id).status_code == 303
    with pytest.raises(MarketLost):
        goods(market)
    assert not market.is_mine()
    assert market.note_problem(MarketOff("1438")) is None
    market.note_success()
    assert stored(alice).status == ONLINE


def test_another_account_or_none_ends_the_run(market: OpenMarket, alice: Owner, vk: VkWorld) -> None:
    connect(alice, vk.people[1002])
    with pytest.raises(MarketLost):
        goods(market)
    alice.client.post("/connections/vk/delete")
    with pytest.raises(MarketLost):
        goods(market)
    market.note_success()


def test_without_a_community_there_is_no_market(app: Flask, alice: Owner, maria: Person) -> None:
    connect(alice, maria)
    with app.app_context(), pytest.raises(MarketLost), open_market(alice.id, 2001):
        pass


def test_two_owners_of_one_community_do_not_meet(
    market: OpenMarket,
    alice: Owner,
    bob: Owner,
    maria: Person,
    teahouse: Community,
    app: Flask,
    stored: Stored,
) -> None:
    connect(bob, maria, teahouse)
    market.note_problem(MarketOff("1438"))
    assert stored(alice).status == MARKET_OFF and stored(bob).status == ONLINE
    bob.client.post("/connections/vk/delete")
    assert market.is_mine()


def test_no_database_connection_is_held_while_vk_thinks(market: OpenMarket) -> None:
    assert market.is_mine()
    assert not db.session().in_transaction()
