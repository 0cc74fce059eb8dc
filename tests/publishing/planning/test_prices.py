"""Prices are exact: marked up, rounded, written for VK and read back."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.publishing.planning import prices

# The machine may be busy with other tests.
UNHURRIED = settings(deadline=None)

KOPECKS = st.integers(1, 10**9).map(lambda kopecks: Decimal(kopecks).scaleb(-2))
PERCENTS = st.integers(-50, 300).map(Decimal)


@pytest.mark.parametrize(
    ("price", "markup", "rounding", "written"),
    [
        ("199.90", 0, "none", "199.90"),
        ("199.90", 10, "none", "219.89"),
        ("0.05", 10, "none", "0.06"),
        ("199.49", 0, "1", "199.00"),
        ("199.50", 0, "1", "200.00"),
        ("0.10", 0, "1", "1.00"),
        ("194.99", 0, "10", "190.00"),
        ("195", 0, "10", "200.00"),
        ("3", 0, "10", "10.00"),
        ("199.90", 0, "9", "199.00"),
        ("193", 0, "9", "189.00"),
        ("194", 0, "9", "199.00"),
        ("2", 0, "9", "9.00"),
        ("100", 15, "9", "119.00"),
    ],
)
def test_prices_are_marked_up_and_rounded(price: str, markup: int, rounding: str, written: str):
    found = prices.price_for_vk(Decimal(price), markup, rounding)
    assert found is not None
    assert prices.written(found) == written


@pytest.mark.parametrize("price", [None, Decimal(0), Decimal("0.00"), Decimal(-1), Decimal("0.001")])
def test_what_costs_nothing_has_no_price(price: Decimal | None):
    assert prices.price_for_vk(price) is None


@UNHURRIED
@given(KOPECKS, PERCENTS, st.sampled_from(prices.ROUNDINGS))
def test_rounding_lands_where_it_promises_and_moves_by_half_a_step_at_most(
    price: Decimal, markup: Decimal, rounding: str
):
    found = prices.price_for_vk(price, markup, rounding)
    exact = price * (100 + markup) / 100
    if found is None:
        assert rounding == "none"
        assert exact < Decimal("0.005")
        return
    step = {"none": Decimal("0.01"), "1": Decimal(1), "10": Decimal(10), "9": Decimal(10)}[rounding]
    offset = Decimal(1) if rounding == "9" else Decimal(0)
    assert (found + offset) % step == 0
    assert abs(found - exact) <= step / 2 or found <= step
    assert prices.price_for_vk(found, 0, rounding) == found


@UNHURRIED
@given(KOPECKS, KOPECKS, PERCENTS, st.sampled_from(prices.ROUNDINGS))
def test_a_dearer_good_never_becomes_the_cheaper_one(
    one: Decimal, other: Decimal, markup: Decimal, rounding: str
):
    found = [prices.price_for_vk(price, markup, rounding) or Decimal(0) for price in sorted((one, other))]
    assert found == sorted(found)


@UNHURRIED
@given(KOPECKS)
def test_what_vk_gives_back_in_hundredths_is_what_was_sent_in_roubles(price: Decimal):
    sent = prices.written(price)
    assert prices.read(str(int(price * 100))) == sent


@pytest.mark.parametrize("answer", ["", "дорого", "12 р."])
def test_a_price_that_cannot_be_read_is_an_error(answer: str):
    with pytest.raises(ValueError, match="hundredths"):
        prices.read(answer)


def test_the_move_of_a_price_is_told_in_percent_of_the_old_one():
    assert prices.moved_percent("200.00", "100.00") == 50
    assert prices.moved_percent("100.00", "350.00") == 250
    assert prices.moved_percent("0.00", "10.00") == 100
    assert prices.moved_percent("0.00", "0.00") == 0


def test_a_price_within_a_text_is_written_as_people_do():
    assert prices.for_people(Decimal("350.00")) == "350"
    assert prices.for_people(Decimal("199.9")) == "199,90"
