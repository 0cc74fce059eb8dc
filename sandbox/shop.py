"""The demo merchant: a tea shop with a main store, a warehouse and a small kiosk."""

from datetime import UTC, datetime
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from sandbox.assortment import ASSORTMENT, KIOSK, TREE
from sandbox.quirks import odd_goods, odd_groups
from sandbox.shelf import Item, stamp
from sandbox.vk.stock import stock_vk
from sandbox.world import Merchant, Store, World

DEMO_TOKEN = "demo-evotor-token"  # noqa: S105 (known to the sandbox alone)
MAIN, WAREHOUSE, KIOSK_STORE = (
    "20240115-7B1C-40A2-80F3-5D0E9A41C7B2",
    "20240115-2E90-40D4-80A1-93C7F18B60E5",
    "20250602-C3A7-4011-80BE-0F64D2E8A913",
)


def stock_demo(world: World) -> None:
    """Add the demo merchant with its goods, and its owner in VK; the same ones every time."""
    merchant = world.add_merchant(DEMO_TOKEN, "ИП Чайкина, магазин «Чайная»")
    main = merchant.add_store(_store(MAIN, "Чайная", "г. Калуга, ул. Театральная, 12"))
    warehouse = merchant.add_store(_store(WAREHOUSE, "Склад", "г. Калуга, Грабцевское шоссе, 4, стр. 2"))
    kiosk = merchant.add_store(_store(KIOSK_STORE, "Точка 2", None))
    for store in (main, warehouse, kiosk):
        _add_groups(merchant, store)
    for item in _assortment(merchant.id, main.id):
        main.products.put(item)
        # The warehouse keeps the same cards under the same ids, but packs of its own and no till.
        if item["type"] == "NORMAL" and item["measure_name"] == "шт":
            stock = int(item["code"]) * 13 % 90
            warehouse.products.put(
                {**item, "store_id": warehouse.id, "quantity": stock, "allow_to_sell": False}
            )
    for item in _assortment(merchant.id, kiosk.id):
        kiosk.products.put(item)
    _add_oddities(merchant, main)
    stock_vk(world.vk)


@cache
def stable_id(name: str) -> str:
    """Return an id that follows from the name, the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"sandbox:{name}"))


def _store(store_id: str, name: str, address: str | None) -> Item:
    dates = {"created_at": "2024-01-15T08:12:40.118+0000", "updated_at": "2025-11-03T17:45:09.502+0000"}
    return {"id": store_id, "name": name, **({"address": address} if address else {}), **dates}


def _add_groups(merchant: Merchant, store: Store) -> None:
    wanted = KIOSK if store.id == KIOSK_STORE else set(TREE)
    # Children come before their parents: the cloud promises no order.
    for name, parent in reversed(TREE.items()):
        if name in wanted:
            item: Item = {
                "id": stable_id(f"group {name}"),
                "name": name,
                "barcodes": [],
                "store_id": store.id,
                "user_id": merchant.id,
                "created_at": "2024-01-15T08:30:00.000+0000",
                "updated_at": "2024-06-20T11:02:31.970+0000",
            }
            store.groups.put({**item, "parent_id": stable_id(f"group {parent}")} if parent else item)


@cache
def _assortment(merchant_id: str, store_id: str) -> list[Item]:
    # Shelves keep copies: what is put on one stays as it is here.
    wanted = KIOSK if store_id == KIOSK_STORE else set(TREE)
    items = []
    for number, good in enumerate(ASSORTMENT, start=1):
        if good.group not in wanted:
            continue
        item: Item = {
            "type": good.type,
            "name": good.name,
            "code": str(number),
            "price": good.price,
            "cost_price": round(good.price * 0.56, 2),
            "quantity": good.quantity,
            "measure_name": good.measure,
            "tax": good.tax,
            "allow_to_sell": good.on_sale,
            "description": good.description,
            "article_number": good.article,
            "classification_code": "",
            "quantity_in_package": 0,
            "id": stable_id(good.name),
            "parent_id": stable_id(f"group {good.group}"),
            "store_id": store_id,
            "user_id": merchant_id,
            "created_at": _date(2024, number),
            "updated_at": _date(2025, number),
            "barcodes": [f"46{70_000_000_000 + number * 137:011d}"] if good.measure == "шт" else [],
        }
        if good.type == "SERVICE":
            del item["quantity"], item["cost_price"]
        items.append(item)
    return items


@cache
def _date(year: int, number: int) -> str:
    return stamp(datetime(year, 1 + number % 11, 1 + number % 28, 9, number % 60, 27, number * 1000, UTC))


def _add_oddities(merchant: Merchant, store: Store) -> None:
    owned = {"store_id": store.id, "user_id": merchant.id}
    for item in odd_groups(stable_id):
        store.groups.put({**item, **owned})
    for item in odd_goods(stable_id):
        store.products.put({**item, **owned})
