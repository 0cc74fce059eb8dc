"""The same good of several stores is one listing; joining and parting keep it."""

from decimal import Decimal
from typing import Any

import pytest

from app.data.db import db
from app.publishing.ledger.models import Listing
from tests.databases import on_both, on_sqlite
from tests.owners import Owner
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


def test_goods_that_may_be_one_wait_for_their_owner_and_the_rest_goes_on(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    run = publishing.publish()
    assert (run.status, run.done) == ("done", 1), "the good that only one store has"
    asked = publishing.plan().items["ask"]
    assert {item.reason.code for item in asked if item.reason} == {"may_be_one"} and len(asked) == 2
    page = publishing.owner.client.get("/sync/listings").page
    (mark,) = page.select("//*[@id='shelves']//li[@data-mark]/@data-mark")
    assert mark == BARCODE[0] and "Чайная" in page.text and "Склад" in page.text
    assert publishing.join(one=False, mark=mark).location == "/sync/listings#shelves"
    publishing.publish()
    assert len(publishing.items) == 3
    # A word may be taken back.
    assert publishing.join(one=True, mark=mark).status_code == 303
    publishing.publish()
    assert sorted(shown(publishing).values()) == [False, False, True]


def test_a_mark_that_moves_to_another_good_is_asked_about_again(
    publishing: Publishing, stock: Stock, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    page = publishing.owner.client.get("/sync/listings").page
    (seen, *_) = page.select("//*[@id='shelves']//input[@name='seen']/@value")
    publishing.join(one=True, mark=BARCODE[0])
    publishing.publish()
    moved = [product("p1", "Улун молочный", price=350), product("p7", "Кофе", price=900, barcodes=BARCODE)]
    stock.put("s1", "Чайная", products=moved)
    asked = publishing.plan().items["ask"]
    assert [item.name for item in asked] == ["Кофе"], "nobody has called it one with what is there"
    publishing.publish()
    assert len(publishing.items) == 2
    # The page of that time has shown other goods.
    about = {"mark": BARCODE[0], "one": "1", "seen": seen}
    publishing.owner.client.post("/sync/listings/join", data=about)
    assert len(publishing.plan().items["ask"]) == 1
    publishing.join(one=True, mark=BARCODE[0])
    assert not publishing.plan().items["ask"]


def test_nobody_answers_for_another_owner(publishing: Publishing, stores: Stock, bob: Owner) -> None:
    publishing.choose(merge_by="barcode")
    bob.client.post("/sync/listings/join", data={"mark": BARCODE[0], "one": "1"})
    assert len(publishing.plan().items["ask"]) == 2
    assert bob.client.post("/sync/settings/stores", data={"store_id": "s1", "move": "up"}).status_code == 404
    assert publishing.owner.client.post("/sync/listings/join", data={"mark": "x" * 300}).status_code == 400


def test_price_and_stock_come_from_the_stores_that_the_owner_has_chosen(
    publishing: Publishing, stock: Stock
) -> None:
    for store_id, name, price, left in (("s1", "Чайная", 350, 2), ("s2", "Склад", 360, 5)):
        good = product("p", "Улун молочный", price=price, quantity=left, barcodes=BARCODE)
        stock.put(store_id, name, products=[good])
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    (want,) = (item.want for item in publishing.plan().items["create"])
    assert want is not None and (want.price_text, want.good.quantity) == ("350.00", 7)
    moved = publishing.owner.client.post("/sync/settings/stores", data={"store_id": "s2", "move": "up"})
    assert moved.location == "/sync/settings#store-order"
    publishing.choose(stock_from="first")
    (want,) = (item.want for item in publishing.plan().items["create"])
    assert want is not None and (want.price_text, want.good.quantity) == ("360.00", 5)
    page = publishing.owner.client.get("/sync/plan").page
    assert "цена и остаток: Склад" in page.select("//tr[@data-kind='create']")[0].text_content()


def shown(publishing: Publishing) -> dict[int, bool]:
    """Items by number: whether they are hidden."""
    return {item.id: item.hidden for item in publishing.items.values()}


@pytest.mark.databases("sqlite", "postgresql")
def test_goods_that_are_joined_are_shown_once_and_parting_brings_back_the_same_listings(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.publish()
    before = shown(publishing)
    assert list(before.values()) == [False] * 3
    publishing.choose(merge_by="barcode")
    assert not publishing.plan().has_work, "nobody has said yet that they are one"
    publishing.join(one=True)
    assert [item.reason.code for item in publishing.plan().items["hide"] if item.reason] == ["joined"]
    publishing.publish()
    assert sorted(shown(publishing).values()) == [False, False, True]
    assert not publishing.plan().has_work
    publishing.choose(merge_by="none")
    publishing.publish()
    assert shown(publishing) == before
    assert not publishing.plan().has_work


def test_a_mark_that_changes_in_the_till_shows_no_joined_good_twice(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.publish()
    before = shown(publishing)
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    joined = shown(publishing)
    new = ("4609999999999",)
    stores.put("s1", "Чайная", products=[product("p1", "Улун молочный", price=350, barcodes=new)])
    second = product("q1", "Улун молочный", price=360, barcodes=new)
    stores.put("s2", "Склад", products=[second, product("q2", "Пуэр шу, лист", price=420)])
    publishing.publish()
    assert shown(publishing) == joined and not publishing.plan().items["ask"]
    for address in ("/sync/listings", "/catalog/product?store_id=s2&product_id=q1"):
        assert "Улун молочный" in publishing.owner.client.get(address).text
    publishing.join(one=False, mark=new[0])
    publishing.publish()
    assert shown(publishing) == before


@pytest.mark.parametrize("without", [("s1",), ("s2",), ("s1", "s2")])
def test_a_mark_that_does_not_come_parts_nothing(
    publishing: Publishing, stock: Stock, stores: Stock, without: tuple[str, ...]
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    joined = shown(publishing)
    goods = {"s1": product("p1", "Улун молочный", price=350), "s2": product("q1", "Улун молочный", price=360)}
    for store_id in without:
        stock.put(
            store_id,
            products=[goods[store_id], product("q2", "Пуэр шу, лист", price=420)][: int(store_id[1])],
        )
    assert not publishing.plan().items["create"] and not publishing.plan().items["hide"]
    # The price is that of the first store still.
    stock.put(
        "s1", products=[goods["s1"]._replace(price=Decimal(355), barcodes=() if "s1" in without else BARCODE)]
    )
    publishing.publish()
    assert shown(publishing) == joined
    assert sorted(item.price for item in publishing.items.values()) == [35500, 42000]


def test_a_first_store_that_does_not_sell_the_good_takes_nobodys_listing_with_it(
    publishing: Publishing, stores: Stock
) -> None:
    first = product("q1", "Улун молочный", price=360, barcodes=BARCODE, allow_to_sell=False)
    stores.put("s2", "Склад", products=[first])
    publishing.publish()
    before = shown(publishing)
    publishing.choose(merge_by="barcode", store_order=["s2", "s1"])
    publishing.join(one=True)
    publishing.publish()
    assert [item.price for item in publishing.items.values()] == [35_000], "only the other store sells it"
    # The page of either good parts them, and comes back.
    page = "/catalog/product?store_id=s1&product_id=p1"
    shown_now = publishing.owner.client.get(page).page
    (card,) = shown_now.texts("//*[@id='vk']")
    assert "350,00 ₽" in card and "цена: Чайная" in card, "what buyers see is the price of who sells it"
    about = shown_now.select("//form[@class='same']//input[@type='hidden']")
    answer = publishing.owner.client.post(
        "/sync/listings/join", data={each.get("name"): each.get("value") for each in about}
    )
    assert answer.location == page
    publishing.publish()
    assert shown(publishing) == before == {number: False for number in before}
    assert [item.price for item in publishing.items.values()] == [35_000]


def test_a_listing_stands_for_all_of_its_stores_once_it_was_sent(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
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
    publishing.join(one=True)
    publishing.publish()
    stores.rule("product", "p1", "exclude")
    publishing.publish()
    assert list(shown(publishing).values()) == [False]


def codes(*barcodes: str, article: str | None = "A-1", code: str | None = "7") -> dict[str, Any]:
    """What a card of the till bears, as `product` takes it."""
    return {"barcodes": barcodes, "article_number": article, "code": code}


_LATER = "4690000000000"


@pytest.mark.parametrize(
    ("by", "first", "second"),
    [
        ("barcode", codes(), codes()),
        ("barcode", codes(*BARCODE), codes()),
        ("barcode", codes(_LATER), codes("4600000000009")),
        ("barcode", codes(*BARCODE, _LATER), codes(_LATER, *BARCODE)),
        ("article", codes(*BARCODE), codes(*BARCODE, article=None)),
        ("article", codes(*BARCODE, article="B-1"), codes(*BARCODE, article="B-2")),
        ("code", codes(*BARCODE, code=None), codes(*BARCODE, code=None)),
    ],
    ids=["none", "none of one", "others", "another order", "no article", "other articles", "no codes"],
)
@pytest.mark.parametrize("were_there", [True, False], ids=["after", "before"])
def test_goods_that_were_called_one_stay_one_whatever_marks_they_bear_since(
    publishing: Publishing,
    stock: Stock,
    by: str,
    first: dict[str, Any],
    second: dict[str, Any],
    were_there: bool,
) -> None:
    def put(first: dict[str, Any], second: dict[str, Any]) -> None:
        for store_id, name, bears in (("s1", "Чайная", first), ("s2", "Склад", second)):
            stock.put(store_id, name, products=[product("p", "Улун молочный", price=350, **bears)])

    put(codes(*BARCODE), codes(*BARCODE))
    if were_there:
        publishing.publish()
    publishing.choose(merge_by=by)
    publishing.join(one=True)
    publishing.publish()
    seen = shown(publishing)
    assert list(seen.values()).count(False) == 1
    put(first, second)
    publishing.publish()
    assert shown(publishing) == seen, "one of two, and no third"
    assert not publishing.plan().items["ask"] and not publishing.plan().has_work
    # The owner parts them all the same, on the page of the good itself, and joins them again.
    for is_one, hidden in ((False, []), (True, [True])):
        page = publishing.owner.client.get("/catalog/product?store_id=s1&product_id=p").page
        about = page.select("//form[@class='same']//input[@type='hidden']")
        publishing.owner.client.post(
            "/sync/listings/join", data={each.get("name"): each.get("value") for each in about}
        )
        publishing.publish()
        assert sorted(shown(publishing).values()) == [False] * (1 if is_one else 2) + hidden


def test_a_good_that_bears_any_barcode_of_another_stores_is_asked_about(
    publishing: Publishing, stock: Stock
) -> None:
    bears = {"s1": (BARCODE[0], _LATER), "s2": ("4600000000009", BARCODE[0])}
    publishing.choose(merge_by="barcode")
    for store_id, barcodes in bears.items():
        stock.put(store_id, store_id, products=[product("p", "Улун молочный", price=350, barcodes=barcodes)])
        publishing.publish()
    assert len(publishing.items) == 1
    (item,) = publishing.plan().items["ask"]
    assert item.reason is not None and item.reason.code == "may_be_one"
    publishing.join(one=True, mark=BARCODE[0])
    publishing.publish()
    assert list(shown(publishing).values()) == [False]


def test_what_stands_behind_one_listing_stays_there_when_the_owner_tells_goods_by_something_else(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    before = shown(publishing)
    publishing.choose(merge_by="article")
    publishing.publish()
    assert shown(publishing) == before
    (joined,) = publishing.plan().alike
    publishing.join(one=False, mark=joined.mark)
    publishing.publish()
    assert sorted(shown(publishing).values()) == [False] * 3


def test_goods_that_were_called_different_are_not_joined_by_a_mark_that_both_take(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    publishing.join(one=False, mark=BARCODE[0])
    publishing.publish()
    before = shown(publishing)
    both = ("4609999999999",)
    stores.put("s1", "Чайная", products=[product("p1", "Улун молочный", price=350, barcodes=both)])
    second = product("q1", "Улун молочный", price=360, barcodes=both)
    stores.put("s2", "Склад", products=[second, product("q2", "Пуэр шу, лист", price=420)])
    publishing.publish()
    assert shown(publishing) == before and list(before.values()) == [False] * 3


def test_a_listing_that_vk_did_not_take_waits_while_the_good_may_be_one_that_is_there(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.publish()
    twin = next(each for each in publishing.listings().values() if each.sent["price"] == "360.00")
    with publishing.owner.app.app_context():
        row = db.session.get_one(Listing, twin.id)
        row.state, row.item_id, row.sent, row.seen = "failed", None, {}, {}
        db.session.commit()
    publishing.market.items[twin.item_id or 0].deleted_at = 1.0
    publishing.choose(merge_by="barcode")
    publishing.publish()
    assert len(publishing.items) == 2
    publishing.join(one=False)
    publishing.publish()
    assert len(publishing.items) == 3


def test_what_was_deleted_as_one_is_not_added_as_the_other_once_the_marks_differ(
    publishing: Publishing, stores: Stock
) -> None:
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    publishing.publish()
    joined = next(each for each in publishing.listings().values() if each.sent["price"] == "350.00")
    publishing.owner.client.post("/sync/listings/delete", data={"listing_id": joined.id})
    publishing.run_jobs()
    assert len(publishing.items) == 1
    other = product("q1", "Улун молочный", price=360, barcodes=("4609999999999",))
    stores.put("s2", "Склад", products=[other, product("q2", "Пуэр шу, лист", price=420)])
    publishing.publish()
    assert len(publishing.items) == 1


@pytest.mark.databases("sqlite", "postgresql")
def test_what_one_store_calls_alcohol_is_none_for_sale_whether_or_not_that_store_publishes_it(
    publishing: Publishing, stock: Stock, bob: Owner
) -> None:
    told: dict[str, Any] = {"price": 350, "quantity": 2, "barcodes": BARCODE}
    cider = product("p1", "Сидр сухой", type="ALCOHOL_NOT_MARKED", **told)
    for owners_stock in (stock, Stock(bob)):
        owners_stock.put("s1", "Чайная", products=[cider])
        owners_stock.put("s2", "Склад", products=[product("q1", "Сидр сухой", type="NORMAL", **told)])
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    (blocked,) = publishing.plan().items["blocked"]
    assert blocked.reason is not None and "запрещает продажу алкоголя" in blocked.reason.sentence
    stock.rule("product", "p1", "exclude")
    plan = publishing.plan()
    assert not plan.counts["create"]
    (blocked,) = plan.items["blocked"]
    why = "В другом магазине этот товар — алкоголь"
    assert blocked.key == ("s2", "q1") and blocked.reason and why in blocked.reason.sentence
    assert why in publishing.owner.client.get("/catalog/product?store_id=s2&product_id=q1").page.text
    # Another owner of the same goods has joined none.
    assert why not in bob.client.get("/catalog/product?store_id=s2&product_id=q1").page.text
    stock.put("s1", "Чайная", products=[])
    plan = publishing.plan()
    assert not plan.counts["create"] and plan.counts["blocked"] == 1, "it was alcohol when it left the till"
    stock.put("s1", "Чайная", products=[cider._replace(type="NORMAL")])
    assert publishing.plan().counts["create"] == 1
    assert why not in publishing.owner.client.get("/catalog/product?store_id=s2&product_id=q1").page.text


@pytest.mark.parametrize("way", ["goods", "store", "merchant"])
@pytest.mark.parametrize("is_new", [False, True])
def test_what_one_store_called_alcohol_is_none_for_sale_in_another_whichever_way_it_left(
    publishing: Publishing, stock: Stock, way: str, is_new: bool
) -> None:
    told: dict[str, Any] = {"price": 350, "quantity": 2, "barcodes": BARCODE}
    wine = product("p1", "Вино сухое", type="ALCOHOL_MARKED", **told)
    twin = product("q1", "Вино сухое", type="NORMAL", **told)
    if is_new:
        stock.put("s1", "Чайная")
        stock.put("s2", "Склад")
    stock.put("s1", "Чайная", products=[wine])
    stock.put("s2", "Склад", products=[twin])
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    assert publishing.plan().counts["blocked"] == 1
    if way == "goods":
        stock.put("s1", "Чайная")
    elif way == "store":
        stock.close("s1")
    else:
        stock.let_go()
        stock.put("s2", "Склад", products=[twin])
    publishing.publish()
    assert not publishing.items and publishing.plan().counts["blocked"] == 1
    # Where its own store calls it so no more, either, nothing is left to go by.
    stock.put("s1", "Чайная", products=[wine._replace(type="NORMAL")])
    publishing.publish()
    assert len(publishing.items) == 1


@on_both
@pytest.mark.parametrize("way", [pytest.param("excluded", marks=on_sqlite), "gone"])
def test_to_join_a_good_with_an_ordinary_card_too_does_not_free_it_but_to_part_it_does(
    publishing: Publishing, stock: Stock, bob: Owner, way: str
) -> None:
    told: dict[str, Any] = {"price": 350, "quantity": 2, "barcodes": BARCODE}
    wine = product("q1", "Вино красное", type="ALCOHOL_NOT_MARKED", **told)
    second = product("q2", "Вино красное, вторая карточка", type="NORMAL", **told)
    twin = product("p1", "Вино кр.", type="NORMAL", **told)
    for owners_stock in (stock, Stock(bob)):
        owners_stock.put("s1", "Чайная", products=[twin])
        owners_stock.put("s2", "Склад", products=[wine])
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    if way == "excluded":
        stock.rule("product", "q1", "exclude", "s2")
        stock.put("s2", "Склад", products=[wine, second])
    else:
        stock.put("s2", "Склад", products=[second])
    publishing.join(one=True)
    assert publishing.plan().counts["create"] == 0 and publishing.plan().counts["blocked"] == 1
    client = publishing.owner.client
    (blocked,) = publishing.plan().items["blocked"]
    assert blocked.reason and ("которой в кассе больше нет" in blocked.reason.sentence) is (way == "gone")
    way_on = client.get("/catalog/product?store_id=s1&product_id=p1").page.select(
        "//a[contains(@href, '#kept-back')]"
    )
    assert way_on
    page = client.get("/sync/listings").page
    (card,) = page.select("//section[@aria-labelledby='kept-back-title']")
    told_of = "карточка, которой в кассе больше нет" if way == "gone" else "Вино красное"
    assert told_of in card.text_content() and "Склад" in card.text_content()
    forms = card.xpath(".//form")
    data = [{each.get("name"): each.get("value") for each in form.xpath(".//input")} for form in forms]
    for fields in data:
        bob.client.post("/sync/listings/join", data=fields)
    assert publishing.plan().counts["create"] == 0
    for fields in data:
        client.post("/sync/listings/join", data=fields)
    assert publishing.plan().counts["create"] == 1 and publishing.plan().counts["blocked"] == 0
    assert "Не отправляем из-за другой карточки" not in client.get("/sync/listings").page.text


def test_to_part_a_good_on_its_page_parts_it_from_no_card_that_is_not_named_there(
    publishing: Publishing, stock: Stock
) -> None:
    told: dict[str, Any] = {"price": 350, "quantity": 2, "barcodes": BARCODE}
    stock.put("s1", "Чайная", products=[product("p1", "Сидр", type="NORMAL", **told)])
    stock.put("s2", "Склад", products=[product("q1", "Сидр сухой", type="ALCOHOL_NOT_MARKED", **told)])
    publishing.choose(merge_by="barcode")
    publishing.join(one=True)
    stock.rule("product", "q1", "exclude", "s2")
    stock.put("s3", "Лавка", products=[product("r1", "Сидр", type="NORMAL", **told)])
    publishing.join(one=True, mark=BARCODE[0])
    client = publishing.owner.client
    page = client.get("/catalog/product?store_id=s1&product_id=p1").page
    assert not page.select("//form[@class='same']") and page.select("//a[contains(@href, '#kept-back')]")
    client.post("/sync/listings/join", data={"store_id": "s1", "product_id": "p1"})
    publishing.publish()
    assert [item.key for item in publishing.plan().items["blocked"]] == [("s1", "p1")]
    assert len(publishing.items) == 1, "the one that it was parted from"


@on_both
@pytest.mark.parametrize(
    "way", ["excluded", *(pytest.param(way, marks=on_sqlite) for way in ("store", "waits", "beside"))]
)
def test_a_good_with_the_mark_of_a_card_that_vk_forbids_is_asked_about_though_nobody_publishes_that_card(
    publishing: Publishing, stock: Stock, bob: Owner, way: str
) -> None:
    told: dict[str, Any] = {"price": 350, "quantity": 2, "barcodes": BARCODE}
    wine = product("q1", "Вино красное", type="ALCOHOL_MARKED", **told)
    ordinary = product("q0", "Бокал", type="NORMAL", **told)
    for owners_stock in (stock, Stock(bob)):
        owners_stock.put("s1", "Чайная", products=[product("p0", "Чашка", price=90)])
        owners_stock.put("s2", "Склад", products=[product("q9", "Поднос", price=90)])
    publishing.choose(merge_by="barcode", **({"new_goods": "wait"} if way == "waits" else {}))
    publishing.publish()
    for owners_stock in (stock, Stock(bob)):
        twin = product("p1", "Вино кр.", type="NORMAL", **told)
        owners_stock.put("s1", "Чайная", products=[product("p0", "Чашка", price=90), twin])
        others = [wine, ordinary] if way == "beside" else [wine]
        owners_stock.put("s2", "Склад", products=[product("q9", "Поднос", price=90), *others])
    if way == "waits":
        stock.rule("product", "p1", "include")
    elif way == "store":
        stock.rule("store", "s2", "exclude")
    else:
        stock.rule("product", "q1", "exclude", "s2")
    before = len(publishing.items)
    publishing.publish()
    if way == "beside":
        publishing.join(one=True, mark=BARCODE[0])
    publishing.publish()
    assert len(publishing.items) == before
    assert not any("Вино" in item.title for item in publishing.items.values())
    asked = {item.key: item.reason for item in publishing.plan().items["ask"]}
    assert asked[("s1", "p1")] is not None
    client = publishing.owner.client
    page = client.get("/sync/listings").page
    (question,) = page.select("//section[@aria-labelledby='shelves-title']//li[@data-mark]")
    said = question.text_content()
    assert f"Штрихкод {BARCODE[0]}" in said and "Вино красное" in said and "ВКонтакте запрещает" in said
    (mark,) = question.xpath("@data-mark")
    # Another owner of the same goods has said nothing by that.
    assert (
        "Список изменился"
        in bob.client.post(
            "/sync/listings/join", data={"mark": mark, "one": "1"}, follow_redirects=True
        ).page.text
    )
    # Nor is it sent by itself, from its page.
    page = client.get("/catalog/product?store_id=s1&product_id=p1").page
    for form in page.select("//form[@action='/sync/publish']"):
        fields = {each.get("name"): each.get("value") for each in form.xpath(".//input")}
        client.post("/sync/publish", data=fields)
    publishing.run_jobs()
    assert len(publishing.items) == before
    publishing.join(one=True, mark=mark)
    plan = publishing.plan()
    assert plan.counts["create"] == 0 and plan.counts["ask"] == 0 and plan.counts["blocked"] == 1
    way_off = {"mark": mark}
    client.post("/sync/listings/join", data=way_off)
    assert publishing.plan().counts["create"] == 1 and publishing.plan().counts["ask"] == 0
    client.post("/sync/listings/join", data=way_off | {"one": "1"})
    assert publishing.plan().counts["create"] == 0 and publishing.plan().counts["blocked"] == 1
    client.post("/sync/listings/join", data=way_off)
    publishing.publish()
    assert "Вино кр." in {item.title for item in publishing.items.values()}


@pytest.mark.parametrize("way", ["goods", "store", "merchant"])
def test_what_waits_for_its_owners_word_waits_on_whichever_way_it_was_away(
    publishing: Publishing, stores: Stock, way: str
) -> None:
    publishing.choose(new_goods="wait")
    kept = product("q2", "Пуэр шу, лист", price=420)
    stores.put("s2", "Склад", products=[kept])
    stores.put("s2", "Склад", products=[kept, product("q3", "Сенча", price=90)])
    publishing.publish()
    before = shown(publishing)
    assert len(before) == 2
    if way == "goods":
        stores.put("s2", "Склад", products=[])
    elif way == "store":
        stores.close("s2")
    else:
        stores.let_go()
    publishing.publish()
    stores.put("s1", "Чайная", products=[product("p1", "Улун молочный", price=350, barcodes=BARCODE)])
    stores.put("s2", "Склад", products=[kept, product("q3", "Сенча", price=90)])
    publishing.publish()
    assert shown(publishing) == before
    publishing.choose(new_goods="rules")
    publishing.publish()
    assert len(shown(publishing)) == 3
