"""Publication in another language: its pages are English, the plan's file and what VK gets stay Russian."""

import csv
import io

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import User
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product


@pytest.fixture
def english(db_session: Session, publishing: Publishing, tea: Stock) -> Owner:
    """Alice, who reads English, with three goods ready and one without a price."""
    tea.put(products=[*GOODS, product("p9", "Без цены")])
    db_session.execute(update(User).where(User.id == publishing.owner.id).values(language="en"))
    db_session.commit()
    return publishing.owner


def test_a_plan_is_english_and_its_file_is_the_same_whoever_speaks(english: Owner) -> None:
    text = " ".join(english.client.get("/sync/plan").page.text.split())
    assert "This is the first time you publish to this community" in text
    assert "It has no price in the till. Set one in Evotor." in text
    page = english.client.get("/catalog/product?store_id=s1&product_id=p9").page
    assert "It has no price in the till. Set one in Evotor." in page.text
    answer = english.client.get("/sync/plan/export").data.decode("utf-8-sig")
    rows = {row["Название"]: row for row in csv.DictReader(io.StringIO(answer))}
    assert rows["Без цены"]["Что будет"] == "Не готовы"
    assert rows["Без цены"]["Почему"] == "В кассе нет цены. Укажите её в Эвоторе"
    assert "В магазине: да" in rows["Улун молочный"]["Изменения"]


def test_a_run_and_the_history_are_english_and_the_shop_is_not(
    english: Owner, publishing: Publishing
) -> None:
    publishing.publish()
    assert "Артикул: A-1" in publishing.items["A-1"].description
    run = english.client.get("/sync/history").page.select("//a[contains(@href, '/publish/')]/@href")[0]
    assert "Done. Sent: 3 products." in " ".join(english.client.get(run).page.text.split())
    history = " ".join(english.client.get("/sync/history").page.text.split())
    assert "Publication: you pressed “Publish”" in history and "Done, 3 products" in history


def test_a_name_from_vk_is_no_markup_of_a_sentence(english: Owner, publishing: Publishing) -> None:
    publishing.publish()
    listing = publishing.items["A-1"]
    publishing.market.change(listing.id, title="<b>Чай</b> 5 %")
    publishing.read()
    page = english.client.get("/sync/listings")
    assert "in VK: <b>&lt;b&gt;Чай&lt;/b&gt; 5 %</b>" in page.text
