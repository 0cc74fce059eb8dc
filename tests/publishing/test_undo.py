"""Whatever a run did, taking it back leaves the shop field by field as it was; what was added is hidden."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.clients.evotor.client import Product
from app.data.db import db
from app.publishing.ledger.models import Listing
from app.publishing.run.models import Publication
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, product

# The seeds are ones that have failed before.
MANY, SEEDS = 8, (0, 27, 29)
NAMES = ("Улун молочный", "Пуэр шу", "Чай чёрный с чабрецом", "Мёд липовый")


def shown(publishing: Publishing) -> dict[int, dict[str, Any]]:
    """Every living item of the shop with each of its fields; pictures by what is on them."""
    photos = publishing.market.photos
    return {
        item.id: {
            **{name: value for name, value in vars(item).items() if name not in ("changed_at", "photos")},
            "photos": [photos[photo_id].digest for photo_id in item.photos],
        }
        for item in publishing.market.living()
    }


class Till:
    """A till in which anything happens to the goods, and rules that come and go."""

    def __init__(self, stock: Stock, seed: int) -> None:
        self._stock = stock
        self._chance = random.Random(seed)
        self._goods = {f"p{n}": self._good(f"p{n}") for n in range(MANY)}
        self._put()

    def live(self) -> None:
        """Change about half of everything."""
        for id in list(self._goods):
            happens = self._chance.choice(("nothing", "price", "text", "sold out", "gone", "ruled"))
            good = self._goods[id]
            if happens == "price":
                self._goods[id] = good._replace(price=Decimal(self._chance.randrange(250, 350)))
            elif happens == "text":
                self._goods[id] = self._good(id)
            elif happens == "sold out":
                self._goods[id] = good._replace(quantity=Decimal(0 if good.quantity else 5))
            elif happens == "gone":
                del self._goods[id]
            elif happens == "ruled":
                self._stock.rule("product", id, self._chance.choice(("exclude", None)))
        new = f"new{self._chance.random()}"
        self._goods[new] = self._good(new)
        self._put()

    def take_rules_off(self) -> None:
        """Exclude nothing any more: what is excluded no run brings back."""
        for id in (f"p{n}" for n in range(MANY)):
            self._stock.rule("product", id, None)

    def _good(self, id: str) -> Product:
        words = f"{self._chance.choice(NAMES)} {id}"
        about = self._chance.choice((None, "Собран вручную весной, хранить в сухом месте"))
        return product(
            id, words, price=Decimal(300), quantity=Decimal(5), article_number=id, description=about
        )

    def _put(self) -> None:
        self._stock.put(products=self._goods.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_that_is_taken_back_leaves_each_field_as_it_was(
    publishing: Publishing, stock: Stock, take_back: Callable[[Publication], Publication], seed: int
) -> None:
    till = Till(stock, seed)
    by_hand = publishing.market.add_item("Открытка", photos=[])
    publishing.publish()
    for _ in range(2):
        before = shown(publishing)
        till.live()
        run = publishing.publish()
        assert run.status == "done" and shown(publishing) != before
        till.take_rules_off()
        undone = take_back(run)
        assert (undone.status, undone.failed, undone.blocked) == ("done", 0, 0)
        after = shown(publishing)
        new = after.keys() - before.keys()
        assert new and all(after[item_id]["hidden"] for item_id in new)
        assert {item_id: after[item_id] for item_id in before} == before
        assert by_hand.id in before
        publishing.read()
        assert {sku: row.state for sku, row in publishing.listings().items()} == {
            sku: "hidden" if item.hidden else "live" for sku, item in publishing.items.items()
        }
        # And the plan still leads to the same shop as without it.
        publishing.publish()
        assert not publishing.plan().has_work


def test_a_name_goes_back_with_its_price_or_not_at_all(
    publishing: Publishing, stock: Stock, take_back: Callable[[Publication], Publication]
) -> None:
    def put(price: int) -> None:
        cheese = product("p1", "Сыр", price=price, measure_name="кг", article_number="A-1")
        stock.put(products=[cheese, cheese._replace(id="p2", price=Decimal(2000), article_number="A-2")])

    put(3500)
    publishing.publish()
    publishing.choose(per_100g=True)
    run = publishing.publish()
    put(3700)
    publishing.publish()
    names = {sku: item.title for sku, item in publishing.items.items()}
    take_back(run)
    after = {sku: (item.title, item.price) for sku, item in publishing.items.items()}
    assert after["A-1"] == (names["A-1"], 37_000) and after["A-2"][1] == 200_000
    assert after["A-2"][0] != names["A-2"]


def test_what_was_changed_since_is_left_alone(
    publishing: Publishing, tea: Stock, take_back: Callable[[Publication], Publication], app: Flask
) -> None:
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=360, quantity=12, article_number="A-1")])
    run = publishing.publish()
    publishing.market.change(publishing.items["A-1"].id, price=37_000)
    publishing.read()
    undone = take_back(run)
    assert publishing.items["A-1"].price == 37_000
    page = publishing.owner.client.get(f"/sync/publish/{undone.id}").page
    assert "Оставлено как есть: 1 товар" in " ".join(page.text.split())
    assert "всё уже было так" not in page.text
    with app.app_context():
        (listing,) = db.session.scalars(select(Listing).filter_by(sku="A-1"))
        assert listing.seen["price"] == "370.00"


def test_photos_that_the_owner_has_changed_in_vk_since_are_left_alone(
    publishing: Publishing, tea: Stock, take_back: Callable[[Publication], Publication]
) -> None:
    publishing.publish()
    # The card bears another name now.
    tea.put(products=[product("p1", "Улун медовый", price=350, quantity=12, article_number="A-1")])
    run = publishing.publish()
    item = publishing.items["A-1"]
    own = publishing.market.add_photo(600, 600, "taken by hand").id
    publishing.market.set_photos(item, [own])
    publishing.read()
    undone = take_back(run)
    assert (undone.status, item.title, item.photos) == ("done", "Улун молочный", [own])
    assert undone.blocked == 1, "part of it is not as it was"


def test_a_card_that_a_picture_has_replaced_is_drawn_again(
    publishing: Publishing, tea: Stock, take_back: Callable[[Publication], Publication]
) -> None:
    publishing.publish()
    before = shown(publishing)
    upload(publishing.owner, ("a.jpg", jpeg()))
    run = publishing.publish()
    assert shown(publishing) != before
    assert (take_back(run).status, shown(publishing)) == ("done", before)


def test_what_is_taken_back_is_not_sent_again_by_itself(
    publishing: Publishing,
    tea: Stock,
    take_back: Callable[[Publication], Publication],
    tick: Callable[[], None],
) -> None:
    publishing.publish()
    tea.put(products=[GOODS[0], GOODS[1]._replace(quantity=Decimal(0)), GOODS[2]])
    run = publishing.publish()
    assert publishing.items["A-2"].hidden
    publishing.choose(auto=True)
    undone = take_back(run)
    tea.decide("product", "p1", "include")
    tick()
    assert not publishing.items["A-2"].hidden
    page = publishing.owner.client.get(f"/sync/publish/{undone.id}").page
    assert "снова предложит то же, что до возврата" in page.text


@pytest.mark.parametrize("way", ["", "goods", "store", "merchant"])
def test_what_vk_forbids_by_now_stays_hidden_and_its_owner_is_told(
    publishing: Publishing, tea: Stock, take_back: Callable[[Publication], Publication], way: str
) -> None:
    publishing.publish()
    [other] = publishing.items.keys() - {"A-1", "A-2"}
    tea.put(products=[GOODS[0]._replace(type="ALCOHOL_NOT_MARKED"), GOODS[1]])
    run = publishing.publish()
    assert publishing.items["A-1"].hidden and publishing.items[other].hidden
    if way == "goods":
        tea.put(products=[GOODS[1]])
    elif way == "store":
        tea.close()
    elif way == "merchant":
        tea.let_go()
    undone = take_back(run)
    assert publishing.items["A-1"].hidden and not publishing.items[other].hidden
    page = publishing.owner.client.get(f"/sync/publish/{undone.id}").page
    assert "Оставлено как есть: 1 товар" in " ".join(page.text.split())
