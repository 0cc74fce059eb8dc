"""The first visit starts a refresh, and clicks that come while one is on join it."""

from threading import Barrier, Thread

import redis
from flask import Flask
from rq import Queue
from rq.serializers import JSONSerializer

from app.mirror.refresh.run import refreshes, run_refresh
from app.work.queue import QUEUE_NAME
from tests.checking_client import CheckingClient
from tests.databases import on_both
from tests.mirror.refresh.conftest import said, state
from tests.owners import Owner
from tests.processes import wait_until


def queued_jobs(valkey_url: str) -> list[str]:
    with redis.Redis.from_url(valkey_url) as connection:
        return Queue(QUEUE_NAME, connection=connection, serializer=JSONSerializer).job_ids


def test_the_first_visit_starts_the_first_refresh(owner: Owner, run_jobs, runs) -> None:
    page = owner.client.get("/catalog").page
    assert page.select("//*[@id='refresh']/@data-state") == ["queued"]
    assert "Ждёт своей очереди" in page.text
    run_jobs()
    assert [run.status for run in runs()] == ["done"]
    page = owner.client.get("/catalog").page
    assert [row.get("data-evotor-id") for row in page.select("//tr[@data-entity='store']")] != []
    assert "Последнее обновление: " in page.text


def test_a_second_visit_does_not_start_another(owner: Owner, run_jobs, runs) -> None:
    owner.client.get("/catalog")
    owner.client.get("/catalog")
    run_jobs()
    owner.client.get("/catalog")
    assert len(runs()) == 1


def test_without_a_connection_nothing_starts(alice: Owner, valkey_url: str) -> None:
    page = alice.client.get("/catalog").page
    assert "Эвотор не подключён" in page.text
    assert page.select("//main//a[@href='/connections']")
    assert queued_jobs(valkey_url) == []


def test_a_second_click_joins_the_queued_refresh(owner: Owner, runs, valkey_url: str) -> None:
    for _ in range(3):
        owner.client.post("/catalog/refresh")
    (run,) = runs()
    assert queued_jobs(valkey_url) == [refreshes.job_id(run)]
    assert state(owner) == "queued"


@on_both
def test_a_second_click_joins_the_running_refresh(owner: Owner, shop, runs, valkey_url, start_worker) -> None:
    shop.world.faults.add("slow", seconds=30)
    owner.client.post("/catalog/refresh")
    start_worker("--burst")
    wait_until(lambda: runs()[-1].status == "running")
    fragment = owner.client.htmx_post("/catalog/refresh")
    assert fragment.page.select("//*[@id='refresh']/@data-state") == ["running"]
    assert len(runs()) == 1 and queued_jobs(valkey_url) == []
    shop.world.faults.clear()
    wait_until(lambda: runs()[-1].status == "done")


@on_both
def test_clicks_in_the_same_moment_start_one_refresh(app: Flask, owner: Owner, runs, valkey_url: str) -> None:
    clicks = 4
    together = Barrier(clicks)
    answers: list[int] = []
    cookie = owner.client.get_cookie("session")
    assert cookie is not None

    def click() -> None:
        client = app.test_client()
        assert isinstance(client, CheckingClient)
        client.set_cookie("session", cookie.value)
        token = client.csrf_token()
        together.wait()
        answers.append(client.post("/catalog/refresh", data={"csrf_token": token}).status_code)

    threads = [Thread(target=click) for _ in range(clicks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * clicks
    assert [run.status for run in runs()] == ["queued"]
    assert len(queued_jobs(valkey_url)) == 1


@on_both
def test_a_job_that_is_delivered_twice_runs_once(app: Flask, refresh, runs, shop) -> None:
    first = refresh()
    asked = len(shop.world.journal.entries())
    with app.app_context():
        run_refresh(first.id)
    assert len(shop.world.journal.entries()) == asked
    assert [run.status for run in runs()] == ["done"]


def test_owners_refresh_independently(owner: Owner, bob: Owner, run_jobs, runs) -> None:
    bob.connect_evotor()
    owner.client.post("/catalog/refresh")
    bob.client.post("/catalog/refresh")
    run_jobs()
    assert len(runs()) == 1
    assert "Загружено" in said(owner) and "Загружено" in said(bob)
