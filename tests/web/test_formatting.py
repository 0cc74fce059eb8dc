"""How numbers, money, counts and times are written for an owner."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from flask_login import login_user

from app.accounts.models import User
from app.data.db import db
from app.web.formatting import ago, in_quotes, moment, number, plural, price, quantity, signed
from tests.owners import Owner


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        ("350", "350,00 ₽"),
        ("0", "0,00 ₽"),
        ("0.1", "0,10 ₽"),
        ("1200.50", "1 200,50 ₽"),
        ("9999999999.99", "9 999 999 999,99 ₽"),
        ("-5", "−5,00 ₽"),
    ],
)
def test_prices(value: str | None, written: str):
    assert price(None if value is None else Decimal(value)) == written.replace(" ", "\u00a0")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        ("180.000", "180"),
        ("0.125", "0,125"),
        ("-3.250", "−3,25"),
        ("1000000", "1 000 000"),
        ("12345.600", "12 345,6"),
        ("0.000", "0"),
    ],
)
def test_quantities(value: str | None, written: str):
    assert quantity(None if value is None else Decimal(value)) == written.replace(" ", "\u00a0")


def test_numbers_and_signs():
    assert [number(0), number(999), number(1000), number(-12345)] == [
        "0",
        "999",
        "1\u00a0000",
        "−12\u00a0345",
    ]
    assert [signed(12), signed(0), signed(-3), signed(1500)] == ["+12", "0", "−3", "+1\u00a0500"]


def test_plurals_follow_the_number():
    counts = {
        "товар": (1, 21, 101, 1001),
        "товара": (2, 3, 4, 22, 34, 102),
        "товаров": (0, 5, 10, 11, 12, 13, 14, 19, 20, 25, 111, 112, 1000, 1011),
    }
    for noun, numbers in counts.items():
        for count in numbers:
            assert plural(count, "товар", "товара", "товаров") == f"{number(count)}\u00a0{noun}"


def test_names_stand_in_the_quotes_of_the_language(app: Flask):
    with app.test_request_context():
        assert in_quotes("Чай") == "«Чай»"
        with force_locale("en"):
            assert in_quotes("Чай") == "“Чай”"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Europe/Moscow", "06.03.2026 14:30"),
        ("Europe/Kaliningrad", "06.03.2026 13:30"),
        ("Asia/Vladivostok", "06.03.2026 21:30"),
        ("Asia/Kamchatka", "06.03.2026 23:30"),
    ],
)
def test_times_are_in_the_owners_zone(app: Flask, alice: Owner, zone: str, written: str):
    at = datetime(2026, 3, 6, 11, 30, tzinfo=UTC)
    with app.test_request_context():
        user = db.session.get(User, alice.id)
        assert user is not None
        user.timezone = zone
        login_user(user)
        assert moment(at) == written
    with app.test_request_context():
        assert moment(at) == "06.03.2026 14:30"
        assert moment(None) == "—"


def test_how_long_ago(app: Flask):
    with app.test_request_context():
        for seconds, written in (
            (5, "только что"),
            (61, "1 минуту назад"),
            (125, "2 минуты назад"),
            (59 * 60, "59 минут назад"),
            (3600, "1 час назад"),
            (23 * 3600, "23 часа назад"),
        ):
            assert ago(datetime.now(UTC) - timedelta(seconds=seconds)).replace("\u00a0", " ") == written
        long_ago = datetime.now(UTC) - timedelta(days=3)
        assert ago(long_ago) == moment(long_ago)
        assert ago(None) == "—"
