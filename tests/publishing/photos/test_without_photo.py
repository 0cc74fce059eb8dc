"""How many published goods have no photo: the same number as the list that it leads to."""

import pytest

from tests.owners import Owner
from tests.publishing.photos.uploading import GOOD, jpeg, upload
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

COUNTS = "/catalog/published"


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    groups = [group("g0"), group("g1", parent="g0"), group("g2", parent="g1"), group("other")]
    goods = [
        product(f"p{n}", group=place) for n, place in enumerate(("g2", "g1", "other", "other", None, None))
    ]
    stock.put(groups=groups, products=goods)
    stock.put("s2", "Киоск", groups=groups, products=goods)


def said(owner: Owner) -> dict[str, int]:
    """What is told of each store, and that each list behind it holds as many."""
    page = owner.client.get(COUNTS).page
    found = {}
    for link in page.select("//*[@hx-target='#missing']//a"):
        name, count = str(link.text).replace("\xa0", " ").rsplit(": ", 1)
        rows = owner.client.get(link.get("href")).page.select("//tr[@data-entity='product']")
        assert len(rows) == int(count)
        found[name] = int(count)
    return found


def test_photos_of_goods_and_of_their_groups_and_the_rules_all_count(alice: Owner, stock: Stock) -> None:
    assert said(alice) == {"Чайная": 6, "Киоск": 6}
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "p4"})
    upload(alice, ("a.jpg", jpeg()), ("b.jpg", jpeg("red")), to=GOOD)
    assert said(alice) == {"Чайная": 4, "Киоск": 6}
    # What a good in a group that lends has of its own is not counted off twice.
    upload(alice, ("g.jpg", jpeg("navy")), to={"store_id": "s1", "group_id": "g0"})
    assert said(alice) == {"Чайная": 3, "Киоск": 6}
    stock.rule("group", "other", "exclude")
    stock.rule("product", "p2", "include")
    stock.rule("product", "p4", "exclude")
    assert said(alice) == {"Киоск": 6, "Чайная": 2}
    stock.rule("store", "s2", "exclude")
    assert said(alice) == {"Чайная": 2}


def test_the_catalogue_asks_for_it_and_the_overview_says_it(
    alice: Owner, count_statements, stock: Stock
) -> None:
    (asked,) = alice.client.get("/catalog/products?store_id=s1").page.select(
        "//@hx-get[contains(., 'published')]"
    )
    with count_statements() as statements:
        assert "Без фото: 6 товаров" in alice.client.get(asked).page.text.replace("\xa0", " ")
    assert len(statements) <= 10
    # Beside the goods of a group it is still told of the store.
    of_group = alice.client.get(f"{asked}&group_id=g0").page.text.replace("\xa0", " ")
    assert "Без фото во всём магазине: 6 товаров" in of_group
    (line,) = alice.client.get("/sync").page.texts("//*[@data-missing='photo']/dd")
    assert "Киоск: 6 · Чайная: 6" in line.replace("\xa0", " ")


def test_goods_that_all_have_photos_are_told_of_so(alice: Owner, stock: Stock) -> None:
    stock.put(products=[product("p0")])
    stock.put("s2", "Киоск", products=[])
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "p0"})
    (line,) = alice.client.get(COUNTS).page.texts("//*[@hx-target='#missing']")
    assert line == "Публикуемых товаров без фото нет"
