"""What Evotor does not say, or says otherwise of many goods at once: what they are, which VK may forbid."""

from typing import Any

import pytest

from app.mirror.good_types import UNTOLD
from app.mirror.refresh import stores
from tests.databases import on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said
from tests.mirror.refresh.test_vanishing_goods import confirm_forms


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
    # More than all that are known.
    wines = [f"wine{number}" for number in range(11)]
    for wine in wines:
        typed.put(typed.main, wine, type="ALCOHOL_MARKED")
    known = dict.fromkeys((f"p{number}" for number in range(5)), "NORMAL")
    for price in (100, 100, 200):
        typed.main.products.change("wine0", {"price": price})
        refresh()
        assert types(goods(MAIN)) == known | dict.fromkeys(wines, UNTOLD)
    typed.world.faults.clear()
    refresh()
    assert types(goods(MAIN)) == known | dict.fromkeys(wines, "ALCOHOL_MARKED")


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


@on_both
def test_wines_that_come_as_ordinary_goods_together_wait_for_the_owners_word(
    refresh, typed, goods, owner, run_jobs, runs
) -> None:
    for number in range(6):
        typed.put(typed.main, f"w{number}", type="ALCOHOL_MARKED")
    refresh()
    typed.main.products.change("w5", {"type": "NORMAL"})
    assert refresh().status == "done" and types(goods(MAIN))["w5"] == "NORMAL"
    typed.put(typed.main, "new", type="NORMAL")
    typed.world.faults.add("all_ordinary")
    for price in (7, 8):
        typed.main.products.change("w0", {"price": price})
        run = refresh()
        # Of the others nothing else came: they have not changed.
        assert (run.status, run.changed) == ("partial", 1)
        wine = goods(MAIN)["w0"]
        assert (wine.product_type, wine.price) == ("ALCOHOL_MARKED", price) and "new" not in goods(MAIN)
    assert "Чайная: у 5 товаров Эвотор прислал другой тип" in said(owner)
    assert "5 товаров пришли с другим типом" in owner.client.get("/sync/history").page.text
    ((action, _),) = confirm_forms(owner).items()
    for shown in ("4", "5"):
        assert owner.client.post(action, data={"types": shown}).status_code == 303
    run_jobs()
    assert runs()[-1].status == "done" and set(types(goods(MAIN)).values()) == {"NORMAL"}


@on_both
def test_wines_that_come_back_as_ordinary_goods_wait_for_the_owners_word(
    refresh, typed, goods, owner, run_jobs
) -> None:
    for number in range(3):
        typed.put(typed.main, f"w{number}", type="ALCOHOL_MARKED")
    refresh()
    for number in range(3):
        typed.main.products.remove(f"w{number}")
    assert refresh().status == "done" and "w0" not in goods(MAIN)
    for number in range(3):
        typed.put(typed.main, f"w{number}", type="NORMAL")
    assert refresh().status == "partial" and "w0" not in goods(MAIN)
    ((action, _),) = confirm_forms(owner).items()
    assert owner.client.post(action, data={"types": "3"}).status_code == 303
    run_jobs()
    assert types(goods(MAIN))["w0"] == "NORMAL"
