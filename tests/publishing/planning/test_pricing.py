"""One price for everybody: per 100 g, with its former price, never below the floor."""

import random
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from app.publishing.planning import prices
from app.publishing.planning.choosing import Choice, GroupChoice, GroupTree
from app.publishing.planning.comparing import compare, field_owners
from app.publishing.planning.desired import PRICES_KEPT, TO_ORDER, Desired, Shop
from app.publishing.planning.existing import LIVE, Entry
from app.publishing.planning.good import Good
from app.publishing.planning.pricing import asked_for
from app.publishing.planning.settings import Settings

TEA = Good("s1", "p1", "Улун молочный", price=Decimal(3500), quantity=Decimal("2.340"), unit="кг")


def wanted(good: Good, groups: GroupTree | None = None, **chosen: Any) -> Desired:
    return next(
        Shop(Settings(default_category_id=1, photo_fallback="card", **chosen), groups).desired([good])
    )


@pytest.mark.parametrize(
    ("unit", "price", "in_vk"),
    [("кг", "3500", "350.00"), ("Кг.", "99.90", "9.99"), ("г", "3.50", "350.00"), (" гр ", "0.99", "99.00")],
)
def test_what_is_sold_by_weight_is_priced_for_100_g_and_says_so(unit: str, price: str, in_vk: str):
    want = wanted(TEA._replace(unit=unit, price=Decimal(price)), per_100g=True)
    assert want.price_text == in_vk
    assert want.name == "Улун молочный, 100 г"
    assert "Единица: 100 г" in want.description
    assert want.description.endswith("Цена за 100 г.")


@pytest.mark.parametrize("unit", ["шт", "л", "упак", "", None, "100 г"])
def test_what_is_not_sold_by_weight_keeps_its_price(unit: str | None):
    want = wanted(TEA._replace(unit=unit), per_100g=True)
    assert (want.price_text, want.name) == ("3500.00", "Улун молочный")


def test_the_unit_is_told_once_and_survives_the_cutting_of_a_long_name():
    assert wanted(TEA._replace(name="Пуэр 100г"), per_100g=True).name == "Пуэр 100г"
    long = wanted(TEA._replace(name="Очень длинное название " * 9), per_100g=True).name
    assert long.endswith(", 100 г")
    assert len(long) <= 100


def test_portions_are_counted_in_portions():
    assert wanted(TEA, per_100g=True, has_stock=True, reserve=Decimal("0.05")).stock == 22
    assert wanted(TEA._replace(unit="г", quantity=Decimal(250)), per_100g=True, has_stock=True).stock == 2
    assert wanted(TEA, has_stock=True).stock == 2


def test_a_group_prices_for_100_g_by_itself():
    groups = GroupTree({("s1", "tea"): GroupChoice(per_100g=True)}, {("s1", "tea"): None})
    assert wanted(TEA._replace(group_id="tea"), groups).price_text == "350.00"
    assert wanted(TEA._replace(group_id="cups"), groups).price_text == "3500.00"


def test_a_former_price_is_marked_up_and_rounded_like_the_price():
    fallen = TEA._replace(unit="шт", price=Decimal(80), former_price=Decimal(100))
    want = wanted(fallen, old_price_days=14, markup_percent=Decimal(10), rounding="9")
    assert (want.price_text, want.old_price_text) == ("89.00", "109.00")


@pytest.mark.parametrize(
    ("sent", "seen", "is_crossed_out"),
    [
        ({"price": "80.00"}, {}, False),
        ({"price": "100.00"}, {}, True),
        ({"price": "100.00"}, {"price": "85.00"}, True),
        ({}, {"price": "100"}, True),
        ({"price": "80.00", "old_price": "100.00"}, {}, True),
        ({"price": "80.00", "old_price": "100.00"}, {"price": "80.00", "old_price": "0.00"}, True),
        ({"price": "90.00", "old_price": "0.00"}, {}, False),
        ({"price": "1000.00"}, {}, False),
    ],
)
def test_what_buyers_saw_is_crossed_out_and_nothing_else(
    sent: dict[str, Any], seen: dict[str, Any], is_crossed_out: bool
):
    want = wanted(TEA._replace(price=Decimal(80), former_price=Decimal(100)), old_price_days=14)
    entry = Entry(1, "p1", 1, LIVE, sent, seen, (TEA.key,))
    changed = {"price": sent.get("price")} | {
        change.field: change.new for change in compare(entry, want, field_owners(Settings())).changes
    }
    assert changed["price"] == "80.00"
    crossed_out = changed.get("old_price", sent.get("old_price"))
    assert crossed_out in (("100.00",) if is_crossed_out else (None, "0.00"))


@pytest.mark.parametrize(
    ("former", "chosen"),
    [
        (None, {"old_price_days": 14}),
        ("100", {"old_price_days": 0}),
        ("82", {"old_price_days": 14, "old_price_percent": 5}),
        ("80", {"old_price_days": 14, "old_price_percent": 0}),
        ("75", {"old_price_days": 14}),
        ("80.40", {"old_price_days": 14, "old_price_percent": 0, "rounding": "1"}),
    ],
)
def test_nothing_is_crossed_out_without_a_fall_that_shows(former: str | None, chosen: dict[str, Any]):
    good = TEA._replace(
        unit="шт", price=Decimal(80), former_price=None if former is None else Decimal(former)
    )
    assert wanted(good, **chosen).old_price_text is None


def test_what_would_cost_less_than_the_floor_is_not_published():
    want = wanted(TEA, price_floor=Decimal(3500))
    assert want.available
    want = wanted(TEA, price_floor=Decimal("3500.01"))
    assert want.hidden_by is not None
    assert want.hidden_by.code == "below_floor"
    # The floor is about what buyers would pay.
    assert not wanted(TEA, price_floor=Decimal(500), per_100g=True).available


def test_what_is_kept_to_order_says_so_only_while_there_is_none():
    sold_out = TEA._replace(unit="шт", quantity=Decimal(0))
    want = wanted(sold_out, out_of_stock="order")
    assert want.available
    assert want.description.startswith(TO_ORDER)
    assert TO_ORDER not in wanted(TEA, out_of_stock="order").description
    assert TO_ORDER not in wanted(sold_out, out_of_stock="keep").description


def test_of_100_000_random_prices_each_is_what_arithmetic_in_kopecks_says():
    """Another way to the same number: whole kopecks and fractions of them, no Decimal at all."""
    chance = random.Random(7)
    kinds = [
        (
            Choice(1, Decimal(markup), "hide", album=False, per_100g=per_100g),
            Settings(rounding=rounding),
            Good("s", "p", "Чай", unit=unit),
            100 * (10 if per_100g and unit == "кг" else 1),
        )
        for markup in (-30, 0, 7, 10, 25)
        for rounding in prices.ROUNDINGS
        for per_100g in (False, True)
        for unit in ("шт", "кг")
    ]
    for number in range(100_000):
        kopecks = int(10 ** (2 + 6 * chance.random()))
        choice, settings, good, parts = kinds[number % len(kinds)]
        asked = asked_for(good._replace(price=Decimal(kopecks).scaleb(-2)), choice, settings)
        exact = kopecks * (100 + int(choice.markup_percent))
        expected = _rounded(exact, parts, settings.rounding)
        assert _kopecks(asked.price) == expected, (kopecks, choice, settings.rounding, good.unit)


def test_prices_kept_by_a_shop_do_not_grow_with_the_goods():
    goods = (TEA._replace(price=Decimal(price)) for price in range(1, 3 * PRICES_KEPT))
    tracemalloc.start()
    try:
        kept = []
        for number, want in enumerate(Shop(Settings()).listings((good,) for good in goods), 1):
            assert want.price == number
            if number % (PRICES_KEPT - 1) == 0:
                kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert kept[-1] < 1.5 * kept[0]


def _kopecks(price: Decimal | None) -> int:
    return 0 if price is None else int(price * 100)


def _rounded(exact: int, parts: int, rounding: str) -> int:
    """`exact` counts parts of a kopeck, of which it has `parts`; halves go up."""
    step, less = {"none": (1, 0), "1": (100, 0), "10": (1000, 0), "9": (1000, 100)}[rounding]
    steps = (2 * (exact + less * parts) + step * parts) // (2 * step * parts)
    return (steps if rounding == "none" else max(1, steps)) * step - less
