"""New goods wait in a list of their own until each is decided about, wherever that is done."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.data.types import now
from app.mirror import big_shops
from app.mirror.departed import DepartedGood
from app.mirror.models import NewProduct
from app.rules.models import SyncFilter
from app.rules.new_goods import forget_decided
from app.web import turns
from app.web.turns import WORKING
from tests.catalog.lists.conftest import Changing
from tests.catalog.pages import ids_at, row_ids
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

INBOX, LEFT = "/catalog/new", "/catalog/new?left=1"
ALL = {"scope": "found"}
OLD = product("old", "Чай")
NEW = [product("a", "Улун"), product("b", "Пуэр"), product("c", "Сенча")]


@pytest.fixture
def changing(app: Flask, alice: Owner) -> Changing:
    """Alice's shop, which has been known for a refresh, and a later one has brought three goods."""
    changing = Changing(alice)
    changing.refresh(s1=[OLD])
    changing.refresh(s1=[OLD, *NEW])
    return changing


def answer(owner: Owner, evotor_id: str, what: str, url: str = INBOX) -> Any:
    """Press a button in a good's row, without JavaScript."""
    page = owner.client.get(url).page
    (action,) = page.select(f"//tr[@data-evotor-id = '{evotor_id}']//form/@action")
    return owner.client.post(action, data={"answer": what}, follow_redirects=True)


def press(owner: Owner, page: Any, words: str, **more: Any) -> Any:
    """Press the button with these words; `more` is what has been ticked in its form."""
    (button,) = page.select(f"//button[contains(., '{words}')]")
    (form,) = button.xpath("ancestor::form")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type = 'hidden']")}
    if button.get("name"):
        fields[button.get("name")] = button.get("value")
    return owner.client.post(form.get("action"), data=fields | more, follow_redirects=True)


def test_only_what_a_later_refresh_brought_is_new(alice: Owner) -> None:
    changing = Changing(alice)
    changing.refresh(s1=[OLD])
    assert ids_at(alice, INBOX) == []
    changing.refresh(s1=[OLD, NEW[0]])
    changing.refresh(s1=[OLD, *NEW])
    # The newest first.
    assert ids_at(alice, INBOX) == ["c", "b", "a"]


def test_each_answer_takes_a_good_out_and_can_be_taken_back(changing: Changing, alice: Owner, stock: Stock):
    included = answer(alice, "a", "include")
    left = answer(alice, "b", "leave")
    assert ids_at(alice, INBOX) == ["c"]
    assert ids_at(alice, LEFT) == ["b"]
    assert stock.rules() == {("product", "s1", "a"): "include"}

    assert row_ids(press(alice, included.page, "Отменить").page) == ["c", "a"]
    assert row_ids(press(alice, left.page, "Вернуть").page) == ["c", "b", "a"]
    assert stock.rules() == {}

    answer(alice, "c", "exclude")
    answer(alice, "b", "leave")
    answer(alice, "b", "back", LEFT)
    assert ids_at(alice, INBOX) == ["b", "a"]
    assert stock.rules() == {("product", "s1", "c"): "exclude"}


def test_htmx_gets_the_way_back_and_the_count_in_place_of_the_row(changing: Changing, alice: Owner):
    (action,) = alice.client.get(INBOX).page.select("//tr[@data-evotor-id = 'b']//form/@action")
    answered = alice.client.htmx_post(action, {"answer": "exclude"})
    assert "<tr" not in answered.text
    assert "«Пуэр» не публикуется" in answered.text and "Ждут решения: <b" in answered.text
    (way_back,) = answered.page.select("//form/@action")
    back = alice.client.htmx_post(way_back, {"answer": "back"})
    assert "catalog-changed" in back.headers["HX-Trigger"]
    assert ids_at(alice, INBOX) == ["c", "b", "a"]


@pytest.mark.parametrize("first", ["include", "exclude", "leave"])
def test_an_old_way_back_leaves_what_was_decided_since(
    changing: Changing, alice: Owner, stock: Stock, first: str
) -> None:
    (action,) = alice.client.get(INBOX).page.select("//tr[@data-evotor-id = 'b']//form/@action")
    (way_back,) = alice.client.htmx_post(action, {"answer": first}).page.select("//form/@action")
    for mode in ("none", "exclude"):
        fields = {"entity_type": "product", "entity_id": "b", "store_id": "s1", "filter_mode": mode}
        alice.client.htmx_post("/catalog/filter", fields)
    back = alice.client.htmx_post(way_back, {"answer": "back"})
    assert "Отменять нечего" in back.text
    assert stock.rules() == {("product", "s1", "b"): "exclude"}


@on_both
def test_all_are_decided_about_as_they_were_listed(changing: Changing, alice: Owner, stock: Stock):
    page = alice.client.get(INBOX).page
    changing.refresh(s1=[OLD, *NEW, product("later")])
    plan = press(alice, page, "Исключить…", **ALL)
    assert "Перестанут публиковаться: 3" in plan.text
    done = press(alice, plan.page, "Применить")
    assert set(stock.rules()) == {("product", "s1", each) for each in "abc"}
    assert ids_at(alice, INBOX) == ["later"]
    press(alice, done.page, "Отменить")
    assert ids_at(alice, INBOX) == ["later", "c", "b", "a"]

    left = press(alice, alice.client.get(INBOX).page, "→ По правилам", **ALL)
    assert row_ids(left.page) == [] and "Оставлено правилам: 4" in left.text
    assert row_ids(press(alice, left.page, "Вернуть").page) == ["later", "c", "b", "a"]


def test_a_decision_made_anywhere_else_counts(changing: Changing, alice: Owner, stock: Stock):
    stock.rule("group", "g1", "exclude")
    stock.rule("product", "a", "include")
    assert ids_at(alice, INBOX) == ["c", "b"]
    stock.rule("product", "a", None)
    assert ids_at(alice, INBOX) == ["c", "b", "a"]


@on_both
@on_both
def test_a_good_that_was_excluded_long_ago_is_undecided_again_once_that_is_taken_back(
    app: Flask, changing: Changing, alice: Owner, stock: Stock, db_session: Session
) -> None:
    answer(alice, "a", "exclude")
    answer(alice, "b", "include")
    answer(alice, "c", "leave")
    long_ago = now() - timedelta(days=8)
    db_session.execute(update(NewProduct).values(came_at=long_ago))
    db_session.execute(update(NewProduct).where(NewProduct.left_at.is_not(None)).values(left_at=long_ago))
    db_session.execute(update(SyncFilter).values(created_at=long_ago))
    db_session.commit()
    with app.app_context():
        forget_decided()
    stock.decide("product", "a", None)
    stock.decide("product", "b", None)
    assert ids_at(alice, INBOX) == ["a"]


def test_a_good_that_goes_and_returns_is_new_again_only_while_nobody_has_decided_about_it(
    changing: Changing, alice: Owner, db_session: Session
):
    answer(alice, "a", "leave")
    answer(alice, "b", "include")
    changing.refresh(s1=[OLD])
    assert db_session.query(NewProduct).count() == 0
    changing.refresh(s1=[OLD, *NEW])
    # Its rule has waited for b, and a was left to the rules.
    assert ids_at(alice, INBOX) == ["c"]
    changing.refresh(s1=[*NEW])
    changing.refresh(s1=[OLD, *NEW])
    assert ids_at(alice, INBOX) == ["c"], "what the store had from the first is no news"
    assert db_session.query(DepartedGood).count() == 0


@on_both
def test_a_store_that_goes_takes_its_new_goods_along(changing: Changing, alice: Owner, db_session: Session):
    changing.refresh(s2=[product("x")])
    changing.refresh(s2=[product("x"), product("y")])
    changing.refresh(s1=None)
    assert ids_at(alice, INBOX) == ["y"]
    assert db_session.query(NewProduct).count() == 1


def test_owners_see_their_own_new_goods_only(changing: Changing, alice: Owner, bob: Owner, stock: Stock):
    # Bob has connected the same account of Evotor: the same store and goods, rows of his own.
    bobs = Changing(bob)
    bobs.refresh(s1=[OLD])
    bobs.refresh(s1=[OLD, *NEW[:2]])
    (action,) = alice.client.get(INBOX).page.select("//tr[@data-evotor-id = 'a']//form/@action")
    assert bob.client.post(action, data={"answer": "leave"}).status_code == 404
    answer(bob, "a", "exclude")
    answer(bob, "b", "leave")
    assert ids_at(alice, INBOX) == ["c", "b", "a"] and stock.rules() == {}
    press(alice, alice.client.get(INBOX).page, "→ По правилам", **ALL)
    press(alice, alice.client.get(LEFT).page, "Вернуть в новые", **ALL)
    assert ids_at(bob, INBOX) == [] and ids_at(bob, LEFT) == ["b"]


@on_both
def test_pages_hold_all_in_order_and_take_few_statements(
    changing: Changing, alice: Owner, count_statements: Callable[[], AbstractContextManager[list[str]]]
):
    changing.refresh(s1=[OLD, *NEW, *(product(f"n{number:02}") for number in range(60))])
    expected = [*(f"n{number:02}" for number in reversed(range(60))), "c", "b", "a"]
    url, found, counted = f"{INBOX}?per_page=25", [], []
    while url:
        with count_statements() as statements:
            page = alice.client.get(url).page
        counted.append(len(statements))
        found += row_ids(page)
        previous = page.select("//a[@rel = 'prev']/@href")
        url = next(iter(page.select("//a[@rel = 'next']/@href")), "")
    assert found == expected
    assert row_ids(alice.client.get(previous[0]).page) == expected[25:50]
    assert max(counted) <= 14
    with count_statements() as statements:
        assert "Новые товары: 63" in alice.client.get("/catalog/published").text
    assert sum("max(" in each and "new_products" in each for each in statements) == 1


@pytest.fixture
def shelf(alice: Owner) -> Changing:
    """Alice's shop, to which a refresh has brought goods of three groups in two stores, and one of none."""
    groups = [group("tea", "Чай"), group("cups", "Посуда")]
    goods = [
        product("a", "Улун", "tea", article_number="A-7"),
        product("b", "Пуэр", "tea"),
        product("c", "Пиала", "cups"),
        product("d", "Сахар"),
    ]
    changing = Changing(alice)
    changing.refresh(groups, s1=[OLD], s2=[OLD])
    changing.refresh(groups, s1=[OLD, *goods], s2=[OLD, product("e", "Чабань", "cups")])
    return changing


@on_both
def test_a_search_and_a_group_narrow_the_list_and_what_is_decided_at_once(
    shelf: Changing, alice: Owner, stock: Stock
):
    page = alice.client.get(INBOX).page
    chips = dict(
        zip(page.texts("//nav[@id='chips']/a"), page.select("//nav[@id='chips']/a/@href"), strict=True)
    )
    assert set(chips) == {"Чай", "Посуда", "Без группы"}
    assert set(ids_at(alice, chips["Чай"])) == {"a", "b"}
    # The same group of two stores.
    assert set(ids_at(alice, chips["Посуда"])) == {"c", "e"}
    assert ids_at(alice, chips["Без группы"]) == ["d"]
    assert ids_at(alice, f"{INBOX}?q=улу") == ["a"] == ids_at(alice, f"{INBOX}?q=A-7")
    assert set(ids_at(alice, f"{INBOX}?q=чаб посу")) == set() and set(ids_at(alice, f"{INBOX}?q=посу")) == {
        "c",
        "e",
    }
    assert "Ничего не найдено" in alice.client.get(f"{INBOX}?q=кофе").text

    plan = press(alice, alice.client.get(chips["Чай"]).page, "Исключить…", **ALL)
    assert "Все новые товары, группа «чай»" in plan.text and "Перестанут публиковаться: 2" in plan.text
    press(alice, plan.page, "Применить")
    assert set(stock.rules()) == {("product", "s1", each) for each in "ab"}
    left = press(alice, alice.client.get(f"{INBOX}?q=посу").page, "→ По правилам", **ALL)
    assert "Оставлено правилам: 2" in left.text
    assert ids_at(alice, INBOX) == ["d"]
    press(alice, alice.client.get(f"{LEFT}&q=пиала").page, "Вернуть в новые", **ALL)
    assert set(ids_at(alice, INBOX)) == {"c", "d"} and ids_at(alice, LEFT) == ["e"]


@on_both
def test_ticked_goods_are_decided_about_together_and_nobody_elses(
    shelf: Changing, alice: Owner, bob: Owner, stock: Stock
):
    page = alice.client.get(INBOX).page
    number = dict(
        zip(
            row_ids(page),
            page.select("//tr[@data-entity]//input[@form='bulk' and @name='n']/@value"),
            strict=True,
        )
    )
    nothing = press(alice, page, "→ По правилам")
    assert nothing.status_code == 400 and "Отметьте хотя бы одну строку" in nothing.text
    left = press(alice, page, "→ По правилам", n=[number["a"], number["e"]])
    assert "Оставлено правилам: 2" in left.text and set(ids_at(alice, INBOX)) == {"b", "c", "d"}
    bobs = Changing(bob)
    bobs.refresh(s1=[OLD])
    bobs.refresh(s1=[OLD, product("x")])
    theirs = press(bob, bob.client.get(INBOX).page, "→ По правилам", n=[number["b"], number["c"]])
    assert "Оставлено правилам: 0" in theirs.text and set(ids_at(alice, INBOX)) == {"b", "c", "d"}
    plan = press(alice, page, "Включить…", n=[number["b"], number["d"]])
    assert "Отмеченные новые товары" in plan.text
    press(alice, plan.page, "Применить")
    assert set(stock.rules()) == {("product", "s1", "b"), ("product", "s1", "d")}
    assert ids_at(alice, INBOX) == ["c"]


@on_both
def test_new_goods_of_a_group_wait_where_their_owner_wants_that(alice: Owner) -> None:
    changing = Changing(alice)
    tea = [group("tea"), group("green", parent="tea"), group("cups")]
    changing.refresh(tea, s1=[OLD])
    goods = [product("a", "Сенча", "green"), product("b", "Улун", "green"), product("c", "Пиала", "cups")]
    changing.refresh(tea, s1=[OLD, *goods])
    wish = {"store_id": "s1", "group_id": "tea", "new_goods": "wait"}
    assert alice.client.post("/sync/settings/groups", data=wish).status_code == 303

    def published() -> str:
        return alice.client.get("/catalog/published").page.text[:13]

    (row,) = alice.client.get("/catalog/products?store_id=s1&q=Сенча").page.select("//tbody/tr")
    assert "ждёт вашего решения" in row.text_content()
    assert row.xpath(".//td[@class = 'result']//a/@href") == [INBOX]
    assert ids_at(alice, "/catalog/products?store_id=s1&result=hidden") == ["a", "b"]
    assert published() == "Решено 2 из 4"
    answer(alice, "a", "leave")
    answer(alice, "b", "include")
    assert published() == "Решено 4 из 4"
    answer(alice, "a", "back", LEFT)
    assert published() == "Решено 3 из 4"


def test_what_is_looked_for_among_the_new_goods_of_a_big_shop_waits_for_its_turn(
    shelf: Changing, alice: Owner, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = alice.client.get(INBOX).page
    (chip,) = page.select("//nav[@id='chips']/a[. = 'Чай']/@href")
    (button,) = page.select("//tr[@data-evotor-id = 'a']//form/@action")
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)
    monkeypatch.setattr(big_shops, "MANY_GOODS", 0)
    with ExitStack() as others:
        for owner in range(WORKING):
            assert turns._take(f"owner {owner}")
            others.callback(turns._give_back, f"owner {owner}")
        assert alice.client.get(INBOX).status_code == 200
        for narrowed in (f"{INBOX}?q=улун", f"{LEFT}&q=улун", chip):
            assert alice.client.get(narrowed).status_code == 429
        leave = {"answer": "leave", "scope": "found", "newest": "9"}
        assert alice.client.post(f"{INBOX}/all?q=улун", data=leave).status_code == 429
        # An answer is never in the way; how many are left is said by the next page.
        answered = alice.client.htmx_post(f"{button}&q=улун", data={"answer": "leave"})
        assert answered.status_code == 200 and "#found" not in answered.text
    assert ids_at(alice, f"{LEFT}&q=улун") == ["a"]
