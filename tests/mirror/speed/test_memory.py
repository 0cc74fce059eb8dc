"""A refresh needs no more memory for a big shop than for a small one."""

from collections.abc import Callable

from app.mirror.key_set import KeySet
from sandbox.world import Merchant
from tests.mirror.speed.conftest import Refresher

# SQLite keeps 64 MB of a store's pages while it is applied, which only a big one fills.
ROOM_MB = 80


def test_a_refresh_of_ten_times_the_goods_takes_as_much_memory(
    add_shop: Callable[..., Merchant], refresh: Refresher
) -> None:
    first_day = add_shop("small", 4_000)
    add_shop("big", 40_000, of=first_day)
    small = refresh("small")
    big = refresh("big")
    again = refresh("big")
    assert (small["goods"], big["goods"], again["goods"]) == (4_000, 40_000, 40_000)
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    grown = max(big["peak_mb"], again["peak_mb"]) - small["peak_mb"]
    assert grown < ROOM_MB
    assert big["peak_mb"] < 200


def test_a_set_of_keys_knows_what_was_put_in() -> None:
    keys = [0, 1, 7, 8, 4095, 4096, 5_000_000_000, 2**40 + 3]
    rows = KeySet()
    assert [rows.add(key) for key in keys] == [True] * len(keys)
    assert [rows.add(key) for key in keys] == [False] * len(keys)
    assert len(rows) == len(keys)
    assert [key in rows for key in keys] == [True] * len(keys)
    assert [key in rows for key in (2, 4094, 4097, 2**40 + 4, 2**50)] == [False] * 5
