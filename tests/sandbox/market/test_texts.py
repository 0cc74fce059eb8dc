"""Lengths as VK counts them, prices as it reads and shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.vk.texts import hundredths, price_text, roubles, weight


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("Чай «Горный» №1", 15),
        ('"&', 10),
        ("'!", 10),
        ("\\$", 12),
        ("<>", 8),
        ("½", 6),
        ("🍵", 9),
        ("₽", 7),
    ],
)
def test_a_text_is_weighed(text: str, length: int) -> None:
    assert weight(text) == length


@given(st.integers(0, 10**14 - 1))
def test_what_is_written_in_roubles_is_read_back(amount: int) -> None:
    assert hundredths(roubles(amount).replace(",", ".")) == amount


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("199.90", 19990),
        ("0", 0),
        ("0.005", 1),
        ("1e3", None),
        ("", None),
        ("1,5", None),
        ("-1", None),
        ("٣", None),
    ],
)
def test_roubles_are_read_with_a_point_and_nothing_else(written: str, amount: int | None) -> None:
    assert hundredths(written) == amount


def test_a_price_is_shown_to_people() -> None:
    assert price_text(123_456_789) == "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,89 ₽"
    assert price_text(5_000) == "50 ₽"
