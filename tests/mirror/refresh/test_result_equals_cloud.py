"""After a refresh the cache holds what the cloud holds, quirks and all."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.good_types import UNTOLD
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize
from sandbox.world import Merchant, Store, World
from tests.mirror.refresh.conftest import MAIN, SIDE
from tests.owners import DEMO_TOKEN, Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")

Item = dict[str, Any]


def items_of(shelf: Any) -> list[Item]:
    """Read everything on a shelf of the cloud; numbers keep the digits in which they travel."""
    return json.loads(b"[" + shelf.slice(0, 10**6).items + b"]", parse_float=str, parse_int=str)


def text(item: Item, key: str, length: int) -> str | None:
    value = item.get(key)
    return value[:length] if value and value.strip() else None


def number(item: Item, key: str, step: str) -> Decimal | None:
    value = item.get(key)
    return None if value is None else Decimal(value).quantize(Decimal(step), ROUND_HALF_UP)


def expected_product(item: Item) -> tuple[Any, ...]:
    return (
        item["id"],
        item["name"],
        text(item, "parent_id", 255),
        number(item, "price", "0.01"),
        number(item, "quantity", "0.001"),
        text(item, "measure_name", 20),
        text(item, "article_number", 100),
        item.get("allow_to_sell"),
        text(item, "code", 100),
        text(item, "description", 10_000),
        " ".join(item.get("barcodes") or []) or None,
        # Most goods of the demo have one.
        (text(item, "type", 50) or UNTOLD).strip().upper(),
    )


def cached_products(session: Session, user_id: int, store_id: str) -> list[tuple[Any, ...]]:
    table = CachedProduct
    columns = (
        *(table.evotor_id, table.name, table.group_evotor_id, table.price, table.quantity),
        *(table.measure_name, table.article_number, table.allow_to_sell),
        *(table.code, table.description, table.barcodes, table.product_type),
    )
    own = select(*columns).where(table.user_id == user_id, table.store_evotor_id == store_id)
    return sorted((tuple(row) for row in session.execute(own)), key=lambda row: row[0])


@pytest.fixture
def merchant(alice: Owner, world: World, run_jobs) -> Merchant:
    """The demo shop, fetched by Alice."""
    alice.connect_evotor()
    alice.client.get("/catalog")
    run_jobs()
    found = world.merchant_of(DEMO_TOKEN)
    assert found is not None
    return found


def stores(merchant: Merchant) -> list[Store]:
    return list(merchant.stores.values())


def test_every_product_is_there_with_every_field(
    merchant: Merchant, alice: Owner, db_session: Session
) -> None:
    for store in stores(merchant):
        expected = sorted(map(expected_product, items_of(store.products)), key=lambda row: row[0])
        assert cached_products(db_session, alice.id, store.id) == expected


def test_every_store_and_group_is_there(merchant: Merchant, alice: Owner, db_session: Session) -> None:
    table = CachedStore
    own = select(table.evotor_id, table.name, table.address).where(table.user_id == alice.id)
    assert sorted(tuple(row) for row in db_session.execute(own)) == sorted(
        (item["id"], item["name"], text(item, "address", 500)) for item in items_of(merchant.store_list)
    )
    for store in stores(merchant):
        groups = select(CachedGroup.evotor_id, CachedGroup.name, CachedGroup.parent_evotor_id)
        found = db_session.execute(groups.filter_by(user_id=alice.id, store_evotor_id=store.id))
        expected = [
            (item["id"], item["name"], text(item, "parent_id", 255)) for item in items_of(store.groups)
        ]
        assert sorted(map(repr, map(tuple, found))) == sorted(map(repr, expected))


def test_the_goods_of_each_group_are_counted(merchant: Merchant, alice: Owner, db_session: Session) -> None:
    for store in stores(merchant):
        expected: dict[str, int] = {}
        for item in items_of(store.products):
            group = item.get("parent_id") or ""
            expected[group] = expected.get(group, 0) + 1
        rows = select(GroupSize.group_evotor_id, GroupSize.products)
        own = rows.filter_by(user_id=alice.id, store_evotor_id=store.id)
        assert dict(db_session.execute(own).all()) == expected


def test_the_same_product_id_in_two_stores_is_two_products(refresh, shop, goods) -> None:
    refresh()
    assert goods(MAIN)["p1"].price == 100 and goods(SIDE)["p1"].price == 200
    shop.main.products.change("p1", {"price": 55})
    shop.side.products.remove("p2")
    refresh()
    assert goods(MAIN)["p1"].price == 55 and goods(SIDE)["p1"].price == 200
    assert "p2" in goods(MAIN) and "p2" not in goods(SIDE)


def test_goods_that_move_between_pages_while_they_are_read_are_there_once_and_come_back(
    owner: Owner, refresh, runs, run_jobs, shop, goods, in_the_middle
) -> None:
    shop.manners(page_size=1)
    refresh()
    keys = {evotor_id: row.id for evotor_id, row in goods(SIDE).items()}
    rule = {"entity_type": "product", "entity_id": "p3", "store_id": SIDE}
    owner.client.post("/catalog/filter", data={**rule, "filter_mode": "exclude"})

    def move() -> None:
        # Read already, this one comes again; that one slips before the place where the reading goes on.
        shop.side.products.remove("p0")
        shop.side.products.restore("p0")
        shop.side.products.remove("p3")

    owner.client.post("/catalog/refresh")
    thread = in_the_middle(move)
    run_jobs()
    thread.join()
    assert (runs()[-1].status, runs()[-1].removed) == ("done", 1)
    missed = keys.pop("p3")
    assert {evotor_id: row.id for evotor_id, row in goods(SIDE).items()} == keys
    shop.side.products.restore("p3")
    run = refresh()
    assert (run.status, run.added, run.changed, run.removed) == ("done", 1, 0, 0)
    assert goods(SIDE)["p3"].id != missed
    page = owner.client.get(f"/catalog/products?store_id={SIDE}").page
    assert "Исключено" in page.texts("//tr[@data-evotor-id='p3']")[0]
    assert len(page.select("//tr[@data-evotor-id]")) == 4
