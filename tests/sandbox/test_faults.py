"""Every fault of the table strikes where it was told to, and nowhere else."""

import json
import time
from collections.abc import Iterator
from http.client import IncompleteRead
from threading import Timer

import pytest
import requests
from urllib3.exceptions import ProtocolError

from sandbox import create_app
from sandbox.faults import FAULTS
from sandbox.server import running
from sandbox.world import V2, Manners, Merchant, World

from .conftest import STORE, TOKEN, Ask


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("status_")])
def test_a_status_fault_answers_with_its_status(products: Ask, world: World, name: str) -> None:
    world.faults.add(name, retry_after="7")
    answer = products()
    assert answer.status_code == int(name.removeprefix("status_"))
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["X-RateLimit-Limit"]


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_breaks_the_sandbox_itself(world: World, name: str) -> None:
    app = create_app(world)
    app.testing = True
    world.faults.add(name, resource=None, seconds=0.001, megabytes=1)
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": V2}
    cut = name in ("timeout", "truncated", "connection_reset")
    for path in ("/stores", f"/stores/{STORE}/products", f"/stores/{STORE}/products/p1"):
        try:
            answer = app.test_client().get(f"/evotor{path}", headers=headers, buffered=True)
        except ConnectionError:
            assert cut
        else:
            assert not cut
            assert answer.status_code < 500 or name.startswith("status_5")


def test_a_fault_strikes_only_its_place(ask: Ask, products: Ask, world: World, merchant: Merchant) -> None:
    merchant.add_store({"id": "second", "name": "Вторая"})
    world.faults.add("status_402", merchant=merchant.id, store="second")
    assert ask("/stores/second/products").status_code == 402
    assert ask("/stores/second/product-groups").status_code == 402
    assert products().status_code == ask("/stores").status_code == 200
    world.faults.clear()
    world.faults.add("status_500", resource="groups")
    assert ask(f"/stores/{STORE}/product-groups").status_code == 500
    assert products().status_code == 200


def test_a_fault_strikes_its_page_only(products: Ask, world: World) -> None:
    world.faults.add("status_503", page=2)
    cursor = products(limit=2).json["paging"]["next_cursor"]
    assert products(cursor=cursor).status_code == 503


def test_a_fault_wears_off_after_its_times(products: Ask, world: World) -> None:
    world.faults.add("status_500", times=2)
    assert [products().status_code for _ in range(3)] == [500, 500, 200]
    assert world.faults.active() == []


def test_an_empty_page_loses_no_product(products: Ask, world: World) -> None:
    world.faults.add("empty_page", page=2)
    page = products(limit=3).json
    empty = products(cursor=page["paging"]["next_cursor"]).json
    assert empty["items"] == []
    rest = products(cursor=empty["paging"]["next_cursor"]).json
    assert [item["id"] for item in rest["items"]] == ["p4", "p5"]


def test_a_repeated_cursor_repeats(products: Ask, world: World) -> None:
    world.faults.add("repeated_cursor")
    first = products(limit=2).json["paging"]["next_cursor"]
    assert products(cursor=first).json["paging"]["next_cursor"] == first


def test_a_revoked_token_closes_the_whole_account_from_its_page_on(
    ask: Ask, products: Ask, world: World
) -> None:
    world.faults.add("revoked_token", page=2)
    cursor = products(limit=2).json["paging"]["next_cursor"]
    assert products(cursor=cursor).status_code == 401
    assert ask("/stores").status_code == products().status_code == 401
    world.faults.clear()
    assert ask("/stores").status_code == 200


def test_shapes_are_spoiled_as_named(ask: Ask, products: Ask, world: World) -> None:
    def spoiled(name: str) -> bytes:
        world.faults.clear()
        world.faults.add(name)
        return products(limit=2).data

    assert spoiled("html_body").startswith(b"<!doctype html>")
    with pytest.raises(json.JSONDecodeError):
        json.loads(spoiled("invalid_json"))
    assert json.loads(spoiled("items_not_list"))["items"] == {"0": {}}
    assert json.loads(spoiled("wrong_types"))["items"][0]["price"] == "дорого"
    assert json.loads(spoiled("missing_paging")).keys() == {"items"}
    assert json.loads(spoiled("emptied_store")) == {"items": [], "paging": {}}
    assert [item["id"] for item in json.loads(spoiled("repeated_item"))["items"]] == ["p1", "p2", "p1"]
    world.faults.clear()
    world.faults.add("no_stores")
    assert ask("/stores").json == {"items": [], "paging": {}}


def test_clearing_faults_frees_whoever_waits(products: Ask, world: World) -> None:
    world.faults.add("slow", seconds=3600)
    Timer(0.05, world.faults.clear).start()
    # It would take an hour.
    assert products().status_code == 200


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {TOKEN}", "Accept": V2})
        yield session


def test_the_server_keeps_a_connection_open(world: World, session: requests.Session) -> None:
    with running(create_app(world)) as url:
        for _ in range(3):
            assert session.get(f"{url}/evotor/stores").status_code == 200
        [pool] = session.get_adapter(url).poolmanager.pools._container.values()  # type: ignore[attr-defined]
        assert pool.num_connections == 1


def test_cut_answers_are_cut_on_the_wire(world: World, session: requests.Session) -> None:
    with running(create_app(world)) as url:
        causes = []
        for name in ("truncated", "connection_reset", "timeout"):
            world.faults.add(name, times=1, seconds=0.01)
            with pytest.raises(
                (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
            ) as caught:
                session.get(f"{url}/evotor/stores")
            cause = caught.value.args[0]
            assert isinstance(cause, ProtocolError)
            causes.append(type(cause.args[1]))
        assert issubclass(causes[0], IncompleteRead)
        assert causes[1] is ConnectionResetError
        assert session.get(f"{url}/evotor/stores").status_code == 200


def test_a_gigantic_body_is_as_big_as_asked(products: Ask, world: World) -> None:
    world.faults.add("gigantic_body", megabytes=2)
    assert len(products().data) > 2 * 1024 * 1024


@pytest.mark.parametrize(
    "wrong",
    [{"resource": "users"}, {"page": "2"}, {"times": 0}, {"colour": "red"}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_fault_told_wrongly_is_refused(world: World, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        world.faults.add("status_500", **wrong)


def test_latency_delays_every_answer(products: Ask, merchant: Merchant) -> None:
    merchant.manners = Manners(latency=0.02)
    started = time.monotonic()
    products()
    assert time.monotonic() - started >= 0.02
