"""What a cloud sends costs no more memory than it may, whatever it sends, to four stores at once."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from flask import Flask, Response

from app.clients.errors import BadPayload
from app.clients.evotor import client as evotor
from app.clients.evotor import taking_apart
from app.clients.evotor.following import REPEATED_PAGES_LIMIT
from app.clients.evotor.page_payload import read_page, read_sent, split_page
from app.clients.evotor.payload import read_group, read_product
from app.clients.evotor.taking_apart import ITEM_LIMIT, ITEMS_ON_PAGE
from app.clients.request import no_turns
from app.clients.turn import LONG_ANSWER, Turn
from app.clients.vk import market
from app.clients.vk.market import Market
from app.clients.vk.session import VkSession
from sandbox.server import running

MEGABYTE = 1024 * 1024
# Reads one page of each of four stores at once, and prints by how much the peak of memory grew, in bytes.
READER = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from app.clients.errors import BadPayload
from app.clients.evotor import client as evotor
from app.clients.evotor.client import EvotorClient, read_sent

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def read(store):
    try:
        return [read_sent(page) for page in client.products(store)]
    except BadPayload:
        return None

client = EvotorClient(sys.argv[1], "token", sleep=lambda seconds: None)
before = peak()
with ThreadPoolExecutor(4) as threads:
    list(threads.map(read, ["s1", "s2", "s3", "s4"]))
print(peak() - before)
"""


def repeated(piece: bytes, megabytes: int) -> Callable[[], Iterator[bytes]]:
    """Return a page of so many megabytes of the same."""

    def parts() -> Iterator[bytes]:
        yield b'{"items":['
        block = piece * (65_536 // len(piece))
        for _ in range(megabytes * MEGABYTE // len(block)):
            yield block
        yield piece.rstrip(b",") + b'],"paging":{}}'

    return parts


def one_text(megabytes: int) -> Callable[[], Iterator[bytes]]:
    """Return a page with one good of a long name; a single emoji makes each character take four bytes."""

    def parts() -> Iterator[bytes]:
        yield '{"items":[{"id":"a","name":"😀'.encode()
        for _ in range(megabytes * 16):
            yield b"x" * 65_536
        yield b'"}]}'

    return parts


HOSTILE = {
    "empty objects": repeated(b"{},", 63),
    "short ids": repeated(b'{"id":"a"},', 63),
    "numbers": repeated(b"1,", 7),
    "nested lists": repeated(b'{"id":"a","x":[[],[],[]]},', 7),
    "just few enough goods": repeated(b'{"id":"a","name":"b","x":' + b'"%b"' % (b"y" * 700) + b"},", 7),
    "one long text": one_text(7),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_four_hostile_stores_at_once_cost_little(kind: str) -> None:
    app = Flask(__name__)

    @app.get("/stores/<store>/products")
    def page(store: str) -> Response:
        return Response(HOSTILE[kind](), content_type="application/json")

    with running(app) as url:
        done = subprocess.run([sys.executable, "-c", READER, url], capture_output=True, text=True, check=True)
    assert int(done.stdout) <= 140 * MEGABYTE


def test_a_page_of_more_goods_than_evotor_sends_is_no_page() -> None:
    goods = b",".join(b'{"id":"%d"}' % number for number in range(ITEMS_ON_PAGE + 1))
    with pytest.raises(BadPayload, match="items"):
        split_page(b'{"items":[' + goods + b"]}")
    products, _ = split_page(b'{"items":[' + goods.rpartition(b",")[0] + b"]}")
    assert len(products) == ITEMS_ON_PAGE


@pytest.mark.parametrize("broken", ["", "\\ud83d", "\\uDE00\\ud83d\\ud83d"])
def test_a_long_page_is_read_good_by_good(monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    monkeypatch.setattr(taking_apart, "AS_ONE_LIMIT", 500)
    monkeypatch.setattr("app.clients.evotor.page_payload.AS_ONE_LIMIT", 500)
    goods = ",".join(
        f'{{"id":"{number}","name":"Чай{broken} \\\\ud800 \\ud83d\\ude00"}}' for number in range(40)
    )
    body = f'{{"items":[{goods}],"paging":{{"next_cursor":"on"}}}}'.encode()
    products, cursor = split_page(body)
    names = {product.name for part in products for product in read_sent([part])}
    assert names == {"Чай \\ud800 😀"}
    assert (len(products), cursor) == (40, "on")
    groups, cursor = read_page(body, read_group)
    assert ([group.id for group in groups], cursor) == ([str(number) for number in range(40)], "on")


def test_a_good_longer_than_any_is_none() -> None:
    good = b'{"id":"a","description":"' + b"x" * ITEM_LIMIT + b'"}'
    with pytest.raises(BadPayload, match="item"):
        split_page(b'{"items":[' + good + b"]}")


def test_a_long_page_that_cannot_be_taken_apart_is_not_read_as_one() -> None:
    text = b'{"id":"a","description":"' + b"x" * (ITEM_LIMIT // 2) + b'"},'
    with pytest.raises(BadPayload, match="apart"):
        split_page(b'{"items":[' + text * 5 + b"NaN]}")


def test_one_odd_good_leaves_the_others_of_its_page_as_they_were_sent() -> None:
    body = '{"items":[{"id":1,"name":"Чай"},{"id":"2", "name" : "Кофе"}]}'.encode()
    odd, usual = split_page(body)[0]
    assert (odd.id, odd.body) == ("1", '{"id": "1", "name": "Чай"}'.encode())
    assert usual.body == '{"id":"2", "name" : "Кофе"}'.encode()


def test_of_long_pages_only_one_is_held_at_a_time() -> None:
    app, both = Flask(__name__), threading.Barrier(2)

    @app.get("/stores/<store>/products")
    def page(store: str) -> Response:
        # Neither comes before both are asked for.
        both.wait(10)
        text = "x" * (LONG_ANSWER // 4)
        goods = ",".join(f'{{"id":"{number}","description":"{text}"}}' for number in range(5))
        return Response(f'{{"items":[{goods}]}}')

    held, most = 0, 0

    def read(store: str) -> None:
        nonlocal held, most
        for _ in client.products(store):
            held += 1
            most = max(most, held)
            time.sleep(0.05)
            held -= 1

    with running(app) as url, evotor.EvotorClient(url, "token") as client, ThreadPoolExecutor(2) as threads:
        list(threads.map(read, ["s1", "s2"]))
    assert most == 1
    with Turn(no_turns) as turn:
        turn.take()


def test_a_full_page_of_rich_goods_is_well_within_the_bounds() -> None:
    good = {"id": "a" * 36, "name": "Чай", "description": "Ы" * 1000, "barcodes": ["2000000000060"] * 20}
    assert read_product(good).barcodes
    written = str(good).replace("'", '"').encode()
    products, _ = split_page(b'{"items":[' + b",".join([written] * 1000) + b"]}")
    assert len(products) == 1000


@pytest.mark.parametrize("piece", [b"{},", b"1,", b"[],", b'{"id":1,"owner_id":-2001},'])
def test_an_answer_of_vk_that_would_fill_the_memory_is_no_answer(piece: bytes) -> None:
    app = Flask(__name__)

    @app.post("/method/<name>")
    def method(name: str) -> Response:
        body = b'{"response":{"count":1,"items":[' + piece * (16 * MEGABYTE // len(piece)) + b"1]}}"
        return Response(body, content_type="application/json")

    with running(app) as url, pytest.raises(BadPayload, match="values"):
        market = Market(VkSession(url, "token"), 2001)
        market.session.ask(market.getting(0))


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("stores", "STORES_LIMIT"), ("stores", "STORES_LETTERS"), ("product_groups", "GROUPS_LIMIT")],
)
def test_a_list_that_is_kept_in_memory_ends_at_what_no_merchant_has(
    monkeypatch: pytest.MonkeyPatch, kind: str, limit: str
) -> None:
    # Of a store each its id and a name of the same letters.
    monkeypatch.setattr(evotor, limit, 50 if limit.endswith("LIMIT") else 50 * 2 * len("1-10"))
    asked = endless(lambda page: [f"{page}-{number}" for number in range(20)], kind)
    assert asked == 3


def test_pages_that_begin_anew_under_cursors_of_their_own_are_not_followed_for_ever() -> None:
    repeated_pages = endless(lambda page: ["the", "same", "goods"], "products")
    assert repeated_pages == REPEATED_PAGES_LIMIT + 1


@pytest.mark.parametrize(
    ("kind", "limit"), [("goods", "ITEMS_END"), ("albums", "ITEMS_END"), ("goods", "BYTES_END")]
)
def test_a_shop_of_more_goods_than_any_community_may_hold_is_read_no_further(
    monkeypatch: pytest.MonkeyPatch, kind: str, limit: str
) -> None:
    monkeypatch.setattr(market, limit, 5_000)
    app, asked = Flask(__name__), 0

    @app.post("/method/<name>")
    def method(name: str) -> dict[str, object]:
        nonlocal asked
        asked += 1

        def page() -> dict[str, object]:
            numbers = (next(numbered) for _ in range(300 if name == "execute" else 10_001))
            return {"count": 10**9, "items": [{"id": number, "title": "Чай"} for number in numbers]}

        return {"response": [page() for _ in range(25)] if name == "execute" else page()}

    numbered = count(1)
    with running(app) as url, pytest.raises(BadPayload):
        shop = Market(VkSession(url, "token"), 2001)
        shop.get_all() if kind == "goods" else shop.get_albums()
    assert asked <= 2


def endless(ids_of: Callable[[int], list[str]], kind: str) -> int:
    """Read a list that never ends; return how many pages were asked for before it was given up."""
    app, asked = Flask(__name__), 0

    @app.get("/stores", defaults={"path": ""})
    @app.get("/stores/<path:path>")
    def page(path: str) -> dict[str, object]:
        nonlocal asked
        asked += 1
        items = [{"id": each, "name": each} for each in ids_of(asked)]
        return {"items": items, "paging": {"next_cursor": f"after {asked}"}}

    with running(app) as url, evotor.EvotorClient(url, "token") as client, pytest.raises(BadPayload):
        for _ in client.stores() if kind == "stores" else getattr(client, kind)("s1"):
            pass
    return asked
