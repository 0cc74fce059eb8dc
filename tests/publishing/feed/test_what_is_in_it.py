"""The list holds what is published, as publication would have it, and nothing else."""

import io
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image

from app.data.db import db
from app.publishing.feed import routes
from app.publishing.goods import goods_on_offer
from app.publishing.planning.desired import Shop
from app.publishing.planning.sku import key_sku
from app.publishing.settings.read import settings_of
from app.publishing.settings.same_goods import answer
from app.publishing.settings.save import save_settings
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.feed.conftest import Marketplace
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product

GROUPS = [group("tea", "Чай"), group("green", "Зелёный & белый", "tea"), group("empty", "Списания")]
GOODS = [
    product("p1", "Улун <молочный>", "green", price=350, quantity=12, measure_name="шт", article_number="A-1",
            barcodes=("4600000000008", "своё", "4600000000008")),
    product("p2", "Пуэр шу, лист", "tea", price=420.5, quantity=0, measure_name="шт"),
    product("p3", "Чашка с птицей", price=99, quantity=3),
    product("p4", "Сахар без цены", price=None, quantity=3),
    product("p5", "Дегустация чая", price=500, type="SERVICE"),
    product("p6", "Чайник с витрины", price=500, allow_to_sell=False),
    product("p7", "Портвейн", price=500, type="ALCOHOL_MARKED"),
    product("p8", "Тайный чай", "empty", price=500),
]  # fmt: skip


def choose(owner: Owner, **settings: Any) -> None:
    with owner.app.app_context():
        save_settings(owner.id, settings)


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """A store with groups within groups, and goods that cannot all be offered; one is excluded."""
    stock.put(groups=GROUPS, products=GOODS)
    stock.rule("product", "p8", "exclude")
    return stock


@on_both
def test_it_is_valid_and_holds_what_is_published(tea: Stock, marketplace: Marketplace) -> None:
    tree = marketplace.fetch()
    shop = tree.find("shop")
    assert (shop.findtext("name"), shop.findtext("company")) == ("Чайная", "Чайная")
    offers = {offer.findtext("name"): offer for offer in tree.iter("offer")}
    assert set(offers) == {"Улун <молочный>", "Пуэр шу, лист", "Чашка с птицей", "Чайник с витрины"}
    oolong = offers["Улун <молочный>"]
    assert oolong.get("id") == key_sku(("s1", "p1"))
    assert oolong.findtext("price") == "350.00"
    assert oolong.findtext("vendorCode") == "A-1"
    assert [code.text for code in oolong.findall("barcode")] == ["4600000000008"]
    assert "Зелёный & белый" in oolong.findtext("description")


@on_both
def test_sold_out_goods_stay_as_not_available_unless_the_owner_keeps_them(
    tea: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    def available() -> dict[str, str]:
        return {name: offer.get("available") for name, offer in marketplace.offers().items()}

    assert available()["Пуэр шу, лист"] == "false"
    assert available()["Чайник с витрины"] == "false"
    choose(alice, reserve=Decimal(3))
    assert available()["Чашка с птицей"] == "false"
    choose(alice, out_of_stock="keep", not_on_sale="keep", services="keep")
    assert set(available().values()) == {"true"}
    assert "Дегустация чая" in available()


def test_groups_are_its_categories_with_their_tree_and_unused_ones_are_not_told(
    tea: Stock, marketplace: Marketplace
) -> None:
    tree = marketplace.fetch()
    categories = {each.text: each for each in tree.iter("category")}
    assert set(categories) == {"Чай", "Зелёный & белый", "Остальное"}
    assert categories["Зелёный & белый"].get("parentId") == categories["Чай"].get("id")
    assert categories["Чай"].get("parentId") is None
    of = {offer.findtext("name"): offer.findtext("categoryId") for offer in tree.iter("offer")}
    assert of["Улун <молочный>"] == categories["Зелёный & белый"].get("id")
    assert of["Чашка с птицей"] == categories["Остальное"].get("id")


def test_signs_that_xml_cannot_write_are_left_out(stock: Stock, marketplace: Marketplace) -> None:
    dirty = 'Чай\x01 "чёрный"\ufffe & <белый>'
    goods = [product("p1", dirty, "g1", price=1, article_number="A\x02&1", description=dirty + " листовой")]
    stock.put(groups=[group("g1", "Чаи\x0b]]>")], products=goods)
    (offer,) = marketplace.offers().values()
    assert offer.findtext("name") == 'Чай "чёрный" & <белый>'
    assert offer.findtext("vendorCode") == "A&1"


def test_groups_that_lie_within_each_other_are_told_all_the_same(
    stock: Stock, marketplace: Marketplace
) -> None:
    stock.put(
        groups=[group("a", parent="b"), group("b", parent="a"), group("c", parent="gone")],
        products=[product("p1", "Чай в петле", "a", price=1), product("p2", "Чай в группе", "c", price=1)],
    )
    assert len(list(marketplace.fetch().iter("category"))) == 4


@on_both
def test_prices_names_and_texts_are_those_of_publication(
    app: Flask, tea: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    choose(alice, markup_percent=Decimal("12.5"), rounding="9", description_template="{name} за {price}")
    with app.app_context():
        wanted = list(Shop(settings_of(alice.id)).desired(goods_on_offer(alice.id, db.session)))
    offers = marketplace.offers()
    for want in wanted:
        if want.name in offers:
            offer = offers[want.name]
            told = (offer.findtext("price"), offer.findtext("description"))
            assert told == (want.price_text, want.description)
    assert offers["Улун <молочный>"].findtext("price") == "389.00"


@pytest.mark.parametrize(("price", "former"), [(200, "350.00"), (35, None)])
def test_a_fall_that_would_wait_for_the_owners_word_is_not_told(
    tea: Stock, alice: Owner, marketplace: Marketplace, price: int, former: str | None
) -> None:
    choose(alice, old_price_days=7)
    tea.put(groups=GROUPS, products=[product("p1", "Улун", "green", price=price, measure_name="шт")])
    assert marketplace.offers()["Улун"].findtext("oldprice") == former


@on_both
def test_the_same_good_of_several_stores_is_one_offer(
    stock: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    twins: dict[str, Any] = {"price": 100, "barcodes": ("4600000000008",)}
    stock.put("s1", "Центр", products=[product("p1", "Улун в центре", quantity=0, **twins)])
    stock.put("s2", "Вокзал", products=[product("p9", "Улун на вокзале", quantity=2, **twins)])
    assert len(marketplace.offers()) == 2
    choose(alice, merge_by="barcode", store_order=["s2", "s1"])
    assert len(marketplace.offers()) == 2, "they are one only when their owner has said so"
    with alice.app.app_context():
        answer(alice.id, "barcode", {"4600000000008": [("s1", "p1"), ("s2", "p9")]}, is_one=True)
        db.session.commit()
    (offer,) = marketplace.offers().values()
    assert (offer.findtext("name"), offer.get("available")) == ("Улун на вокзале", "true")
    assert offer.get("id") == key_sku(("s2", "p9"))


@on_both
def test_pictures_open_by_the_secret_and_cards_where_the_owner_lets_them_stand_in(
    tea: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    assert marketplace.offers()["Улун <молочный>"].find("picture") is None
    upload(alice, ("oolong.jpg", jpeg()))
    choose(alice, photo_fallback="card")
    offers = marketplace.offers()
    photo = marketplace.picture(offers["Улун <молочный>"])
    card = marketplace.picture(offers["Пуэр шу, лист"])
    for picture in (photo, card):
        assert picture.mimetype == "image/jpeg"
        assert min(Image.open(io.BytesIO(picture.data)).size) >= 400
        assert picture.headers["Referrer-Policy"] == "no-referrer"
    assert [int(each.headers["Content-Length"]) for each in (photo, card)] == [
        len(photo.data),
        len(card.data),
    ]
    again = marketplace.picture(offers["Пуэр шу, лист"], **{"If-None-Match": card.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    choose(alice, photo_fallback="block")
    assert marketplace.picture(offers["Пуэр шу, лист"]).status_code == 404


@pytest.mark.usefixtures("limits")
def test_a_card_is_drawn_once_and_so_many_a_minute(
    stock: Stock, alice: Owner, marketplace: Marketplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put(products=[product(f"p{n}", f"Новый чай {n}", price=100) for n in range(3)])
    choose(alice, photo_fallback="card")
    offers = list(marketplace.offers().values())
    monkeypatch.setattr(routes, "DRAWN", "2 per day")
    routes._drawn.cache_clear()
    head = marketplace.client.head(urlsplit(offers[2].findtext("picture")).path)
    codes = [marketplace.picture(offers[n]).status_code for n in (0, 0, 0, 1, 0, 2)]
    assert (head.status_code, routes._drawn.cache_info().misses) == (200, 2)
    assert head.headers.get("Content-Length") != "0", "a robot would take the picture for an empty one"
    # What is drawn already is not had any more, either, until the minute is over.
    assert codes == [200, 200, 200, 200, 429, 429]


def test_the_settings_tell_how_many_goods_were_left_out(
    tea: Stock, alice: Owner, marketplace: Marketplace
) -> None:
    page = alice.client.get("/sync/settings").page
    assert "Ещё не скачивали" in page.text
    marketplace.fetch()
    (told,) = alice.client.get("/sync/settings").page.texts("//*[@data-outcome]")
    assert "4 товара" in told
    assert "Не вошли 3: алкоголь, табак, лекарства — 1, без цены — 1, услуги — 1." in told


@on_both
def test_goods_come_one_piece_after_the_other_whatever_their_number(
    stock: Stock, marketplace: Marketplace
) -> None:
    stock.put(products=[product(f"p{number}", price=number + 1) for number in range(1201)])
    assert len(list(marketplace.fetch().iter("offer"))) == 1201
