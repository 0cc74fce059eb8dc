"""The same good of several stores is one listing; joining and parting keep it."""

import pytest

from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

BARCODE = ("4601234567890",)


@pytest.fixture
def stores(stock: Stock) -> Stock:
    """One good that both stores have, and one that only the second has."""
    stock.put("s1", "Чайная", products=[product("p1", "Улун молочный", price=350, barcodes=BARCODE)])
    second = [
        product("q1", "Улун молочный", price=360, barcodes=BARCODE),
        product("q2", "Пуэр шу, лист", price=420, barcodes=("4600000000001",)),
    ]
    stock.put("s2", "Склад", products=second)
    return stock


def shown(publishing: Publishing) -> dict[int, bool]:
    """Items by number: whether they are hidden."""
    return {item.id: item.hidden for item in publishing.items.values()}


def test_goods_that_are_joined_are_shown_once_and_parting_brings_back_the_same_listings(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.publish()
    before = shown(publishing)
    assert list(before.values()) == [False] * 3
    publishing.choose(merge_by="barcode")
    assert [item.reason.code for item in publishing.plan().items["hide"] if item.reason] == ["joined"]
    publishing.publish()
    assert sorted(shown(publishing).values()) == [False, False, True]
    assert not publishing.plan().has_work
    publishing.choose(merge_by="none")
    publishing.publish()
    assert shown(publishing) == before
    assert not publishing.plan().has_work


def test_a_listing_stands_for_all_of_its_stores_once_it_was_sent(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.publish()
    before = shown(publishing)
    publishing.choose(merge_by="none")
    publishing.publish()
    parted = shown(publishing)
    assert len(parted) == 3 and before.keys() < parted.keys() and not any(parted.values())
    # The first store's good goes: what is left of the pair keeps its place.
    stores.rule("product", "p1", "exclude")
    publishing.choose(merge_by="barcode")
    publishing.publish()
    stores.rule("product", "p1", None)
    publishing.publish()
    assert shown(publishing).keys() == parted.keys()
    publishing.choose(merge_by="none")
    publishing.publish()
    assert shown(publishing) == parted


def test_a_changed_price_of_a_joined_listing_teaches_the_ledger_what_stands_behind_it(
    publishing: Publishing, stores: Stock
) -> None:
    stores.put("s2", "Склад", products=[])
    publishing.publish()
    stores.put("s2", "Склад", products=[product("q1", "Улун молочный", price=360, barcodes=BARCODE)])
    stores.put("s1", "Чайная", products=[product("p1", "Улун молочный", price=355, barcodes=BARCODE)])
    publishing.choose(merge_by="barcode")
    publishing.publish()
    stores.rule("product", "p1", "exclude")
    publishing.publish()
    assert list(shown(publishing).values()) == [False]
