"""Lists come in pages, and the pages add up to the list."""

import json

import pytest

from sandbox import create_app
from sandbox.generator import GeneratedShelf, add_generated_merchant
from sandbox.shelf import Shelf, StoredShelf
from sandbox.world import V2, Manners, Merchant, World

from .conftest import STORE, Ask


def ids(shelf: Shelf, limit: int, since: int | None = None) -> list[str]:
    """Read a shelf to its end in slices."""
    start: int | None = 0
    found: list[str] = []
    while start is not None:
        items, start = shelf.slice(start, limit, since)
        found += [item["id"] for item in json.loads(b"[" + items + b"]")]
    return found


def test_pages_add_up_to_the_list(products: Ask) -> None:
    page = products(limit=2).json
    seen = [item["id"] for item in page["items"]]
    while cursor := page["paging"].get("next_cursor"):
        page = products(cursor=cursor).json
        seen += [item["id"] for item in page["items"]]
    assert seen == ["p1", "p2", "p3", "p4", "p5"]


def test_with_a_cursor_every_other_parameter_is_ignored(products: Ask) -> None:
    cursor = products(limit=2).json["paging"]["next_cursor"]
    page = products(cursor=cursor, limit="ten", since="never", colour="red").json
    assert [item["id"] for item in page["items"]] == ["p3", "p4"]


def test_a_cursor_of_another_list_or_a_damaged_one_is_400(ask: Ask, products: Ask) -> None:
    cursor = products(limit=2).json["paging"]["next_cursor"]
    assert ask(f"/stores/{STORE}/product-groups", cursor=cursor).status_code == 400
    for damaged in ("", "nonsense", cursor[:-4], cursor.swapcase(), "AAAA"):
        assert products(cursor=damaged).json["violations"][0]["subject"] == "cursor"


def test_since_keeps_what_was_updated_at_or_after(products: Ask) -> None:
    fourth_of_january = 1_735_948_800_000
    assert [item["id"] for item in products(since=fourth_of_january).json["items"]] == ["p4", "p5"]
    page = products(since=fourth_of_january, limit=1).json
    following = products(cursor=page["paging"]["next_cursor"]).json
    assert [item["id"] for item in following["items"]] == ["p5"]
    assert following["paging"] == {}


@pytest.mark.parametrize(
    ("variant", "paging"),
    [("empty_paging", {}), ("null_cursor", {"next_cursor": None}), ("empty_cursor", {"next_cursor": ""})],
)
def test_the_last_page_ends_the_list_in_each_known_way(
    products: Ask, merchant: Merchant, variant: str, paging: dict[str, str | None]
) -> None:
    merchant.manners = Manners(list_end=variant)
    assert products().json["paging"] == paging


def test_the_last_page_may_have_no_paging_at_all(products: Ask, merchant: Merchant) -> None:
    merchant.manners = Manners(list_end="no_paging")
    assert products().json.keys() == {"items"}


def test_a_removal_between_pages_hides_no_other_product(products: Ask, merchant: Merchant) -> None:
    page = products(limit=2).json
    merchant.stores[STORE].products.remove("p1")
    following = products(cursor=page["paging"]["next_cursor"]).json
    assert [item["id"] for item in following["items"]] == ["p3", "p4"]


@pytest.mark.parametrize("limit", [1, 3, 10, 1000])
def test_a_generated_shelf_behaves_like_a_stored_one(limit: int) -> None:
    generated = GeneratedShelf("01-1", STORE, 0, 10)
    stored = StoredShelf(generated.find("", 10))
    for shelf in (generated, stored):
        assert len(shelf) == len(set(ids(shelf, limit))) == 10
    for number in (0, 4, 9):
        item_id = ids(generated, limit)[0 if number == 0 else -1]
        for shelf in (generated, stored):
            shelf.remove(item_id)
            shelf.put({"id": f"new {number}", "name": "Новый"})
        assert ids(generated, limit) == ids(stored, limit)
        assert len(generated) == len(stored)
    kept = ids(generated, limit)[2]
    for shelf in (generated, stored):
        assert shelf.change(kept, {"name": "Другой"}, drop=["price"])["name"] == "Другой"
        assert "price" not in (shelf.get(kept) or {})
        assert kept in ids(shelf, limit, since=1_760_000_000_000)
        assert [item["id"] for item in shelf.find("ДРУГ", 5)] == [kept]
    gone = generated.removed()[0]["id"]
    generated.restore(gone)
    assert gone in ids(generated, limit)


def test_a_changed_good_of_a_generated_shelf_is_not_hidden_by_a_kept_page() -> None:
    shelf = GeneratedShelf("01-1", STORE, 0, 100)
    first = shelf.find("", 1)[0]["id"]
    shelf.slice(0, 10)
    shelf.change(first, {"name": "Переименован"})
    assert "Переименован".encode() in shelf.slice(0, 10).items


def test_a_million_goods_are_served_from_the_first_to_the_last() -> None:
    world = World()
    merchant = add_generated_merchant(world, "big", 1_000_000, stores=3)
    sizes = [len(store.products) for store in merchant.stores.values()]
    assert sum(sizes) == 1_000_000
    assert max(sizes) - min(sizes) <= 1
    last = list(merchant.stores.values())[-1].products
    items, after = last.slice(sizes[-1] - 1, 1000)
    assert after is None
    assert b'"quantity"' in items


def test_the_default_page_holds_a_thousand(world: World) -> None:
    merchant = add_generated_merchant(world, "big", 1001)
    path = f"/evotor/stores/{next(iter(merchant.stores))}/products"
    answer = create_app(world).test_client().get(path, headers={"Authorization": "Bearer big", "Accept": V2})
    page = json.loads(answer.data)
    assert len(page["items"]) == 1000
    assert page["paging"]["next_cursor"]
