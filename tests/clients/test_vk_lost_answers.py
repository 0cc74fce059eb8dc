"""Every fault of VK's wire against calls that read and calls that write: tried again, or sent once."""

import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.clients.errors import BadPayload, CloudError, Unavailable, UnknownOutcome
from app.clients.vk.batch import run_batch
from app.clients.vk.market import Fields, Market
from app.clients.vk.photos import ProductPhotos
from app.clients.vk.session import VkSession
from sandbox.vk.faults import TRANSPORT
from sandbox.vk.filling import fill
from tests.clients.vk_cloud import JPEG, SHOP, Unlimited, VkCloud, good, vk_cloud

# What a reading call ends with, and how often it is sent.
READ = {
    "status_500": (Unavailable, 4),
    "status_502": (Unavailable, 4),
    "silence": (Unavailable, 4),
    "cut": (Unavailable, 4),
    "truncated": (BadPayload, 1),
    "html_body": (BadPayload, 1),
    "garbage": (BadPayload, 1),
    "gigantic": (BadPayload, 1),
}
CHANGE = Fields(hidden=True, price=Decimal("5"))
READING: dict[str, Callable[[Market], Any]] = {
    "market.get": lambda market: market.session.ask(market.getting(0)),
    "market.getById": lambda market: market.get_by_id([1]),
    "market.getCategories": lambda market: market.categories(),
    "market.getAlbums": lambda market: market.get_albums(),
    "market.getAlbumById": lambda market: market.get_album_by_id([1]),
    "groups.getById": lambda market: market.shop(),
}
WRITING: dict[str, Callable[[Market], Any]] = {
    "market.edit": lambda market: market.session.ask(market.editing(1, CHANGE)),
    "market.add": lambda market: market.session.ask(market.adding(good())),
    "market.delete": lambda market: market.session.ask(market.deleting(2)),
    "market.restore": lambda market: market.session.ask(market.restoring(3)),
    "market.addAlbum": lambda market: market.session.ask(market.adding_album("Чаи")),
    "market.addToAlbum": lambda market: market.session.ask(market.adding_to_album([1], [1])),
    "market.removeFromAlbum": lambda market: market.session.ask(market.removing_from_album(2, [1])),
    "execute": lambda market: run_batch(market.session, [market.editing(n, CHANGE) for n in (1, 2)]),
}


@pytest.fixture(scope="module")
def served() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        cloud.vk.habits.needs_photo = False
        yield cloud


@pytest.fixture
def cloud(served: VkCloud) -> Iterator[VkCloud]:
    served.vk.faults.clear()
    served.waits.clear()
    yield served
    served.vk.faults.clear()


@pytest.fixture
def market(cloud: VkCloud, fault: str) -> Market:
    """A shop of its own: a good for each of the calls, one of them in an album, one deleted."""
    community_id = cloud.vk.add_community("Кофейня", cloud.person).id
    fill(cloud.vk, community_id, 3)
    shelf = cloud.vk.market(community_id)
    shelf.add_album("Кружки").items.append(2)
    shelf.delete(3, cloud.vk.now())
    # Nobody waits for what never comes; what comes may take its time on a busy machine.
    return cloud.shop(community_id, timeout=(2, 0.3 if fault == "silence" else 30))[0]


def test_every_fault_of_the_wire_is_tried_here() -> None:
    assert READ.keys() == TRANSPORT.keys()


@pytest.mark.parametrize("fault", READ)
@pytest.mark.parametrize("method", READING)
def test_a_reading_call_is_tried_again_where_that_may_help(
    cloud: VkCloud, market: Market, method: str, fault: str
) -> None:
    error, times = READ[fault]
    cloud.vk.faults.add(fault, method=method)
    with pytest.raises(error) as failure:
        READING[method](market)
    assert type(failure.value) is error
    assert cloud.vk.calls.total == times and len(cloud.waits) == times - 1
    cloud.vk.faults.clear()
    READING[method](market)


@pytest.mark.parametrize("fault", READ)
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("method", WRITING)
def test_a_writing_call_is_sent_once_and_its_outcome_is_unknown(
    cloud: VkCloud, market: Market, method: str, is_done: bool, fault: str
) -> None:
    cloud.vk.faults.add(fault, method=method, done=is_done)
    with pytest.raises(UnknownOutcome):
        WRITING[method](market)
    assert cloud.vk.calls.total == 1 and cloud.waits == []


@pytest.mark.parametrize("call", [READING["market.get"], WRITING["market.edit"]], ids=["read", "write"])
def test_what_never_left_is_certain(call: Callable[[Market], Any]) -> None:
    session = VkSession("http://127.0.0.1:9", "token", budget=Unlimited(), sleep=lambda seconds: None)
    with pytest.raises(Unavailable) as failure:
        call(Market(session, SHOP))
    assert not failure.value.is_sent


def test_a_call_for_which_no_time_is_left_is_not_sent(cloud: VkCloud) -> None:
    late = cloud.client(cloud.tokens()[0].access_token, lifetime=0)
    cloud.vk.calls.clear()
    with pytest.raises(Unavailable) as failure:
        WRITING["market.edit"](Market(late.session, SHOP))
    assert not failure.value.is_sent and cloud.vk.calls.total == 0


@pytest.mark.parametrize("fault", [None, *READ])
def test_no_secret_is_in_a_log_or_an_error(
    cloud: VkCloud, caplog: pytest.LogCaptureFixture, fault: str | None
) -> None:
    token = cloud.tokens()[0].access_token
    session = cloud.client(token, timeout=(2, 0.3)).session
    market, photos = Market(session, SHOP), ProductPhotos(session, SHOP, timeout=(2, 0.3))
    calls = (
        lambda: market.session.ask(market.getting(0)),
        lambda: market.session.ask(market.adding(good(name="Тайный чай"))),
        lambda: photos.upload(JPEG),
    )
    if fault:
        for method in ("market.get", "market.add", "upload"):
            cloud.vk.faults.add(fault, method=method)
    shown = [repr(session), repr(market.adding(good(name="Тайный чай")))]
    with caplog.at_level(logging.DEBUG):
        for call in calls:
            try:
                call()
            except CloudError as error:
                shown += [repr(error), str(error), repr(vars(error)), repr(error.__cause__)]
    text = "".join(shown) + caplog.text
    assert token not in text and "Тайный чай" not in text and "upload_response" not in text
