"""A price goes with the words that say what it is for: without them cheese sells ten times too cheap."""

from collections.abc import Callable
from typing import Any

import pytest

from app.publishing.run.models import Publication
from sandbox.vk.goods import Item
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

pytestmark = pytest.mark.usefixtures("hasty")

PER_KG, PER_100G = ("Сыр выдержанный", 350_000), ("Сыр выдержанный, 100 г", 35_000)


@pytest.fixture
def cheese(publishing: Publishing, stock: Stock) -> Callable[..., None]:
    """Put cheese by weight into the till; it is in VK at 3500 for a kilogram."""
    # Whether a price is unusual is tested elsewhere.
    publishing.choose(price_guard_percent=10_000)

    def put(price: int = 3500, quantity: int = 5) -> None:
        about = "Сварен из молока своих коров"
        facts: dict[str, Any] = {
            "quantity": quantity,
            "measure_name": "кг",
            "article_number": "C-1",
            "description": about,
        }
        stock.put(products=[product("c1", "Сыр выдержанный", price=price, **facts)])

    put()
    publishing.publish()
    return put


def item(publishing: Publishing) -> Item:
    return publishing.items["C-1"]


def shown(publishing: Publishing) -> tuple[str, int]:
    return item(publishing).title, item(publishing).price


def says_so(publishing: Publishing) -> bool:
    return "100 г" in item(publishing).description


@pytest.mark.parametrize("is_turned_on", [True, False])
def test_what_is_taken_back_leaves_words_and_price_together(
    publishing: Publishing,
    cheese: Callable[..., None],
    take_back: Callable[[Publication], Publication],
    is_turned_on: bool,
) -> None:
    publishing.choose(per_100g=not is_turned_on)
    publishing.publish()
    publishing.choose(per_100g=is_turned_on)
    run = publishing.publish()
    cheese(3700)
    publishing.publish()
    left = (PER_100G[0], 37_000) if is_turned_on else (PER_KG[0], 370_000)
    assert shown(publishing) == left
    take_back(run)
    assert shown(publishing) == left and says_so(publishing) is is_turned_on


def test_what_nobody_has_changed_since_is_taken_back_as_a_whole(
    publishing: Publishing, cheese: Callable[..., None], take_back: Callable[[Publication], Publication]
) -> None:
    publishing.choose(per_100g=True)
    run = publishing.publish()
    assert shown(publishing) == PER_100G and says_so(publishing)
    take_back(run)
    assert shown(publishing) == PER_KG and not says_so(publishing)


def test_a_price_waits_for_the_owners_word_on_the_name_that_says_what_it_is_for(
    publishing: Publishing, cheese: Callable[..., None]
) -> None:
    publishing.market.change(item(publishing).id, title="Сыр вкусный")
    publishing.read()
    publishing.choose(per_100g=True)
    publishing.publish()
    assert shown(publishing) == ("Сыр вкусный", PER_KG[1]) and not says_so(publishing)
    plan = publishing.plan()
    assert not plan.has_work and [each.field for each in plan.items["ask"][0].changes] == ["name"]
    publishing.choose(own_name="till")
    publishing.publish()
    assert shown(publishing) == PER_100G and says_so(publishing)


def test_a_price_waits_for_no_word_on_a_name_while_it_is_for_the_same(
    publishing: Publishing, cheese: Callable[..., None]
) -> None:
    publishing.choose(per_100g=True)
    publishing.publish()
    publishing.market.change(item(publishing).id, title="Сыр вкусный")
    publishing.read()
    cheese(3700)
    publishing.publish()
    assert shown(publishing) == ("Сыр вкусный", 37_000)


def test_what_waits_for_a_word_on_its_name_does_not_come_on_sale_meanwhile(
    publishing: Publishing, cheese: Callable[..., None]
) -> None:
    cheese(quantity=0)
    publishing.publish()
    publishing.market.change(item(publishing).id, title="Сыр вкусный")
    publishing.read()
    publishing.choose(per_100g=True)
    cheese(3700)
    publishing.publish()
    assert item(publishing).hidden and not publishing.plan().has_work


@pytest.mark.parametrize(
    "refusal", [{"code": 100, "message": "invalid: name should be less"}, {"code": 19}, {"code": 4242}]
)
def test_a_name_that_vk_refuses_keeps_the_price_that_it_is_about(
    publishing: Publishing, cheese: Callable[..., None], vk: VkWorld, refusal: dict[str, Any]
) -> None:
    publishing.choose(per_100g=True)
    vk.faults.refuse(method="market.edit", times=1, **refusal)
    assert publishing.publish().failed == 1
    assert shown(publishing) == PER_KG and not says_so(publishing)
    assert not publishing.plan().has_work


def test_a_description_that_vk_refuses_keeps_no_price_that_the_name_tells_of(
    publishing: Publishing, cheese: Callable[..., None], vk: VkWorld
) -> None:
    publishing.choose(per_100g=True)
    vk.faults.refuse(1408, "market.edit", times=1)
    assert publishing.publish().failed == 1
    assert shown(publishing) == PER_100G and not says_so(publishing)


def reasons_told(publishing: Publishing) -> list[str]:
    return [item.reason.code for item in publishing.plan().items["blocked"] if item.reason]


def test_a_name_that_its_owner_keeps_in_vk_holds_the_price_that_it_does_not_tell_of(
    publishing: Publishing, cheese: Callable[..., None]
) -> None:
    publishing.choose(own_name="vk")
    for title, per_100g, price in (("Сыр вкусный", True, 35_000), ("Сыр вкусный, 100 г", False, 350_000)):
        publishing.market.change(item(publishing).id, title=title)
        publishing.read()
        before = item(publishing).price
        publishing.choose(per_100g=per_100g)
        publishing.publish()
        assert shown(publishing) == (title, before) and says_so(publishing) is not per_100g
        told = ["name_without_portion" if per_100g else "name_of_portion"]
        assert reasons_told(publishing) == told and not publishing.plan().has_work
        page = publishing.owner.client.get("/catalog/product?store_id=s1&product_id=c1")
        assert "или берите название из кассы" in page.text
        mended = f"Сыр мягкий{', 100 г' if per_100g else ''}"
        publishing.market.change(item(publishing).id, title=mended)
        publishing.read()
        publishing.publish()
        assert shown(publishing) == (mended, price) and says_so(publishing) is per_100g
        assert not reasons_told(publishing)


def test_a_name_that_its_owner_shortens_later_is_told_of_and_holds_no_price_for_the_same(
    publishing: Publishing, cheese: Callable[..., None]
) -> None:
    publishing.choose(per_100g=True)
    publishing.publish()
    publishing.market.change(item(publishing).id, title="Сыр вкусный")
    publishing.choose(own_name="vk")
    publishing.read()
    cheese(3700)
    publishing.publish()
    assert shown(publishing) == ("Сыр вкусный", 37_000) and says_so(publishing)
    assert reasons_told(publishing) == ["name_without_portion"]
