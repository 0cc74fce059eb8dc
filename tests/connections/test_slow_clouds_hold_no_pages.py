"""A cloud that hangs holds no page: its owner is told in a second, sees the rest later, and loses nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event

import pytest
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from app.connections.models import CloudAccount
from app.web import cloud_waits
from app.work.queue import CHECKS_QUEUE_NAME, queue
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from sandbox.world import World
from tests.connections.vk.conftest import connect, decide, maria, stored, teahouse, vk
from tests.jobs import work_off
from tests.owners import DEMO_TOKEN, PASSWORD, Owner
from tests.processes import wait_until

__all__ = ["maria", "stored", "teahouse", "vk"]

AS_THEY_DO = cloud_waits.PATIENCE_SECONDS
EVOTOR, TRYING = "/connections/evotor", "/connections/evotor/trying"


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    """As many threads as may wait for a cloud; close it, and they have their answers."""
    with ExitStack() as waiting:
        for _ in range(cloud_waits.AT_ONCE):
            cloud_waits._places.acquire()
            waiting.callback(cloud_waits._places.release)
        yield waiting


@pytest.fixture
def let_pages_wait(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let pages wait so long and no longer."""
    return lambda seconds: monkeypatch.setattr(cloud_waits, "PATIENCE_SECONDS", seconds)


class Hanging:
    """A part of the sandbox that waits until it is let go; `calls` counts who has come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._free = monkeypatch, Event()
        self.calls = 0

    def hold(self, part: object, name: str) -> None:
        """Let this method of the part wait."""
        real = getattr(part, name)

        def wait_first(*arguments: object) -> object:
            self.calls += 1
            assert self._free.wait(20)
            return real(*arguments)

        self._patch.setattr(part, name, wait_first)

    def let_go(self) -> None:
        self._free.set()


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    hanging = Hanging(monkeypatch)
    yield hanging
    hanging.let_go()
    wait_until(lambda: cloud_waits._places._value == cloud_waits.AT_ONCE)


def test_a_pasted_token_is_answered_in_a_second_and_the_rest_is_shown_later(
    alice: Owner, bob: Owner, world: World, let_pages_wait: Callable[[float], None]
) -> None:
    let_pages_wait(AS_THEY_DO)
    world.faults.add("slow", seconds=60, times=1)
    began = time.monotonic()
    answer = alice.client.post(EVOTOR, data={"token": DEMO_TOKEN})
    # A machine that is busy may add to the second; the cloud would have been waited for 15.
    assert AS_THEY_DO <= 1 and time.monotonic() - began < 10
    assert (answer.status_code, answer.location) == (303, TRYING)
    assert "Проверяем…" in alice.client.get(TRYING).page.text
    assert alice.client.htmx_get(TRYING).page.select("//*[@id='trying']/@hx-get") == [TRYING]
    # Meanwhile: another page, another click, another owner.
    assert alice.client.get("/healthz").status_code == 200
    assert "ещё проверяется" in alice.client.post(EVOTOR, data={"token": "another"}).page.text
    # A second click joins the first, and its page shows how that ends.
    assert alice.client.post(EVOTOR, data={"token": DEMO_TOKEN}).location == TRYING
    assert bob.client.get(TRYING).location == "/connections"
    world.faults.release()
    wait_until(lambda: alice.client.get(TRYING).location == "/catalog")
    assert alice.client.htmx_get(TRYING).headers["HX-Redirect"] == TRYING
    assert "На связи" in alice.client.get("/connections").page.text
    assert bob.client.get(TRYING).location == "/connections"


def test_nothing_is_disconnected_while_a_token_is_tried_which_would_connect_it_again(
    alice: Owner, world: World, let_pages_wait: Callable[[float], None]
) -> None:
    alice.connect_evotor()
    let_pages_wait(0.05)
    world.faults.add("slow", seconds=60, times=1)
    assert alice.client.post(EVOTOR, data={"token": DEMO_TOKEN}).location == TRYING
    assert alice.disconnect().location == "/connections/evotor/delete"
    assert "Новое подключение ещё проверяется" in alice.client.get("/connections/evotor/delete").page.text
    world.faults.release()
    wait_until(lambda: alice.client.get(TRYING).location == "/catalog")
    assert alice.disconnect().location == "/connections"


def test_a_check_is_a_workers_and_one_at_a_time_however_often_it_is_asked_for(
    alice: Owner, bob: Owner, world: World, app: Flask
) -> None:
    def queued() -> int:
        with app.app_context():
            return Queue(CHECKS_QUEUE_NAME, connection=queue.connection).count

    for owner in (alice, bob):
        owner.connect_evotor()
    world.journal.clear()
    for _ in range(24):
        assert "Проверяем" in alice.client.htmx_post("/connections/evotor/check").page.text
    assert (queued(), world.journal.entries()) == (1, [])
    # Another owner's connection has a check of its own.
    bob.client.post("/connections/evotor/check")
    assert (queued(), world.journal.entries()) == (2, [])
    work_off(app, [CHECKS_QUEUE_NAME])
    assert len(world.journal.entries()) == 2
    assert "На связи" in alice.check("evotor").page.text
    assert len(world.journal.entries()) == 3


def test_a_token_that_is_refused_late_is_refused_beside_its_field(
    alice: Owner, world: World, hanging: Hanging, let_pages_wait: Callable[[float], None]
) -> None:
    let_pages_wait(0.05)
    hanging.hold(world, "merchant_of")
    assert alice.client.post(EVOTOR, data={"token": "wrong"}).location == TRYING
    hanging.let_go()
    page = wait_until(lambda: alice.client.get(TRYING).page.texts("//*[@id='token-error']"))
    assert "не принял токен" in page[0]


def test_a_code_of_vk_is_exchanged_once_however_often_the_page_is_loaded(
    alice: Owner, maria: Person, vk: VkWorld, hanging: Hanging, let_pages_wait: Callable[[float], None]
) -> None:
    let_pages_wait(0.05)
    callback = decide(alice, maria)
    before = alice.client.get_cookie("session")
    assert before
    hanging.hold(vk, "take_code")
    trying = set()
    for _ in range(2):
        # The browser has asked again before the first answer, with its cookie, was there.
        alice.client.set_cookie("session", before.value)
        trying.add(alice.client.get(callback).location)
    [trying_it] = trying
    wait_until(lambda: "Проверяем…" in alice.client.get(trying_it).page.text)
    # A sign-in of another page is not this one: it waits, and loses nothing.
    other = decide(alice, vk.people[1002])
    refused = alice.client.get(other)
    assert (refused.status_code, "Другой вход" in refused.page.text) == (409, True)
    hanging.let_go()
    wait_until(lambda: alice.client.get(trying_it).location == "/connections/vk/community")
    assert hanging.calls == 1 and len(vk.grants) == 1
    let_pages_wait(20)
    assert alice.client.get(other).location == "/connections/vk/community"
    alice.client.set_cookie("session", before.value)
    assert alice.client.get(callback).location == trying_it
    assert hanging.calls == 2


@pytest.mark.parametrize("way", ["disconnect", "delete the account"])
@pytest.mark.parametrize("hours", [0, 2])
def test_rights_are_handed_back_when_vk_gets_to_it(
    alice: Owner,
    maria: Person,
    teahouse: Community,
    vk: VkWorld,
    hanging: Hanging,
    let_pages_wait: Callable[[float], None],
    stored: Callable[[Owner], CloudAccount | None],
    way: str,
    hours: int,
) -> None:
    connect(alice, maria, teahouse)
    let_pages_wait(0.05)
    if hours:
        vk.expire_access()
    hanging.hold(vk, "rotate" if hours else "revoke_person")
    if way == "disconnect":
        answer = alice.disconnect("vk", follow_redirects=True)
    else:
        answer = alice.client.post("/profile/delete", data={"password": PASSWORD}, follow_redirects=True)
    assert "пока не подтвердил отзыв" in answer.page.text
    assert stored(alice) is None and vk.grants
    hanging.let_go()
    wait_until(lambda: not vk.grants)


def test_a_pasted_token_is_not_tried_in_a_crowd(alice: Owner, world: World, crowd: ExitStack) -> None:
    answer = alice.client.post(EVOTOR, data={"token": DEMO_TOKEN})
    assert answer.status_code == 422 and "Повторите через минуту" in answer.page.text
    assert not world.journal.entries()
    crowd.close()
    assert alice.client.post(EVOTOR, data={"token": DEMO_TOKEN}).status_code == 303


def test_the_way_back_from_vk_can_be_gone_again(alice: Owner, maria: Person, crowd: ExitStack) -> None:
    callback = decide(alice, maria)
    answer = alice.client.get(callback)
    assert answer.status_code == 503 and "Обновите эту страницу" in answer.page.text
    crowd.close()
    assert alice.client.get(callback).status_code == 303


def test_without_the_queue_server_a_token_is_tried_all_the_same(
    alice: Owner, evotor_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Redis(port=9, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(queue, "connection", nowhere)
    assert alice.client.post(EVOTOR, data={"token": DEMO_TOKEN}).location == "/catalog"
    assert alice.client.get(TRYING).location == "/connections"
