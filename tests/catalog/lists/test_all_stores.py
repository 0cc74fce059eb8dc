"""The list of all stores' goods: the same list, with the store of each."""

import csv
import io
from decimal import Decimal
from itertools import chain

import pytest

from app.catalog.lists.surroundings import _everywhere_statement, find_everywhere
from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.publishing.ledger.models import Listing, ListingGood
from tests.catalog.deciding.test_bulk import plan_of
from tests.catalog.export.test_workbooks import sheet_at
from tests.catalog.pages import ids_at, row_ids, walk
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

ALL = "/catalog/all"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Two stores whose goods bear the same ids, and a rule on one of each pair."""
    tea = [group("tea", "Чай")]
    goods = (("p1", "Улун молочный", 350), ("p2", "Пуэр", 90), ("p3", "Чашка", 10))
    for store_id, name, dearer in (("s1", "Чайная", 0), ("s2", "Киоск", 5)):
        products = [product(id, title, "tea", price=Decimal(price + dearer)) for id, title, price in goods]
        stock.put(store_id, name, groups=tea, products=products)
    stock.rule("product", "p1", "exclude", "s2")
    stock.rule("group", "tea", "exclude", "s1")
    return stock


def keys(owner: Owner, url: str) -> list[str]:
    """The rows of a page, each as its store and its good."""
    page = owner.client.get(url).page
    stores = page.select("//tbody/tr[@data-entity]/@data-store-id")
    return [f"{store}/{good}" for store, good in zip(stores, row_ids(page), strict=True)]


@on_both
def test_goods_of_all_stores_stand_in_one_list_with_search_order_and_filters(
    stock: Stock, alice: Owner, bob: Owner, subtests: pytest.Subtests
):
    Stock(bob).put("s1", "Чужая", products=[product("b1", "Улун чужой")])
    Stock(bob).put("s2", "Чужой киоск", products=[product("b2", "Улун чужой")])
    by_price = ["s1/p3", "s2/p3", "s1/p2", "s2/p2", "s1/p1", "s2/p1"]
    lists = {
        "": ["s1/p2", "s2/p2", "s1/p1", "s2/p1", "s1/p3", "s2/p3"],
        "?sort=price": by_price,
        "?sort=price&dir=desc": by_price[::-1],
        "?q=молочный+улун": ["s1/p1", "s2/p1"],
        "?q=ekey": ["s1/p1", "s2/p1"],
        "?rule=exclude": ["s2/p1"],
        "?result=published": ["s2/p2", "s2/p3"],
        "?result=hidden&q=улун": ["s1/p1", "s2/p1"],
        "?photo=no&vk=waiting": ["s2/p2", "s2/p3"],
    }
    for state, expected in lists.items():
        with subtests.test(state=state):
            assert keys(alice, ALL + state) == expected
    page = alice.client.get(ALL + "?q=улун").page
    assert page.texts("//tbody/tr/td[@class='store']") == ["Чайная", "Киоск"]
    assert page.texts("//tbody/tr/td[@class='result']/small") == ["исключена группа «Чай»", "правило товара"]


@on_both
def test_its_pages_lead_both_ways(stock: Stock, alice: Owner):
    for store_id in ("s1", "s2"):
        goods = [product(f"p{number:02}", f"Товар {number:02}") for number in range(30)]
        stock.put(store_id, store_id, products=goods)
    forwards = [row_ids(page) for page in walk(alice, ALL + "?per_page=25")]
    assert list(chain.from_iterable(forwards)) == [f"p{number // 2:02}" for number in range(60)]
    last = list(walk(alice, ALL + "?per_page=25"))[-1].select("//a[@rel='prev']/@href")[0]
    back = [row_ids(page) for page in walk(alice, str(last), "prev")]
    assert back[::-1] == forwards[:-1]


@on_both
def test_a_row_tells_in_which_other_stores_the_same_good_is_and_leads_to_them(alice: Owner, bob: Owner):
    goods = {
        "s1": [("p1", "Улун", ("46001", "46002")), ("p2", "Пуэр", ("46003",)), ("p3", "Чашка", ())],
        "s2": [("p7", "Улун", ("46002",)), ("p2", "Пуэр", ("99999",)), ("p3", "Чашка", ())],
        "s3": [("p9", "Улун", ("46002", "46001")), ("p8", "Чашка синяя", ())],
    }
    for owner in (alice, bob):
        for store_id, of_store in goods.items():
            products = [product(id, name, barcodes=codes) for id, name, codes in of_store]
            Stock(owner).put(store_id, store_id.upper(), products=products)
    with alice.app.app_context():
        listing = Listing(user_id=alice.id, community_id=1, sku="cup", state="live", sent={}, seen={})
        db.session.add(listing)
        db.session.flush()
        # The last of them is no longer in the catalogue.
        for store_id, good_id in (("s1", "p3"), ("s3", "p8"), ("s2", "gone")):
            db.session.add(
                ListingGood(
                    listing_id=listing.id, user_id=alice.id, store_evotor_id=store_id, evotor_id=good_id
                )
            )
        db.session.commit()
    page = alice.client.get(ALL).page
    said = {
        f"{store.get('data-store-id')}/{store.get('data-evotor-id')}": store
        for store in page.select("//tbody/tr")
    }
    # What the page has all of is one row, and those that it stands for follow it.
    folded = {key: row.xpath("string(.//summary)") for key, row in said.items()}
    in_two, in_three = "в 2\u00a0магазинах", "в 3\u00a0магазинах"
    assert {key: words for key, words in folded.items() if words} == {"s1/p1": in_three, "s1/p3": in_two}
    assert [key for key, row in said.items() if row.get("class") == "in"] == ["s2/p7", "s3/p9", "s3/p8"]
    assert [list(said).index(key) for key in ("s1/p1", "s2/p7", "s3/p9")] == [2, 3, 4]
    assert "Показано 1–8 из 8, одинаковые сложены" in page.texts("//*[@id='pager']/span")[0]
    # On another page, or beyond a filter, is a part of them: each of these says where it is, too.
    (action,) = said["s1/p1"].xpath(".//form/@action")
    alice.client.htmx_post(action, {"filter_mode": "exclude"})
    page = alice.client.get(f"{ALL}?result=published").page
    told = dict(zip(keys(alice, f"{ALL}?result=published"), page.select("//tbody/tr"), strict=True))
    two = "ещё 2\u00a0магазина"
    words = {key: row.xpath("string(td[@class='store']/small)") for key, row in told.items()}
    assert {key: said for key, said in words.items() if said} == {"s2/p7": two, "s3/p9": two}
    (together,) = told["s2/p7"].xpath("td[@class='store']/small/a/@href")
    assert sorted(keys(alice, together)) == ["s1/p1", "s2/p7", "s3/p9"]
    page = alice.client.get(f"{ALL}?q=синяя").page
    (good,) = page.select("//td[@class='store']/small/a/@href")
    others = alice.client.get(good.partition("#")[0], follow_redirects=True).page
    assert "S1 Чашка" in others.texts("//section[@aria-labelledby='others']//th")
    # A click leaves each in its place.
    (action,) = told["s2/p7"].xpath(".//form/@action")
    answer = alice.client.htmx_post(action, {"filter_mode": "exclude"})
    assert answer.page.texts("//td[@class='store']") == [f"S2 {two}".replace("\u00a0", " ")]
    for key, row_class, store in (("s1/p3", None, f"S1{in_two}"), ("s3/p8", "in", "S3")):
        (action,) = said[key].xpath(".//form/@action")
        answer = alice.client.htmx_post(action, {"filter_mode": "exclude"})
        assert answer.page.select("//tr")[0].get("class") == row_class
        assert answer.page.texts("//td[@class='store']") == [store.replace("\u00a0", " ")]


@on_both
def test_what_can_be_published_stands_for_what_cannot_in_the_order_of_names_only(alice: Owner):
    for store_id, on_sale, price in (("s1", False, 10), ("s2", True, 20)):
        tea = product("p", "Улун", barcodes=("46001",), allow_to_sell=on_sale, price=Decimal(price))
        Stock(alice).put(store_id, store_id.upper(), products=[tea])
    assert keys(alice, ALL) == ["s2/p", "s1/p"]
    assert keys(alice, ALL + "?sort=price") == ["s1/p", "s2/p"]
    for order in ("", "?sort=price"):
        page = alice.client.get(ALL + order).page
        assert page.select("//tr/@class") == ["in"]


@on_both
def test_a_click_and_a_bulk_change_work_there(stock: Stock, alice: Owner):
    head = alice.client.get(ALL + "?q=чашка").page.select("//tr[@data-store-id='s2']/th/@id")[0]
    answer = alice.client.htmx_post(f"/catalog/filter?row={head}&view=all", {"filter_mode": "exclude"})
    assert answer.page.texts("//td[@class='store']") == ["Киоск"]
    assert ids_at(alice, ALL + "?rule=exclude") == ["p1", "p3"]
    plan, apply_url = plan_of(alice, ALL + "?q=улун", scope="found", filter_mode="include")
    assert "Все найденные товары: все магазины, поиск «улун»" in plan.text
    alice.client.post(apply_url)
    assert keys(alice, ALL + "?rule=include") == ["s1/p1", "s2/p1"]
    plan, _ = plan_of(alice, ALL, scope="found", filter_mode="exclude")
    assert "Все найденные товары: все магазины" in plan.text


@on_both
def test_all_that_was_found_is_one_file(stock: Stock, alice: Owner, bob: Owner):
    Stock(bob).put("s1", "Чужая", products=[product("b1", "Улун чужой")])
    (link,) = alice.client.get(ALL + "?q=улун").page.select("//a[@id='export']/@href")
    lines = list(csv.reader(io.StringIO(alice.client.get(str(link)).text[1:])))
    assert [line[:3] + line[-2:] for line in lines[1:]] == [
        ["Чайная", "Чай", "Улун молочный", "p1", "Нет правила"],
        ["Киоск", "Чай", "Улун молочный", "p1", "Исключено"],
    ]
    assert [line[0] for line in sheet_at(alice, f"{link}&format=excel")] == ["Магазин", "Чайная", "Киоск"]
    assert ";350,00;" in alice.client.get(f"{link}&format=csv-ru").text


@on_both
def test_the_ways_there_are_where_there_is_more_than_one_store(stock: Stock, alice: Owner, bob: Owner):
    assert alice.client.get("/catalog").page.select(f"//a[@href='{ALL}']")
    searched = alice.client.get("/catalog/products?store_id=s1&q=улун&rule=include").page
    assert searched.select("//a[text()='Искать во всех магазинах']/@href") == [
        f"{ALL}?q=%D1%83%D0%BB%D1%83%D0%BD"
    ]
    assert bob.client.get(ALL).location == "/catalog"
    Stock(bob).put("b1", "Один", products=[product("p1", "Улун")])
    assert bob.client.get(ALL + "?q=улун").location.startswith("/catalog/products?store_id=b1&q=")
    assert not bob.client.get("/catalog").page.select(f"//a[@href='{ALL}']")
    assert "Искать во всех" not in bob.client.get("/catalog/products?store_id=b1&q=улун").text


def test_its_statements_grow_neither_with_the_stores_nor_with_the_rows(
    stock: Stock, alice: Owner, count_statements
):
    counts = []
    for stores in (3, 30):
        for number in range(stores):
            goods = [product(f"p{n}", group=f"g{n}") for n in range(3)]
            stock.put(f"s{number}", products=goods, groups=[group(f"g{n}") for n in range(3)])
        with count_statements() as statements:
            assert len(ids_at(alice, ALL + "?per_page=200")) >= 3 * stores
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


def test_what_the_last_refresh_tells_of_all_stores_is_read_once(stock: Stock, alice: Owner, app) -> None:
    with app.app_context():
        db.session.add(CatalogRefresh(user_id=alice.id, status="done", stores=[]))
        db.session.commit()
        found = db.session.execute(_everywhere_statement(), {"user_id": alice.id}).all()
        assert [row.CatalogRefresh is not None for row in found] == [True, False]
        everywhere = find_everywhere(alice.id)
        assert everywhere is not None and everywhere.refresh is not None
