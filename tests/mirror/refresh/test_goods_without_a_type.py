"""A new good of which Evotor does not say what it is waits for its type where Evotor tells that of most."""

from typing import Any

import pytest

from app.mirror.good_types import UNTOLD
from app.mirror.refresh import stores
from tests.databases import on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop


@pytest.fixture
def typed(shop: Shop) -> Shop:
    """All goods of both stores have a type."""
    for store in (shop.main, shop.side):
        for number in range(5):
            shop.put(store, f"p{number}", type="NORMAL")
    return shop


def types(goods: dict[str, Any]) -> dict[str, str | None]:
    return {evotor_id: good.product_type for evotor_id, good in goods.items()}


@on_both
def test_it_waits_until_its_type_comes_and_what_is_known_keeps_its_own(refresh, typed, goods) -> None:
    refresh()
    typed.world.faults.add("no_types")
    typed.put(typed.main, "wine", type="ALCOHOL_MARKED")
    known = dict.fromkeys((f"p{number}" for number in range(5)), "NORMAL")
    for price in (100, 100, 200):
        typed.main.products.change("wine", {"price": price})
        refresh()
        assert types(goods(MAIN)) == known | {"wine": UNTOLD}
    typed.world.faults.clear()
    refresh()
    assert types(goods(MAIN)) == known | {"wine": "ALCOHOL_MARKED"}


def test_it_is_ordinary_where_evotor_tells_no_types_or_few(refresh, shop, goods) -> None:
    shop.put(shop.main, "wine", type="ALCOHOL_MARKED")
    refresh()
    shop.put(shop.main, "new")
    refresh()
    assert types(goods(MAIN))["new"] is types(goods(MAIN))["p0"] is None
    assert set(types(goods(SIDE)).values()) == {None}


@on_both
@pytest.mark.parametrize("without", [MAIN, SIDE])
def test_the_first_refresh_finds_it_in_whichever_store_comes_first(
    refresh, typed, goods, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    monkeypatch.setattr(stores, "STORES_AT_ONCE", 1)
    other = SIDE if without == MAIN else MAIN
    typed.put(typed.merchant.stores[other], "more", type="NORMAL")
    typed.world.faults.add("no_types", store=without)
    refresh()
    assert set(types(goods(other)).values()) == {"NORMAL"}
    assert set(types(goods(without)).values()) == {UNTOLD}
