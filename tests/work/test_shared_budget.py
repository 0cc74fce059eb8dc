"""A budget that processes share: never a call too many in any second, a third while its keeper is away."""

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from app.clients import pacing
from app.clients.errors import RateLimited, Unauthorized
from app.clients.pacing import ARRIVAL, WINDOW, Budget, LocalBudget
from app.connections.vk.account import vk_client
from app.work import budget as shared
from app.work.budget import SharedBudget, budget_of
from tests.clients.vk_cloud import VkCloud, vk_cloud
from tests.product import AppMaker
from tests.servers import Valkey

CALLER = """
import sys
from redis import Redis
from app.clients.vk.api import VkClient
from app.work.budget import SharedBudget

url, token, account, redis_url = sys.argv[1:]
budget = SharedBudget(Redis.from_url(redis_url), 3, name="vk")
client = VkClient(url, token, budget=budget, budget_key=account, tries=1)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    client.user()
"""


@pytest.fixture
def server() -> Iterator[Valkey]:
    server = Valkey()
    yield server
    server.close()


@pytest.fixture
def long_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slot is free again a minute after its answer: no pause of a busy machine frees one."""
    for module in (pacing, shared):
        monkeypatch.setattr(module, "WINDOW", 60.0)


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud


@pytest.fixture(params=["local", "shared"])
def budget(request: pytest.FixtureRequest, valkey_url: str) -> Budget:
    if request.param == "local":
        return LocalBudget(3)
    connection = Redis.from_url(valkey_url)
    connection.flushall()
    return SharedBudget(connection, 3, name="test")


def test_two_processes_never_make_a_fourth_call_in_any_second(cloud: VkCloud, valkey_url: str) -> None:
    Redis.from_url(valkey_url).flushall()
    cloud.vk.calls_per_second = 3
    token, account = cloud.tokens()[0].access_token, str(cloud.person.id)
    cloud.vk.calls.clear()
    command = [sys.executable, "-c", CALLER, f"{cloud.url}/vk-api", token, account, valkey_url]
    with ExitStack() as callers:
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        both: list[Any] = [callers.enter_context(subprocess.Popen(command, **pipes)) for _ in range(2)]
        assert [caller.stdout.readline() for caller in both] == ["ready\n"] * 2
        began = time.monotonic()
        for caller in both:
            caller.stdin.write("\n")
            caller.stdin.flush()
        assert [caller.wait(60) for caller in both] == [0, 0]
    assert cloud.vk.calls.total == 10
    assert cloud.vk.calls.busiest_second() <= 3
    assert cloud.vk.calls.refused_as_too_often == 0
    assert time.monotonic() - began >= 3 * WINDOW


def test_threads_keep_to_it(budget: Budget) -> None:
    moments: dict[str, list[float]] = {"anna": [], "boris": []}

    def call(key: str) -> None:
        with budget.acquire(key, 30):
            moments[key].append(time.monotonic())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(call, ["anna", "boris"] * 4))
    for made in moments.values():
        made.sort()
        assert len(made) == 4
        assert all(later - earlier >= WINDOW for earlier, later in zip(made, made[3:], strict=False))


def test_a_slot_is_held_until_a_second_after_the_answer(budget: Budget) -> None:
    with budget.acquire("anna", 1), budget.acquire("anna", 1), budget.acquire("anna", 1):
        with pytest.raises(RateLimited), budget.acquire("anna", 0.5):
            pytest.fail("there was no fourth slot")
        ended = time.monotonic()
    with budget.acquire("anna", 60):
        assert time.monotonic() - ended >= WINDOW


@pytest.mark.usefixtures("long_window")
def test_who_does_not_want_to_wait_is_told_so_at_once_and_each_key_has_its_own(budget: Budget) -> None:
    for _ in range(3):
        with budget.acquire("anna", 0):
            pass

    def wait(seconds: float) -> None:
        pytest.fail(f"it was to wait for {seconds} s")

    with pytest.raises(RateLimited), budget.acquire("anna", 0.1, wait):
        pytest.fail("there was no fourth slot")
    with budget.acquire("boris", 0.1, wait):
        pass


@pytest.mark.usefixtures("long_window")
def test_whatever_ends_the_wait_ends_it(budget: Budget) -> None:
    class Stopped(Exception):
        pass

    def stop(seconds: float) -> None:
        assert 0 < seconds <= pacing.WINDOW
        raise Stopped

    for _ in range(3):
        with budget.acquire("anna", 1):
            pass
    with pytest.raises(Stopped), budget.acquire("anna", 600, stop):
        pytest.fail("there was no fourth slot")


def test_a_process_that_died_gives_its_slots_back_by_itself(valkey_url: str) -> None:
    connection = Redis.from_url(valkey_url)
    connection.flushall()
    SharedBudget(connection, 3, name="test")._take("anna", "of the dead")
    [key] = connection.keys("vitrina:budget:*")
    assert 0 < connection.pttl(key) <= (WINDOW + ARRIVAL) * 1000


def test_a_clock_that_was_set_back_does_not_hold_anybody_for_long(valkey_url: str) -> None:
    connection = Redis.from_url(valkey_url)
    connection.flushall()
    budget = SharedBudget(connection, 3, name="test")
    tomorrow = (time.time() + 86_400) * 1_000_000
    connection.zadd("vitrina:budget:test:anna", {"a": tomorrow, "b": tomorrow, "c": tomorrow})
    with budget.acquire("anna", 0.5):
        pass


@pytest.mark.usefixtures("long_window")
def test_a_third_is_left_while_the_queue_server_is_away(server: Valkey) -> None:
    budget = SharedBudget(Redis.from_url(server.url), 3, name="test")
    with budget.acquire("anna", 1):
        server.kill()
    with budget.acquire("anna", 1):
        pass
    with pytest.raises(RateLimited), budget.acquire("anna", 0.5):
        pytest.fail("one call in a second is all that is left")
    server.start()
    with budget.acquire("anna", 0.5), budget.acquire("anna", 0.5):
        pass


@pytest.mark.usefixtures("long_window")
def test_every_client_of_an_account_spends_the_same_budget(app: Flask, make_app: AppMaker) -> None:
    strict = make_app(vk_calls_per_second=3)
    with strict.app_context():
        budget = budget_of(strict, "vk", 3)
        for _ in range(3):
            with budget.acquire("1001", 1):
                pass
        with vk_client("1001", "token", lifetime=20) as client, pytest.raises(RateLimited):
            client.user()
        with vk_client("1002", "token", lifetime=60) as client, pytest.raises(Unauthorized):
            client.user()
