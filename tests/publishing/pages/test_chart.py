"""The last days on the overview: what was in VK and how many prices changed, drawn and as a table."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.data.db import db
from app.data.types import now
from app.publishing.ledger.models import ShopDay
from app.publishing.ledger.shop_days import DAYS, Day, filled
from app.publishing.pages.chart import chart_of
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product

TODAY = date(2026, 3, 10)


def table(owner: Owner) -> list[list[str]]:
    """The rows of the table, the last day first."""
    page = owner.client.get("/sync").page
    return [
        [" ".join(cell.text_content().split()) for cell in row]
        for row in page.select("//section[contains(@class, 'chart')]//tbody/tr")
    ]


def set_back(app: Flask, days: int) -> None:
    """Let everything that was kept be so many days older."""
    with app.app_context():
        for row in db.session.execute(select(ShopDay.day)).scalars().all():
            moved = row - timedelta(days=days)
            db.session.execute(update(ShopDay).filter_by(day=row).values(day=moved))
        db.session.commit()


@pytest.mark.databases("sqlite", "postgresql")
def test_each_day_has_what_was_there_and_the_prices_that_changed(
    publishing: Publishing, tea: Stock, bob: Owner, app: Flask, count_statements
) -> None:
    publishing.publish()
    assert table(publishing.owner) == []
    set_back(app, 3)
    # One costs more, one is new to the till, one has left it.
    tea.put(products=[product("p1", "Улун молочный", price=360), product("p9", "Пуэр", price=90)])
    publishing.publish()
    with count_statements() as statements:
        rows = table(publishing.owner)
    assert sum("shop_days" in statement for statement in statements) == 1
    (live,) = publishing.owner.client.get("/sync").page.texts("//dd[@data-count='live']")
    assert rows[:2] == [["Сегодня", live, "1"], ["Вчера", "3", "0"]]
    assert [row[1:] for row in rows[2:]] == [["3", "0"]] * 2
    assert table(bob) == []


def test_what_somebody_did_in_vk_counts_from_the_day_on_which_it_was_read(
    publishing: Publishing, tea: Stock, app: Flask
) -> None:
    publishing.publish()
    set_back(app, 1)
    next(iter(publishing.items.values())).deleted_at = now().timestamp()
    publishing.read()
    assert [row[1:] for row in table(publishing.owner)] == [["2", "0"], ["3", "0"]]


def test_days_between_are_as_the_day_before_them() -> None:
    kept = [Day(TODAY - timedelta(days=100), 7, 9), Day(TODAY - timedelta(days=2), 5, 1), Day(TODAY, 5, 2)]
    days = filled(kept, 6, TODAY)
    assert len(days) == DAYS
    assert [tuple(day)[1:] for day in days[-4:]] == [(7, 0), (5, 1), (5, 0), (6, 2)]
    assert filled(kept[2:], 6, TODAY) == [Day(TODAY, 6, 2)] and filled([], 6, TODAY) == [Day(TODAY, 6, 0)]


def test_it_is_drawn_from_nothing_at_the_bottom_to_the_most_at_the_top() -> None:
    days = [Day(TODAY, live, prices) for live, prices in ((0, 0), (50, 4), (100, 1))]
    chart = chart_of(days)
    assert chart is not None
    assert chart.line == "M0 100V100H10V50H20V0H30" and chart.area == "M0 100V100H10V50H20V0H30V100Z"
    assert chart.bars == "M11.5 100V0h7.0V100ZM21.5 100V75h7.0V100Z"
    assert chart_of(days[1:2]) is None and chart_of([Day(TODAY, 0, 0)] * 5) is None
    still = chart_of([Day(TODAY, 3, 0)] * 2)
    assert still is not None and still.bars == ""
