"""What is known of a list stands in one line with its name, and what photos are for in a menu beside it."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import STORE_DONE, StoreOutcome
from app.web.formatting import ago_briefly
from tests.owners import Owner
from tests.stock import Stock, group, product

GOODS = "/catalog/products?store_id=s1"
LINE = "//*[contains(@class, 'head-line')]"


def test_the_name_the_figures_how_old_they_are_and_what_has_changed_are_one_line(
    stock: Stock, alice: Owner, db_session: Session
):
    stock.put(products=[product("tea", "Чай")])
    outcome = asdict(StoreOutcome("s1", "Чайная", state=STORE_DONE, products=1, added=1))
    db_session.execute(
        update(CatalogRefresh).values(finished_at=datetime.now(UTC), added=1, stores=[outcome])
    )
    db_session.commit()
    for address in (GOODS, "/catalog/groups?store_id=s1"):
        page = alice.client.get(address).page
        (line,) = page.texts(LINE)
        assert "обновлено только что (+1: Что изменилось)" in line
        assert page.select(f"{LINE}/h1") and page.select(f"{LINE}//a[@href='/catalog/changes']")
        # Said once.
        assert page.texts("//*[@id='refresh']") == [""]
    # The list of stores, where a refresh is begun, tells of it at length.
    assert "Обновлено: +1" in alice.client.get("/catalog").page.texts("//*[@id='refresh']")[0]


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "только что"), (4, "4 мин назад"), (59, "59 мин назад"), (200, "3 ч назад")]
)
def test_how_long_ago_is_said_briefly(app: Flask, minutes: int, words: str):
    moment = datetime.now(UTC) - timedelta(minutes=minutes, seconds=30)
    with app.test_request_context("/"):
        assert ago_briefly(moment) == words


def test_photos_have_a_menu_with_those_of_the_group(stock: Stock, alice: Owner):
    stock.put(groups=[group("tea", "Чай")], products=[product("p", "Улун", "tea")])
    links = "//details[contains(@class, 'of-photos')]//a/@href"
    assert alice.client.get(GOODS).page.select(links) == ["/catalog/photos/archive", "/catalog/photos/take"]
    of_group, *_ = alice.client.get(f"{GOODS}&group_id=tea").page.select(links)
    assert of_group == "/catalog/photos?store_id=s1&group_id=tea"
