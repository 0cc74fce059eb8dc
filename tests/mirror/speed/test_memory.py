"""A refresh needs no more memory for a big shop than for a small one."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from flask import Flask, Response, request

from app.mirror.key_set import KeySet
from sandbox.server import running
from sandbox.world import Merchant
from tests.mirror.speed.conftest import Refresher
from tests.thoroughness import IS_LONG

GOODS = 40_000 if IS_LONG else 20_000
# SQLite keeps up to 64 MB of a store's pages while it is applied, which only a big one fills.
ROOM_MB = 80 if IS_LONG else 60


def test_a_refresh_of_ten_times_the_goods_takes_as_much_memory(
    add_shop: Callable[..., Merchant], measured_refreshes: Refresher
) -> None:
    first_day = add_shop("small", GOODS // 10)
    add_shop("big", GOODS, of=first_day)
    small, big, again = measured_refreshes("small", "big", "big")
    assert (small["goods"], big["goods"], again["goods"]) == (GOODS // 10, GOODS, GOODS)
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    # Of the process until then, so the last one's is the highest.
    assert again["peak_mb"] - small["peak_mb"] < ROOM_MB
    assert again["peak_mb"] < 200


def heavy_cloud() -> Flask:
    """Four stores with groups of the longest keys and names, and pages of eight megabytes.

    In each a good has a number for its key and half a letter in its name: it cannot be read at first sight.
    """
    app, emoji = Flask(__name__), "\N{GRINNING FACE}"

    def page(items: Sequence[Mapping[str, object]], cursor: str | None = None) -> Response:
        body = json.dumps({"items": items, "paging": {"next_cursor": cursor}}, ensure_ascii=False)
        return Response(body.encode(errors="backslashreplace"))

    @app.get("/stores")
    def stores() -> Response:
        return page([{"id": f"s{number}", "name": "Чайная"} for number in range(4)])

    @app.get("/stores/<store>/product-groups")
    def groups(store: str) -> Response:
        return page_of_groups()

    @cache
    def page_of_groups() -> Response:
        heavy = [(emoji * 250 + str(number)) for number in range(1_900)]
        return page([{"id": text, "name": text, "parent_id": heavy[0]} for text in heavy])

    @app.get("/stores/<store>/products")
    def goods(store: str) -> Response:
        return page_of_goods(int(request.args.get("cursor", 0)))

    @cache
    def page_of_goods(first: int) -> Response:
        texts = [{"id": f"p{first + number}", "description": emoji * 95_000} for number in range(20)]
        odd = {"id": first, "name": "Чай\ud83d"}
        both: list[Mapping[str, object]] = [odd, *texts]
        return page(both, None if first else "100")

    return app


def test_four_stores_of_the_heaviest_pages_and_groups_take_as_much_as_any(
    measured_refreshes: Refresher,
) -> None:
    with running(heavy_cloud()) as url:
        (run,) = measured_refreshes("any", cloud=url)
    assert (run["status"], run["goods"]) == ("done", 4 * 42)
    assert run["peak_mb"] - run["idle_mb"] < 80


def test_a_set_of_keys_knows_what_was_put_in() -> None:
    keys = [0, 1, 7, 8, 4095, 4096, 5_000_000_000, 2**40 + 3]
    rows = KeySet()
    assert [rows.add(key) for key in keys] == [True] * len(keys)
    assert [rows.add(key) for key in keys] == [False] * len(keys)
    assert len(rows) == len(keys)
    assert [key in rows for key in keys] == [True] * len(keys)
    assert [key in rows for key in (2, 4094, 4097, 2**40 + 4, 2**50)] == [False] * 5
