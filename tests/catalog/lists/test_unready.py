"""Lists tell what cannot be published: in colour, by a chip, and by what waits; the plan says the same."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from itertools import product as combined
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.lists import unready_counts
from app.catalog.lists.obstacles import Bounds, Obstacles, bounds_of
from app.clients.evotor.client import Product
from app.data.db import db
from app.mirror.good_types import UNTOLD
from app.publishing.current import current_plan
from app.publishing.planning.choosing import GroupTree
from app.publishing.planning.plan import BLOCKED
from app.publishing.planning.prices import ROUNDINGS
from app.publishing.planning.pricing import hundred_grams, in_vk
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import GroupSettings, MarketCategory
from app.publishing.settings.same_goods import answer
from tests.catalog.lists.test_in_vk import COMMUNITY, LIST, Put, choose_community, put_listing, shop
from tests.catalog.pages import ids_at
from tests.databases import on_both, on_sqlite
from tests.owners import Owner
from tests.publishing.conftest import CATEGORY, settle
from tests.stock import Stock, group, product
from tests.thoroughness import examples

__all__ = ["put_listing", "shop"]

IN_COLOUR = "//tbody/tr[.//b[@class = 'warn']]/@data-evotor-id"
SAID = "//tbody/tr[td[contains(@class, 'vk')][starts-with(normalize-space(), '{}')]]/@data-evotor-id"
GROUPS = [group("top"), group("below", parent="top"), group("aside"), group("weighed", parent="aside")]


def said(owner: Owner, word: str, address: str = f"{LIST}&per_page=200") -> set[str]:
    return set(owner.client.get(address).page.select(SAID.format(word)))


def in_colour(owner: Owner, address: str = f"{LIST}&per_page=200") -> set[str]:
    return set(owner.client.get(address).page.select(IN_COLOUR))


def every_kind_of_good() -> Iterator[Product]:
    """Goods that differ in all that is asked of them, at the bounds of the settings below."""
    number = (f"n{each}" for each in count())
    prices = [None, *(Decimal(price) for price in ("0", "0.01", "0.04", "49.99", "50.00", "500"))]
    for price, unit, place in combined(prices, ("кг", " Гр. ", "шт", None), ("below", "weighed", None)):
        yield product(next(number), group=place, price=price, measure_name=unit)
    kinds = (None, UNTOLD, "SERVICE", "service", "alcohol_MARKED", "TOBACCO")
    stocks = [None, *(Decimal(stock) for stock in ("-1", "0", "2", "2.001"))]
    for kind, stock, place in combined(kinds, stocks, ("top", "below", None)):
        yield product(next(number), group=place, price=Decimal(100), quantity=stock, type=kind)
    for on_sale, place in combined((True, False, None), ("unlisted", "weighed")):
        yield product(next(number), group=place, price=Decimal(100), allow_to_sell=on_sale)
    names = ("Чай", "А   Б", "<b>Чай</b>", "İİİ", "Чаёк &amp; мёд")
    texts = ((None, None), ("шт", None), (None, "Вкусно"), ("кг", "Собран вручную"))
    for name, (unit, told) in combined(names, texts):
        facts = {"measure_name": unit, "description": told}
        yield product(next(number), name, "weighed", price=Decimal(100), **facts)


OWNERS: list[tuple[dict[str, Any], dict[str, dict[str, Any]]]] = [
    ({}, {}),
    (
        {"reserve": 2, "price_floor": 50, "photo_fallback": "block", "services": "keep"},
        {"top": {"markup_percent": 20}, "aside": {"per_100g": True, "out_of_stock": "order"}},
    ),
    (
        {"per_100g": True, "rounding": "9", "default_category_id": None, "not_on_sale": "keep"},
        {"top": {"category_id": CATEGORY}, "below": {"out_of_stock": "keep"}, "unlisted": {"category_id": 7}},
    ),
    ({"out_of_stock": "keep", "markup_percent": -90, "default_category_id": 7, "price_floor": 5}, {}),
    ({"name_template": "{name}|{code}", "description_template": "{name}|{unit}"}, {}),
    ({"name_template": "{name} {unit}", "description_template": "{description}, {article}"}, {}),
    ({"description_template": "{name} из {store}"}, {}),
]


@on_both
@pytest.mark.parametrize(
    ("chosen", "groups"),
    # What these three ask of PostgreSQL the others ask too.
    [
        pytest.param(*each, marks=on_sqlite if number in (0, 4, 6) else ())
        for number, each in enumerate(OWNERS)
    ],
)
def test_the_chip_holds_just_what_rows_call_unready_whatever_an_owner_has_chosen(
    alice: Owner, stock: Stock, put_listing: Put, chosen: dict[str, Any], groups: dict[str, dict[str, Any]]
) -> None:
    goods = list(every_kind_of_good())
    stock.put(groups=GROUPS, products=goods)
    stock.put("s2", "Склад")
    stock.photos(goods=[("s1", "n5"), ("s1", "n100")], groups=[("s1", "aside")])
    stock.rule("product", "n0", "exclude")
    choose_community(alice)
    for good, state in (("n1", "live"), ("n40", "live"), ("n41", "hidden"), ("n90", "hidden")):
        put_listing(good, state=state)
    put_listing("n42", state="failed", item_id=None, problem="Слишком короткое название")
    settle(alice.app, alice.id, **chosen)
    with alice.app.app_context():
        known = {"community_id": COMMUNITY, "path": "Чай", "is_leaf": True, "place": 1}
        db.session.add(MarketCategory(**known, category_id=CATEGORY))
        for group_id, choice in groups.items():
            place = {"user_id": alice.id, "store_evotor_id": "s1", "group_evotor_id": group_id}
            db.session.add(GroupSettings(**place, **choice))
        db.session.commit()
    unready = in_colour(alice)
    assert unready > {"n42"}
    assert set(ids_at(alice, f"{LIST}&ready=no&per_page=200")) == unready
    assert set(ids_at(alice, f"{LIST}&ready=no&per_page=200&group_id=top")) < unready
    assert set(ids_at(alice, "/catalog/all?ready=no&per_page=200")) == unready
    called = {good.id for good in goods if good.name == f"Товар {good.id}"}
    assert set(ids_at(alice, f"{LIST}&ready=no&q=Товар&per_page=200")) == unready & called
    awaited = said(alice, "ждёт") | said(alice, "скрыт, ждёт")
    assert set(ids_at(alice, f"{LIST}&vk=waiting&per_page=200")) == awaited


@on_both
@pytest.mark.parametrize(
    ("chosen", "kept_out"),
    [
        pytest.param({}, {"tea": "короткое название", "bold": "короткое название"}, marks=on_sqlite),
        pytest.param(
            {"name_template": "{name} из {store}", "description_template": "{name}"},
            {"tea": "короткое описание", "bold": "короткое описание", "weighed": "короткое описание"},
            marks=on_sqlite,
        ),
        ({"name_template": "{name} из {store}", "description_template": "{name} | {store}"}, {}),
    ],
)
def test_rows_the_chip_and_the_plan_agree_on_what_is_too_short(
    alice: Owner, stock: Stock, chosen: dict[str, str], kept_out: dict[str, str]
) -> None:
    told: dict[str, Any] = {"price": 100, "quantity": 1}
    stock.put(
        products=[
            product("tea", "Чай", **told),
            product("bold", "<b>Чай</b>", **told),
            product("weighed", "Чай", measure_name="шт", **told),
            product("long", "Чай с гор & полей", **told),
        ]
    )
    choose_community(alice)
    settle(alice.app, alice.id, **chosen)
    for good, word in kept_out.items():
        assert good in said(alice, f"не готов: {word}")
    assert in_colour(alice) == set(ids_at(alice, f"{LIST}&ready=no")) == kept_out.keys()
    assert set(ids_at(alice, f"{LIST}&vk=waiting")) == {"tea", "bold", "weighed", "long"} - kept_out.keys()
    with alice.app.app_context():
        blocked = {item.key[1] for item in current_plan(alice.id, COMMUNITY).items[BLOCKED]}
    assert blocked == kept_out.keys()


@on_both
def test_before_the_first_questions_are_answered_rows_say_what_the_plan_does(
    alice: Owner, stock: Stock
) -> None:
    stock.put(products=[product("good", price=100), product("none", price=100, quantity=0)])
    assert in_colour(alice) == set(ids_at(alice, f"{LIST}&ready=no")) == {"none"}
    assert said(alice, "ждёт") == set(ids_at(alice, f"{LIST}&vk=waiting")) == {"good"}
    choose_community(alice)
    assert said(alice, "не готов: нет категории") == {"good"}
    assert said(alice, "не готов: нет в наличии") == {"none"}
    assert ids_at(alice, f"{LIST}&vk=waiting") == []
    with alice.app.app_context():
        blocked = {item.key[1] for item in current_plan(alice.id, COMMUNITY).items[BLOCKED]}
    assert in_colour(alice) == set(ids_at(alice, f"{LIST}&ready=no")) == blocked


def test_what_is_to_be_taken_off_says_why_while_it_is_still_in_the_shop(
    alice: Owner, stock: Stock, put_listing: Put
) -> None:
    stock.put(products=[product("gone", price=100, quantity=0)])
    choose_community(alice)
    put_listing("gone")
    settle(alice.app, alice.id)
    assert said(alice, "в магазине нет в наличии") == in_colour(alice) == {"gone"}


def test_a_click_answers_with_the_colour_too(alice: Owner, stock: Stock) -> None:
    stock.put(products=[product("none", price=100, quantity=0)])
    form = {"entity_type": "product", "entity_id": "none", "store_id": "s1", "filter_mode": "include"}
    row = alice.client.htmx_post("/catalog/filter", form).page
    assert row.texts("//td[@class='result']/b[@class='warn']") == ["Публикуется"]
    page = alice.client.get("/catalog/product?store_id=s1&product_id=none").page
    assert page.select("//*[@id='rules']//*[@class='outcome']/@data-result") == ["unready"]


@on_both
def test_what_the_till_has_none_of_is_found_by_the_reserve(alice: Owner, stock: Stock) -> None:
    goods = {"none": 0, "owed": -1, "one": 1, "many": 5, "uncounted": None}
    stock.put(products=[product(name, price=100, quantity=quantity) for name, quantity in goods.items()])
    assert set(ids_at(alice, f"{LIST}&stock=no")) == {"none", "owed"}
    settle(alice.app, alice.id, reserve=1)
    assert set(ids_at(alice, f"{LIST}&stock=no")) == {"none", "owed", "one"}
    assert alice.client.get(f"{LIST}&stock=some").status_code == 400


def test_another_owner_s_settings_and_listings_decide_about_nothing(
    alice: Owner, bob: Owner, stock: Stock, put_listing: Put
) -> None:
    Stock(bob).put(products=[product("p", price=100, quantity=1)])
    stock.put(products=[product("p", price=100, quantity=1)])
    choose_community(alice)
    settle(alice.app, alice.id, reserve=1)
    put_listing("p")
    assert ids_at(bob, f"{LIST}&stock=no") == ids_at(bob, f"{LIST}&ready=no") == []
    assert ids_at(bob, f"{LIST}&vk=waiting") == ["p"]
    assert ids_at(alice, f"{LIST}&ready=no") == ["p"]


def shares(owner: Owner, address: str) -> dict[str, tuple[str, list[str]]]:
    """What the rows of stores or groups say of their goods, by name: the share, and what is not ready."""
    rows = owner.client.get(address).page.select("//tbody/tr[@data-entity]")
    return {
        row.xpath("string(th/a[not(@aria-expanded)])"): (
            row.xpath("string(td[@class='result']/b)"),
            row.xpath("td[@class='result']//a[@class='warn']/text()"),
        )
        for row in rows
    }


@pytest.fixture
def two_stores(alice: Owner, stock: Stock) -> None:
    """Goods that the till has none of, in nested groups and in two stores; one of them is excluded."""
    places = {"top": "top", "below 1": "below", "below 2": "below", "none": None, "excluded": "below"}
    gone = [product(name, group=place, price=100, quantity=0) for name, place in places.items()]
    stock.put(groups=GROUPS, products=[*gone, product("good", group="below", price=100)])
    stock.put("s2", "Склад", products=[product("good", price=100), product("other", price=100)])
    stock.rule("product", "excluded", "exclude")
    choose_community(alice)
    settle(alice.app, alice.id)


@on_both
def test_the_line_above_a_list_counts_what_is_ready_and_leads_to_what_is_not(
    alice: Owner, two_stores: None
) -> None:
    places = {
        "store_id=s1": ("Решено 5 из 6 · готовы 1 · не готовы 4", LIST),
        "store_id=s1&group_id=top": ("Решено 4 из 5 · готовы 1 · не готовы 3", f"{LIST}&group_id=top"),
        "store_id=s1&group_id=top&nested=0": (
            "Решено 1 из 1 · готовы 0 · не готовы 1",
            f"{LIST}&group_id=top&nested=0",
        ),
        "store_id=s2": ("Публикуется 2 из 2", None),
        "": ("Решено 7 из 8 · готовы 3 · не готовы 4", "/catalog/all?"),
    }
    for place, (line, leads_to) in places.items():
        answer = alice.client.get(f"/catalog/published?{place}").page
        assert answer.text.startswith(line)
        links = answer.select("//a[@class='warn']/@href")
        assert bool(links) == bool(leads_to)
        for link in links:
            assert len(ids_at(alice, link)) == int(line.rpartition(" ")[2])
            assert set(ids_at(alice, link)) == set(ids_at(alice, f"{leads_to}&ready=no"))


def test_stores_and_groups_say_how_many_of_theirs_are_not_ready(
    alice: Owner, bob: Owner, two_stores: None
) -> None:
    assert shares(alice, "/catalog") == {"Чайная": ("5 из 6", ["не готовы 4"]), "Склад": ("2 из 2", [])}
    assert shares(alice, "/catalog/groups?store_id=s1") == {
        "Группа top": ("4 из 5", ["не готовы 3"]),
        "Группа below": ("3 из 4", ["не готовы 2"]),
        "Группа aside": ("0 из 0", []),
        "Группа weighed": ("0 из 0", []),
    }
    (link,) = alice.client.get("/catalog").page.select("//td[@class='result']//a[@class='warn']/@href")
    assert len(ids_at(alice, link)) == 4
    form = {"entity_type": "group", "entity_id": "below", "store_id": "s1", "filter_mode": "exclude"}
    assert alice.client.htmx_post("/catalog/filter", form).page.texts("//a[@class='warn']") == []
    assert shares(alice, "/catalog")["Чайная"] == ("2 из 6", ["не готовы 2"])
    assert alice.client.get("/catalog/published?store_id=s1").page.text.startswith("Решено 2 из 6")
    Stock(bob).put(products=[product("good", price=100)])
    assert shares(bob, "/catalog") == {"Чайная": ("1 из 1", [])}


def test_nobody_waits_for_the_number_where_more_is_published_than_a_community_holds(
    alice: Owner, two_stores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for most in ("COUNTED_AT_MOST", "COUNTED_IN_ROWS"):
        monkeypatch.setattr(unready_counts, most, 4)
    assert alice.client.get("/catalog/published?store_id=s1").page.text.startswith("Публикуется 5 из 6")
    assert shares(alice, "/catalog") == {"Чайная": ("5 из 6", []), "Склад": ("2 из 2", [])}
    assert shares(alice, "/catalog/groups?store_id=s1")["Группа top"] == ("4 из 5", [])


@on_both
def test_what_costs_more_for_100_grams_than_vk_takes_keeps_no_other_good_out(
    alice: Owner, stock: Stock
) -> None:
    prices = {"cheap": "10", "dear": "9999999999.99"}
    goods = [product(name, price=Decimal(each), measure_name="г") for name, each in prices.items()]
    stock.put(products=goods)
    choose_community(alice)
    settle(alice.app, alice.id, per_100g=True, markup_percent=200)
    assert in_colour(alice) == set(ids_at(alice, f"{LIST}&ready=no")) == {"dear"}
    assert said(alice, "ждёт") == set(ids_at(alice, f"{LIST}&vk=waiting")) == {"cheap"}
    with alice.app.app_context():
        blocked = {item.key[1] for item in current_plan(alice.id, COMMUNITY).items[BLOCKED]}
    assert blocked == {"dear"}


HUNDREDTHS = Decimal("0.01")
DEAREST = Decimal("9999999999.99")


@settings(max_examples=examples(40))
@given(
    st.sampled_from((None, "кг", "г")),
    st.decimals(-90, 1000, places=2),
    st.sampled_from(ROUNDINGS),
    st.just(Decimal(0)) | st.decimals(0, 10**9, places=2),
)
def test_the_bounds_of_prices_are_where_vk_begins_and_ceases_to_be_told_of_one(
    unit: str | None, markup: Decimal, rounding: str, floor: Decimal
) -> None:
    portion = hundred_grams(unit)
    least, most = bounds_of(portion, markup, rounding, floor)
    edges = (least, most, Decimal(10), Decimal(5 * 10**9), DEAREST)
    near = {each + step for each in edges if each is not None for step in (-HUNDREDTHS, 0, HUNDREDTHS)}
    for price in near:
        if not 0 <= price <= DEAREST:
            continue
        asked = in_vk(price, portion, markup, rounding)
        is_right = asked is not None and asked >= floor
        assert is_right == (least is not None and least <= price <= (most or DEAREST)), price


def test_however_many_units_goods_have_only_those_of_weight_have_prices_of_their_own() -> None:
    units = [f"ящик {number}" for number in range(1000)] + ["кг", "Кг.", "г", "КГ"]
    settings = Settings(per_100g=True, price_floor=Decimal(100))
    obstacles = Obstacles(settings, GroupTree({}, {}), units, lacks=False)
    assert obstacles.of_others.prices == (
        (None, Bounds(Decimal("100"))),
        (("кг", "Кг.", "КГ"), Bounds(Decimal("999.95"))),
        (("г",), Bounds(Decimal("1"))),
    )


@on_both
def test_where_goods_are_one_rows_the_chip_and_the_plan_agree_on_what_vk_forbids(
    alice: Owner, stock: Stock
) -> None:
    told: dict[str, Any] = {"price": 100, "quantity": 1}
    kinds = {"s1": "ALCOHOL_MARKED", "s2": "NORMAL"}
    for store, kind in kinds.items():
        goods = [product(f"{store}-cider", type=kind, **told), product(f"{store}-tea", **told)]
        stock.put(store, store, products=[*goods, product(f"{store}-beer", type="BEER", **told)])
    stock.rule("product", "s1-cider", "exclude")
    choose_community(alice)
    settle(alice.app, alice.id, merge_by="barcode")
    with alice.app.app_context():
        joined = {f"46{name}": [(store, f"{store}-{name}") for store in kinds] for name in ("cider", "tea")}
        answer(alice.id, "barcode", joined, is_one=True)
        db.session.commit()
        blocked = {item.key[1] for item in current_plan(alice.id, COMMUNITY).items[BLOCKED]}
    assert blocked == {"s1-beer", "s2-cider", "s2-beer"}
    assert set(ids_at(alice, "/catalog/all?ready=no")) == in_colour(alice, "/catalog/all") == blocked
    in_second = "/catalog/products?store_id=s2"
    assert said(alice, "не готов: ВКонтакте запрещает", in_second) == {"s2-cider", "s2-beer"}
    assert set(ids_at(alice, f"{in_second}&vk=waiting")) == {"s2-tea"}
