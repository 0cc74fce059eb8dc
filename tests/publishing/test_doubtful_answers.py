"""Whatever the till's cloud says for once, nothing goes on sale that its owner has excluded, nor twice."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.world import World
from tests.publishing.conftest import Publishing

TOKEN, STORE, OTHER = "token-of-the-doubtful-cloud", "20240115-MAIN", "20240115-SIDE"

KILO = {"measure_name": "кг"}
LIES: dict[str, list[dict[str, Any]]] = {
    "other ids": [{"name": "other_ids"}],
    "goods without groups": [{"name": "no_parents"}, {"name": "emptied_store", "resource": "groups"}],
    "goods in unknown groups": [{"name": "other_parents"}],
    "nothing has a name": [{"name": "no_names"}],
    "goods without types": [{"name": "no_types"}],
    "goods without prices": [{"name": "no_prices"}],
    "goods without stock": [{"name": "no_stock"}],
    "goods without units": [{"name": "no_units"}],
    "no word on what is sold": [{"name": "no_words_on_sale"}],
    "an unknown store": [{"name": "unknown_store"}],
    "goods in another store": [{"name": "of_next_store"}],
}


@pytest.fixture
def refresh(publishing: Publishing, world: World) -> Callable[[], None]:
    """Thirty goods in two groups, one excluded, and a good of the other; wine, and tea not for sale or out.

    Gives how to refresh.
    """
    merchant = world.add_merchant(TOKEN, "Лавка")
    store = merchant.add_store({"id": STORE, "name": "Чайная"})
    for name in ("ga", "gb"):
        store.groups.put({"id": name, "name": f"Группа {name}"})
    for number in range(30):
        good = {
            "id": f"p{number}",
            "name": f"Чай, сорт {number}",
            "price": 100 + number,
            "quantity": 5,
            **KILO,
        }
        store.products.put({**good, "allow_to_sell": True, "parent_id": "gb" if number % 2 else "ga"})
    store.products.put({"id": "wine", "name": "Вино", "price": 500, "quantity": 5, "type": "ALCOHOL_MARKED"})
    store.products.put(
        {"id": "off", "name": "Чай на пробу", "price": 9, "quantity": 5, "allow_to_sell": False}
    )
    store.products.put({"id": "out", "name": "Чай, которого нет", "price": 9, "quantity": 0})
    merchant.add_store({"id": OTHER, "name": "Склад"})
    client = publishing.owner.client
    publishing.owner.connect_evotor(TOKEN)

    def refresh() -> None:
        assert client.post("/catalog/refresh").status_code == 303
        publishing.run_jobs()

    refresh()
    for kind, entity_id in (("group", "gb"), ("product", "p0")):
        rule = {"entity_type": kind, "entity_id": entity_id, "store_id": STORE, "filter_mode": "exclude"}
        assert client.post("/catalog/filter", data=rule).status_code == 303
    return refresh


def on_sale(publishing: Publishing) -> list[str]:
    return sorted(f"{item.title} {item.price}" for item in publishing.items.values() if not item.hidden)


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_publishes_nothing_by_itself(
    publishing: Publishing, refresh: Callable[[], None], world: World, tick: Callable[[], None], lie: str
) -> None:
    publishing.choose(per_100g=True)
    publishing.publish()
    publishing.choose(auto=True)
    before = on_sale(publishing)
    assert len(before) == 14
    for fault in LIES[lie]:
        world.faults.add(**fault)
    refresh()
    tick()
    assert on_sale(publishing) == before
    world.faults.clear()
    refresh()
    tick()
    assert on_sale(publishing) == before


def test_a_new_good_waits_in_all_places_until_evotor_says_what_it_is(
    publishing: Publishing, refresh: Callable[[], None], world: World, tick: Callable[[], None]
) -> None:
    merchant = world.merchant_of(TOKEN)
    assert merchant is not None
    products = merchant.stores[STORE].products
    for number in range(30):
        products.change(f"p{number}", {"type": "NORMAL"})
    refresh()
    publishing.choose(auto=True)
    publishing.publish()
    before = on_sale(publishing)
    world.faults.add("no_types")
    products.put({"id": "rum", "name": "Ром, 0,7 л", "price": 900, "quantity": 5, "type": "ALCOHOL_MARKED"})
    products.put({"id": "mate", "name": "Мате, 500 г", "price": 700, "quantity": 5, "type": "NORMAL"})
    refresh()
    tick()
    assert on_sale(publishing) == before
    client = publishing.owner.client
    why = "Укажите тип товара в кассе и обновите каталог"
    place = {"store_id": STORE, "product_id": "rum"}
    assert why in client.get("/catalog/product", query_string=place).page.text
    assert why in client.get("/sync/plan?kind=blocked").page.text
    unready = client.get("/catalog/products", query_string={"store_id": STORE, "ready": "no"}).page
    assert "не указан тип" in unready.texts("//tr[@data-evotor-id='rum']")[0]
    world.faults.clear()
    refresh()
    tick()
    assert on_sale(publishing) == sorted([*before, "Мате, 500 г 70000"])
    assert why not in client.get("/catalog/product", query_string=place).page.text
