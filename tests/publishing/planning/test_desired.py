"""Goods, the rules' outcome and the settings say what should be in the shop, and why something should not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.publishing.planning import reasons
from app.publishing.planning.card import Card
from app.publishing.planning.choosing import GroupChoice, GroupTree
from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.good import Good
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import Settings

SETTINGS = Settings(default_category_id=1)
TEA = Good(
    "s1",
    "tea",
    "Чай зелёный",
    type="NORMAL",
    price=Decimal(350),
    quantity=Decimal(5),
    unit="шт",
    group_id="green",
    description="Собран вручную весной",
    store_name="Чайная",
    photos=("a", "b"),
)


def desired(good: Good, groups: GroupTree | None = None, **settings: Any) -> Desired:
    return next(Shop(replace(SETTINGS, **settings), groups).desired([good]))


@pytest.mark.parametrize(
    ("facts", "settings", "reason"),
    [
        ({}, {}, None),
        ({"price": None}, {}, reasons.NO_PRICE),
        ({"price": Decimal(0)}, {}, reasons.NO_PRICE),
        ({"allow_to_sell": False}, {}, reasons.NOT_ON_SALE),
        ({"allow_to_sell": False}, {"not_on_sale": "keep"}, None),
        ({"allow_to_sell": None}, {}, None),
        ({"quantity": Decimal(0)}, {}, reasons.SOLD_OUT),
        ({"quantity": Decimal(-3)}, {}, reasons.SOLD_OUT),
        ({"quantity": Decimal(0)}, {"out_of_stock": "keep"}, None),
        ({"quantity": None}, {}, None),
        ({"quantity": Decimal(2)}, {"reserve": Decimal(2)}, reasons.SOLD_OUT),
        ({"quantity": Decimal("2.001")}, {"reserve": Decimal(2)}, None),
        ({"type": "SERVICE"}, {}, reasons.SERVICE),
        ({"type": "SERVICE", "quantity": Decimal(0)}, {"services": "keep"}, None),
        ({"type": "SHOES_MARKED"}, {}, None),
        ({"type": None}, {}, None),
        ({}, {"default_category_id": None}, reasons.NO_CATEGORY),
        ({"photos": ()}, {}, reasons.NO_PHOTO),
        ({"photos": ()}, {"photo_fallback": "card"}, None),
        ({"name": "<i>Чай</i>", "unit": None}, {}, reasons.SHORT_NAME),
    ],
)
def test_what_cannot_be_added_says_why(
    facts: dict[str, Any], settings: dict[str, Any], reason: Reason | None
):
    assert desired(TEA._replace(**facts), **settings).obstacle == reason


@pytest.mark.parametrize(
    ("type", "what"),
    [
        ("ALCOHOL_MARKED", "алкоголя"),
        ("ALCOHOL_NOT_MARKED", "алкоголя"),
        ("BEER_MARKED_KEG", "алкоголя"),
        ("TOBACCO_PRODUCTS_MARKED", "табака"),
        ("medicine_marked", "лекарств"),
    ],
)
def test_what_vk_forbids_is_named_by_its_type(type: str, what: str):
    obstacle = desired(TEA._replace(type=type)).obstacle
    assert obstacle is not None
    assert what in obstacle.sentence


def test_beer_without_alcohol_is_no_alcohol():
    assert desired(TEA._replace(type="NOT_ALCOHOL_BEER_MARKED")).obstacle is None


def test_what_the_rules_do_not_publish_is_not_desired():
    assert list(Shop(SETTINGS).desired([TEA._replace(is_published=False)])) == []


def test_no_more_than_five_photos_are_shown_in_their_order():
    assert desired(TEA._replace(photos=tuple("fedcba"))).photos == tuple("fedcb")


def test_a_card_shows_what_its_good_is_called_and_not_its_price():
    want = desired(TEA._replace(photos=(), name="Чай"), photo_fallback="card", card_colour="#123456")
    assert want.card == Card("Чай, шт", "шт", "Чайная", "#123456")
    assert want.photos == (want.card.mark,)
    dearer = desired(
        TEA._replace(photos=(), name="Чай", price=Decimal(999)), photo_fallback="card", card_colour="#123456"
    )
    assert dearer.photos == want.photos
    assert desired(TEA, photo_fallback="card").card is None


@pytest.mark.parametrize(
    ("facts", "settings", "stock"),
    [
        ({}, {"has_stock": False}, None),
        ({"quantity": Decimal("5.9")}, {}, 5),
        ({"quantity": Decimal(5)}, {"reserve": Decimal(2)}, 3),
        ({"quantity": Decimal("0.4")}, {}, 0),
        ({"quantity": Decimal(-1)}, {}, 0),
        ({"quantity": Decimal(10**7)}, {}, 999_999),
        ({"quantity": None}, {}, -1),
        ({"quantity": Decimal(0)}, {"out_of_stock": "keep"}, -1),
        ({"type": "SERVICE"}, {"services": "keep"}, -1),
    ],
)
def test_extended_shops_are_told_whole_pieces(
    facts: dict[str, Any], settings: dict[str, Any], stock: int | None
):
    assert desired(TEA._replace(**facts), **({"has_stock": True} | settings)).stock == stock


TREE = {("s1", "green"): "tea", ("s1", "tea"): None, ("s1", "a"): "b", ("s1", "b"): "a"}


def test_the_nearest_group_upwards_decides_each_field_on_its_own():
    choices = {
        ("s1", "green"): GroupChoice(markup_percent=Decimal(0)),
        ("s1", "tea"): GroupChoice(category_id=7, markup_percent=Decimal(20), out_of_stock="keep"),
    }
    want = desired(TEA._replace(quantity=Decimal(0)), GroupTree(choices, TREE), markup_percent=Decimal(10))
    assert (want.choice.category_id, want.price_text, want.available) == (7, "350.00", True)
    above = desired(TEA._replace(group_id="tea"), GroupTree(choices, TREE), markup_percent=Decimal(10))
    assert above.price_text == "420.00"


@pytest.mark.parametrize(
    "good", [TEA._replace(group_id=None), TEA._replace(group_id="x"), TEA._replace(store_id="s2")]
)
def test_what_lies_elsewhere_has_the_shops_own_choice(good: Good):
    choices = {("s1", "green"): GroupChoice(category_id=7)}
    assert desired(good, GroupTree(choices, TREE)).choice.category_id == 1


def test_a_loop_of_groups_ends():
    choices = {("s1", "green"): GroupChoice(category_id=7)}
    assert desired(TEA._replace(group_id="a"), GroupTree(choices, TREE)).choice.category_id == 1


HERE = TEA._replace(barcodes="460 461", photos=(), description=None)
THERE = TEA._replace(
    store_id="s2", product_id="t", barcodes="460", price=Decimal(400), quantity=Decimal(2), store_name="Склад"
)


def merged(*goods: Good, **settings: Any) -> list[Desired]:
    return list(Shop(replace(SETTINGS, merge_by="barcode", **settings)).desired(goods))


def test_the_same_good_of_two_stores_is_one_listing():
    (want,) = merged(HERE, THERE)
    assert want.keys == (HERE.key, THERE.key)
    assert (want.price_text, want.good.quantity) == ("350.00", 7)
    assert (want.photos, want.description) == (("a", "b"), "Собран вручную весной")


def test_the_owners_first_store_gives_the_price():
    (want,) = merged(HERE, THERE, store_order=("s2", "s1"))
    assert (want.key, want.price_text) == (THERE.key, "400.00")
    (priced,) = merged(HERE._replace(price=None), THERE)
    assert priced.price_text == "400.00"


def test_it_is_on_sale_when_any_store_sells_it():
    (want,) = merged(
        HERE._replace(allow_to_sell=False, quantity=Decimal(0)), THERE._replace(allow_to_sell=True)
    )
    assert want.available


def test_two_goods_of_one_store_are_never_one():
    twin = HERE._replace(product_id="twin")
    assert [want.keys for want in merged(HERE, twin, THERE)] == [(HERE.key, THERE.key), (twin.key,)]


def test_goods_without_a_mark_stand_alone():
    goods = [HERE._replace(barcodes=None), THERE._replace(barcodes="")]
    assert [want.keys for want in merged(*goods)] == [(good.key,) for good in goods]
