"""What was parted stays so, and what is out of sale is parted from nothing, whatever marks tell goods."""

from typing import Any

import pytest
from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.models import ListingGood
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

BARCODE = ("4601234567890",)


def trays(stock: Stock, *, price: int = 1500, left: int = 5, kind: str = "NORMAL") -> None:
    """Two goods of one barcode and two articles; the second store has so many `left`, of this `kind`."""
    told: dict[str, Any] = {"barcodes": BARCODE, "price": price}
    stock.put("s1", "Первая", products=[product("x", "Поднос с розами", article_number="AX", **told)])
    birds = product("y", "Поднос с птицами", article_number="AY", quantity=left, type=kind, **told)
    stock.put("s2", "Вторая", products=[birds])


def behind(publishing: Publishing) -> list[list[str]]:
    """The goods behind each listing of the ledger."""
    found: dict[int, list[str]] = {}
    order = ListingGood.listing_id, ListingGood.place
    with publishing.owner.app.app_context():
        for row in db.session.scalars(select(ListingGood).order_by(*order)):
            found.setdefault(row.listing_id, []).append(row.evotor_id)
    return list(found.values())


def are_hidden(publishing: Publishing) -> list[bool]:
    return sorted(item.hidden for item in publishing.items.values())


@pytest.mark.databases("sqlite", "postgresql")
def test_goods_that_were_parted_are_not_joined_again_by_another_mark(
    publishing: Publishing, stock: Stock
) -> None:
    trays(stock)
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    assert behind(publishing) == [["x", "y"]]
    publishing.join(one=False, mark=BARCODE[0])
    publishing.publish()
    assert behind(publishing) == [["x"], ["y"]]
    # Its page knows so whatever the goods bear by now.
    stock.put("s1", "Первая", products=[product("x", "Поднос", price=1500, article_number="AX")])
    stock.put("s2", "Вторая", products=[product("y", "Поднос", price=1500, article_number="AY")])
    page = publishing.owner.client.get("/catalog/product?store_id=s1&product_id=x").page
    assert "Вы решили: это разные товары" in page.text
    trays(stock, left=0)
    publishing.publish()
    assert are_hidden(publishing) == [False, True]
    publishing.choose(merge_by="article")
    assert not publishing.plan().alike
    trays(stock)
    publishing.publish()
    assert are_hidden(publishing) == [False, False]


def test_goods_are_parted_in_the_ledger_by_keeping_all_apart(publishing: Publishing, stock: Stock) -> None:
    trays(stock)
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    publishing.choose(merge_by="none")
    publishing.publish()
    assert behind(publishing) == [["x"], ["y"]]


def test_what_is_not_published_is_parted_from_nothing(publishing: Publishing, stock: Stock) -> None:
    trays(stock)
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    # What is sent of one while the other is excluded says nothing of the two.
    stock.rule("product", "y", "exclude", store_id="s2")
    trays(stock, price=1600)
    publishing.publish()
    assert [item.price for item in publishing.items.values()] == [160_000]
    assert behind(publishing) == [["x", "y"]]
    trays(stock, price=1600, kind="ALCOHOL_MARKED")
    publishing.publish()
    assert are_hidden(publishing) == [True]
    publishing.choose(merge_by="article")
    publishing.publish()
    assert are_hidden(publishing) == [True], "another mark makes no two goods of one"


def test_a_listing_stays_with_the_good_that_others_joined(publishing: Publishing, stock: Stock) -> None:
    trays(stock)
    stock.rule("product", "x", "exclude")
    publishing.publish()
    (theirs,) = publishing.items
    stock.rule("product", "x", None)
    publishing.choose(merge_by="barcode", store_order=["s1", "s2"])
    publishing.join(one=True)
    publishing.publish()
    assert behind(publishing) == [["y", "x"]]
    publishing.join(one=False, mark=BARCODE[0])
    publishing.publish()
    assert behind(publishing) == [["y"], ["x"]]
    assert publishing.listings()[theirs].sent["name"] == "Поднос с птицами"
