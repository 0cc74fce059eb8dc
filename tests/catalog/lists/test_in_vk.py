"""What of a list's goods is in VK: in every row, in the counts, in the filter and in the files."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.catalog.lists.readiness import SHORT
from app.connections.models import VK, CloudAccount
from app.data.db import db
from app.mirror.good_types import UNTOLD
from app.publishing.current import current_plan
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.plan import BLOCKED
from app.publishing.settings.models import GroupSettings, PublicationSettings
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.conftest import settle
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product

COMMUNITY = 2001
LIST = "/catalog/products?store_id=s1"
Put = Callable[..., None]


def choose_community(owner: Owner) -> None:
    profile = {"community": {"id": COMMUNITY, "name": "Чайная"}}
    with owner.app.app_context():
        account = CloudAccount(user_id=owner.id, provider=VK, profile=profile, is_online=True)
        account.secret = {"token": "of nobody"}
        db.session.add(account)
        db.session.commit()


@pytest.fixture
def put_listing(alice: Owner, db_session: Session) -> Put:
    """Put a listing of goods into the ledger."""
    numbers = iter(range(1, 1000))

    def put(*goods: str, store_id: str = "s1", community_id: int = COMMUNITY, **values: Any) -> None:
        number = next(numbers)
        empty: dict[str, Any] = {"sent": {}, "seen": {}, "owners": {}, "refused": {}}
        known = {"state": "live", "item_id": number} | values
        owned = {"user_id": alice.id, "community_id": community_id, "sku": f"sku-{number}"}
        row = insert(Listing).values(**owned, **empty, **known).returning(Listing.id)
        listing_id = db_session.scalar(row)
        for place, good in enumerate(goods):
            behind = {"listing_id": listing_id, "user_id": alice.id, "place": place}
            db_session.execute(insert(ListingGood).values(**behind, store_evotor_id=store_id, evotor_id=good))

    return put


@pytest.fixture
def shop(alice: Owner, stock: Stock, put_listing: Put) -> None:
    """Goods in every state; `excluded` and `taken off` are not published by the rules."""
    goods = ("live", "failed", "sold out", "new", "taken off", "excluded", "deleted by hand")
    stock.put(
        groups=[group("g0", "Напитки"), group("g1", "Чай", parent="g0")],
        products=[
            product(id, id, "g1" if id in ("live", "new") else None, price=100, measure_name="шт")
            for id in goods
        ],
    )
    for good in ("taken off", "excluded"):
        stock.rule("product", good, "exclude")
    choose_community(alice)
    settle(alice.app, alice.id)
    put_listing("live", item_id=77)
    put_listing("failed", state="failed", item_id=None, problem="Слишком короткое название")
    put_listing("sold out", state="hidden")
    put_listing("taken off", state="hidden")
    put_listing("deleted by hand", state="gone")


def cells(owner: Owner, address: str = LIST) -> dict[str, str]:
    """The texts of the cells «ВКонтакте» by the names of their rows."""
    page = owner.client.get(address).page
    names = page.texts("//tr[@data-entity]/th/a[not(@aria-expanded)]")
    return dict(zip(names, page.texts("//tr[@data-entity]/td[contains(@class, 'vk')]"), strict=True))


def test_every_row_says_where_its_good_is_in_vk(alice: Owner, shop: None) -> None:
    assert cells(alice) == {
        "live": "в магазине",
        "failed": "не получилось Слишком короткое название",
        "sold out": "скрыт, ждёт",
        "new": "ждёт",
        "taken off": "скрыт",
        "excluded": "—",
        "deleted by hand": "ждёт",
    }
    (link,) = alice.client.get(LIST).page.select("//td[contains(@class, 'vk')]/a/@href")
    assert link == "https://vk.com/market-2001?w=product-2001_77"


def test_a_good_that_cannot_be_published_says_why_as_the_plan_does(
    alice: Owner, stock: Stock, put_listing: Put
) -> None:
    faults: dict[str, dict[str, Any]] = {
        "без цены": {"price": None},
        "снят": {"price": 100, "allow_to_sell": False},
        "кончился": {"price": 100, "quantity": 2},
        "под заказ": {"price": 100, "quantity": 0, "parent_id": "g1"},
        "на вес": {"price": 100, "measure_name": "кг"},
        "дорогая группа": {"price": 40, "parent_id": "g1"},
        "услуга": {"price": 100, "type": "SERVICE"},
        "пиво": {"price": 100, "type": "ALCOHOL_NOT_MARKED"},
        "без типа": {"price": 100, "type": UNTOLD},
        "скрытый": {"price": 100, "allow_to_sell": False},
        "хороший": {"price": 100, "quantity": 5},
    }
    goods = [product(name, name, **fields) for name, fields in faults.items()]
    stock.put(groups=[group("g0"), group("g1", parent="g0")], products=goods)
    choose_community(alice)
    put_listing("скрытый", state="hidden")
    settle(alice.app, alice.id, reserve=2, price_floor=50, per_100g=True)
    with alice.app.app_context():
        choice = {"store_evotor_id": "s1", "group_evotor_id": "g0", "user_id": alice.id}
        db.session.add(GroupSettings(**choice, out_of_stock="order", markup_percent=50))
        db.session.commit()
        plan = current_plan(alice.id, COMMUNITY)
    said = {name: words.removeprefix("не готов: ") for name, words in cells(alice).items()}
    assert said == {
        "без цены": "нет цены",
        "снят": "снят с продажи",
        "кончился": "нет в наличии",
        "под заказ": "ждёт",
        "на вес": "дешевле границы",
        "дорогая группа": "ждёт",
        "услуга": "услуга",
        "пиво": "ВКонтакте запрещает",
        "без типа": "не указан тип",
        "скрытый": "скрыт: снят с продажи",
        "хороший": "ждёт",
    }
    told = {name: words.removeprefix("скрыт: ") for name, words in said.items() if words != "ждёт"}
    assert {item.key[1]: SHORT[item.reason.code] for item in plan.items[BLOCKED] if item.reason} == told


@on_both
def test_a_good_without_a_photo_or_a_category_says_so_until_its_group_has_one(
    alice: Owner, stock: Stock, put_listing: Put
) -> None:
    groups = [group("g0"), group("g1", parent="g0")]
    goods = [
        product(name, name, "g1" if name == "в группе" else None, price=100, measure_name="шт")
        for name in ("в группе", "сам")
    ]
    stock.put(groups=groups, products=[*goods, product("скрытый", "скрытый", price=100)])
    choose_community(alice)
    put_listing("скрытый", state="hidden")
    settle(alice.app, alice.id, photo_fallback="block", default_category_id=None)
    assert cells(alice) == {
        "в группе": "не готов: нет категории",
        "сам": "не готов: нет категории",
        "скрытый": "скрыт, ждёт",
    }
    with alice.app.app_context():
        choice = {"store_evotor_id": "s1", "group_evotor_id": "g0", "user_id": alice.id}
        db.session.add(GroupSettings(**choice, category_id=40011))
        db.session.get_one(PublicationSettings, alice.id).default_category_id = 40011
        db.session.commit()
    without = {"в группе": "не готов: нет фото", "сам": "не готов: нет фото", "скрытый": "скрыт, ждёт"}
    assert cells(alice) == without
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "group_id": "g0"})
    assert cells(alice) == without | {"в группе": "ждёт"}
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "сам"})
    assert cells(alice) == without | {"в группе": "ждёт", "сам": "ждёт"}
    assert set(cells(alice, f"{LIST}&vk=waiting")) == {"в группе", "сам", "скрытый"}
    stock.put("s2", "Склад", products=[product("другой", "другой", price=100)])
    assert cells(alice, "/catalog/all") == cells(alice) | {"другой": "не готов: нет фото"}


@on_both
@pytest.mark.parametrize(
    ("state", "ids"),
    [
        ("live", {"live"}),
        ("hidden", {"sold out", "taken off"}),
        ("failed", {"failed"}),
        ("waiting", {"sold out", "new", "deleted by hand"}),
    ],
)
def test_the_filter_holds_in_the_list_in_the_group_in_a_search_and_in_the_file(
    alice: Owner, shop: None, state: str, ids: set[str]
) -> None:
    assert set(ids_at(alice, f"{LIST}&vk={state}")) == ids
    assert set(ids_at(alice, f"{LIST}&group_id=g0&vk={state}")) == ids & {"live", "new"}
    assert set(ids_at(alice, f"{LIST}&vk={state}&result=published")) == ids - {"taken off"}
    assert set(ids_at(alice, f"{LIST}&vk={state}&q=new")) == ids & {"new"}
    rows = alice.client.get(f"/catalog/export?type=products&store_id=s1&vk={state}").text.splitlines()
    assert {row.split(",")[2] for row in rows[1:]} == ids
    assert "ВКонтакте" not in rows[0]


@on_both
def test_nothing_waits_and_is_kept_back_at_once(alice: Owner, shop: None) -> None:
    assert ids_at(alice, f"{LIST}&vk=waiting&result=hidden") == []


def test_an_unknown_state_is_told_so(alice: Owner, shop: None) -> None:
    assert alice.client.get(f"{LIST}&vk=somewhere").status_code == 400


def test_a_click_answers_with_the_state_too(alice: Owner, shop: None) -> None:
    form = {"entity_type": "product", "entity_id": "new", "store_id": "s1", "filter_mode": "exclude"}
    row = alice.client.htmx_post("/catalog/filter", form).page
    assert row.texts("//td[contains(@class, 'vk')]") == ["—"]


def test_groups_and_stores_count_what_is_in_the_shop(alice: Owner, stock: Stock, shop: None) -> None:
    stock.put("s2", "Склад", products=[product("live")])
    assert cells(alice, "/catalog/groups?store_id=s1") == {"Напитки": "в ВК 1", "Чай": "в ВК 1"}
    assert cells(alice, "/catalog") == {"Чайная": "в ВК 1", "Склад": "—"}


def test_of_several_listings_the_one_that_buyers_see_counts(
    alice: Owner, shop: None, put_listing: Put
) -> None:
    put_listing("live", "new", state="hidden")
    put_listing("new", state="failed", problem="Слишком короткое название")
    assert cells(alice)["live"] == "в магазине"
    assert set(ids_at(alice, f"{LIST}&vk=hidden")) == {"new", "sold out", "taken off"}
    assert set(ids_at(alice, f"{LIST}&vk=failed")) == {"failed"}


def test_what_is_to_be_added_again_waits_and_nothing_is_said_to_have_failed(
    alice: Owner, shop: None, put_listing: Put
) -> None:
    put_listing("new", state="failed", item_id=None)
    assert cells(alice)["new"] == "ждёт"
    assert set(ids_at(alice, f"{LIST}&vk=failed")) == {"failed"}


@on_both
def test_only_the_chosen_community_and_the_own_ledger_count(
    alice: Owner, bob: Owner, shop: None, db_session: Session, put_listing: Put
) -> None:
    Stock(bob).put(products=[product("live", "live", price=100)])
    choose_community(bob)
    settle(bob.app, bob.id)
    assert cells(bob) == {"live": "ждёт"}
    other = {"community": {"id": 3003, "name": "Другая"}}
    db_session.execute(update(CloudAccount).filter_by(user_id=alice.id).values(profile=other))
    assert set(cells(alice).values()) == {"ждёт", "—"}
    assert ids_at(alice, f"{LIST}&vk=live") == []


@on_both
def test_goods_without_a_picture_are_found(alice: Owner, shop: None) -> None:
    everything = set(ids_at(alice, LIST))
    assert set(ids_at(alice, f"{LIST}&photo=no")) == everything
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "failed"})
    assert set(ids_at(alice, f"{LIST}&photo=no")) == everything - {"failed"}
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "group_id": "g0"})
    assert set(ids_at(alice, f"{LIST}&photo=no")) == everything - {"failed", "live", "new"}
