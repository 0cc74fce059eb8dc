"""A refresh needs no more memory for a big shop than for a small one."""

from collections.abc import Callable

from app.mirror.key_set import KeySet
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


def test_a_set_of_keys_knows_what_was_put_in() -> None:
    keys = [0, 1, 7, 8, 4095, 4096, 5_000_000_000, 2**40 + 3]
    rows = KeySet()
    assert [rows.add(key) for key in keys] == [True] * len(keys)
    assert [rows.add(key) for key in keys] == [False] * len(keys)
    assert len(rows) == len(keys)
    assert [key in rows for key in keys] == [True] * len(keys)
    assert [key in rows for key in (2, 4094, 4097, 2**40 + 4, 2**50)] == [False] * 5
