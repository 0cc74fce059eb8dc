"""One rule for many rows, shown as a plan first and one step of the history."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.rules.changes import apply as steps
from app.rules.changes import drafts
from app.rules.models import RuleChange
from tests.checking_client import Page
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """Five goods in two groups, and another store with the same ids."""
    groups = [group("tea", "Чай"), group("cups", "Чашки")]
    goods = [product(f"p{n}", f"Чай {n}", group="tea", allow_to_sell=n != 3) for n in range(1, 5)]
    stock.put(groups=groups, products=[*goods, product("p5", "Пиала", group="cups")])
    stock.put("s2", "Склад", groups=groups, products=goods)
    return stock


def plan_of(owner: Owner, url: str, **fields):
    """Send the form of the list at `url`; give the plan's page and where it is applied."""
    page = owner.client.get(url).page
    (action,) = page.select("//form[@id='bulk']/@action")
    answer = owner.client.post(action, data=fields)
    assert answer.status_code == 303, answer.text
    plan = owner.client.get(answer.headers["Location"]).page
    apply_url = plan.select("//form/@action[contains(., '/apply')]")
    return plan, apply_url[0] if apply_url else None


def numbers(owner: Owner, url: str, *ids: str) -> list[str]:
    page = owner.client.get(url).page
    return [page.select(f"//tr[@data-evotor-id='{id}']//input[@name='n']/@value")[0] for id in ids]


def test_ticked_rows_change_together_after_a_plan(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1"
    ticked = numbers(alice, url, "p1", "p2")
    plan, apply_url = plan_of(alice, url, n=ticked, filter_mode="exclude")
    assert "Перестанут публиковаться: 2" in plan.text
    assert "Чай 1" in plan.text and "Чай 3" not in plan.text
    assert tea.rules() == {}
    answer = alice.client.post(apply_url, data={"next": url})
    assert answer.headers["Location"] == url
    assert tea.rules() == {("product", "s1", "p1"): "exclude", ("product", "s1", "p2"): "exclude"}
    assert "Снято с публикации 2 товара" in alice.client.get(url).page.text


def test_what_comes_after_the_plan_was_shown_gets_no_rule_by_it(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1&group_id=cups"
    plan, apply_url = plan_of(alice, url, scope="found", filter_mode="exclude")
    assert "Перестанут публиковаться: 1" in plan.text
    goods = product("p5", "Пиала", group="cups"), product("p6", "Чашка", group="cups")
    tea.put(groups=[group("cups", "Чашки")], products=goods)
    alice.client.post(apply_url, data={"next": url})
    assert tea.rules() == {("product", "s1", "p5"): "exclude"}


@on_both
def test_what_was_decided_after_the_plan_was_shown_stays(alice: Owner, tea: Stock):
    tea.decide("product", "p2", "exclude")
    url = "/catalog/products?store_id=s1&rule=exclude"
    plan, apply_url = plan_of(alice, url, scope="found", filter_mode="none")
    assert "Начнут публиковаться: 1 товар" in plan.text
    tea.decide("product", "p1", "exclude")
    alice.client.post(apply_url, data={"next": url})
    assert tea.rules() == {("product", "s1", "p1"): "exclude"}


@pytest.mark.databases("postgresql")
def test_what_was_being_decided_while_the_plan_was_shown_stays(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch
):
    url = "/catalog/products?store_id=s1"
    _, exclude_all = plan_of(alice, url, scope="found", filter_mode="exclude")
    write, plans = steps._write_rules, list[tuple[Page, Any]]()

    def look_meanwhile(*arguments: Any) -> None:
        if not plans:
            plans.append(plan_of(alice, url, n=numbers(alice, url, "p1"), filter_mode="include"))
        write(*arguments)

    monkeypatch.setattr(steps, "_write_rules", look_meanwhile)
    alice.client.post(exclude_all)
    ((plan, include_one),) = plans
    assert "Нет правила → Включено" in plan.text
    alice.client.post(include_one)
    assert set(tea.rules().values()) == {"exclude"}


@on_both
def test_plans_that_nobody_applies_are_few_however_many_are_made(
    alice: Owner, bob: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch, db_session: Session
):
    monkeypatch.setattr(drafts, "KEPT", 3)
    Stock(bob).put(products=[product("p1")])
    url = "/catalog/products?store_id=s1"
    _, others = plan_of(bob, url, scope="found", filter_mode="exclude")
    plans = [plan_of(alice, url, scope="found", filter_mode="exclude")[1] for _ in range(2)]
    alice.client.post(plans[0])
    plans += [plan_of(alice, url, scope="found", filter_mode="none")[1] for _ in range(4)]
    assert db_session.scalar(select(func.count()).select_from(RuleChange)) == 1 + 1 + 3
    assert alice.client.post(plans[1]).status_code == 404
    assert alice.client.post(plans[-1]).status_code == 303 and bob.client.post(others).status_code == 303
    assert tea.rules() == {} and Stock(bob).rules() == {("product", "s1", "p1"): "exclude"}


@on_both
def test_of_two_plans_over_one_list_the_one_applied_first_holds(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1"
    _, exclude_all = plan_of(alice, url, scope="found", filter_mode="exclude")
    _, include_some = plan_of(alice, url, n=numbers(alice, url, "p1"), filter_mode="include")
    alice.client.post(include_some)
    said = alice.client.post(exclude_all, data={"next": url}, follow_redirects=True).page.text
    assert "Оставлено как есть: 1 правило — с тех пор решено отдельно" in said
    assert tea.rules() == {
        ("product", "s1", f"p{n}"): "include" if n == 1 else "exclude" for n in range(1, 6)
    }


def test_every_part_of_what_was_done_tells_how_many_rules_it_was(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1"
    tea.rule("product", "p1", "include")
    ticked = numbers(alice, url, "p1", "p2", "p3")
    _, apply_url = plan_of(alice, url, n=ticked, filter_mode="exclude")
    alice.client.post(apply_url, data={"next": url})
    page = alice.client.get(url).page
    (said,) = page.texts("//*[@data-kind='success']/p")
    assert "Нет правила → Исключено: 2 правила" in said and "Включено → Исключено: 1 правило" in said
    (undo,) = page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo, data={"next": url})
    (said,) = alice.client.get(url).page.texts("//*[@data-kind='success']/p")
    assert "снято 2 правила" in said and "снова включено: 1 правило" in said


def test_the_way_back_leads_to_the_first_ticked_row_on_the_page_of_the_list(alice: Owner, tea: Stock):
    here = "/catalog/products?store_id=s1&per_page=25&rule=none"
    first, other = numbers(alice, here, "p2", "p4")
    form = {"n": [first, other], "filter_mode": "include"}
    action = "/catalog/bulk?type=products&store_id=s1"

    def asked_from(page: str) -> Page:
        return alice.client.get(alice.client.post(action, data=form, headers={"Referer": page}).location).page

    plan = asked_from(f"http://localhost{here}")
    (back,) = set(plan.select("//form//input[@name='next']/@value"))
    assert back == f"{here}#p{first}"
    (apply_url,) = plan.select("//form/@action[contains(., '/apply')]")
    assert alice.client.post(apply_url, data={"next": back}).headers["Location"] == back
    undo = alice.client.get(here).page.select(
        "//form[contains(@action, '/undo')]//input[@name='next']/@value"
    )
    assert undo == [back]
    form["filter_mode"] = "exclude"
    (back,) = set(asked_from("https://elsewhere.example/").select("//form//input[@name='next']/@value"))
    assert back == f"/catalog/products?store_id=s1#p{first}"


@on_both
def test_all_found_means_the_search_and_filters_of_the_list(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1&q=чай&on_sale=yes"
    plan, apply_url = plan_of(alice, url, scope="found", filter_mode="exclude")
    assert "поиск «чай»" in plan.text and "в продаже" in plan.text
    alice.client.post(apply_url)
    assert tea.rules() == {("product", "s1", id): "exclude" for id in ("p1", "p2", "p4")}
    history = alice.client.get("/sync/history?kind=rules").page
    assert len(history.select("//li[@data-change-id]")) == 1
    assert "3 правила" in history.text


@on_both
def test_rules_of_a_group_are_taken_off_together_and_put_back_as_one_step(alice: Owner, tea: Stock):
    tea.rule("product", "p1", "exclude")
    tea.rule("product", "p2", "include")
    tea.rule("product", "p5", "exclude")
    before = tea.rules()
    url = "/catalog/products?store_id=s1&group_id=tea"
    plan, apply_url = plan_of(alice, url, scope="found", filter_mode="none")
    assert "Исключено → Нет правила" in plan.text and "Включено → Нет правила" in plan.text
    alice.client.post(apply_url, data={"next": url})
    assert tea.rules() == {("product", "s1", "p5"): "exclude"}
    (undo,) = alice.client.get(url).page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo)
    assert tea.rules() == before


@on_both
def test_groups_and_stores_change_in_bulk_too(alice: Owner, tea: Stock):
    _, apply_url = plan_of(alice, "/catalog/groups?store_id=s1", scope="found", filter_mode="exclude")
    alice.client.post(apply_url)
    assert tea.rules() == {("group", "s1", "tea"): "exclude", ("group", "s1", "cups"): "exclude"}
    plan, apply_url = plan_of(alice, "/catalog", scope="found", filter_mode="exclude")
    assert "Перестанут публиковаться: 4" in plan.text
    alice.client.post(apply_url)
    assert tea.rules()["store", "s2", "s2"] == "exclude"


@on_both
def test_a_plan_that_changes_nothing_says_so(alice: Owner, tea: Stock):
    plan, apply_url = plan_of(alice, "/catalog/products?store_id=s1", scope="found", filter_mode="none")
    assert "Ничего не изменится" in plan.text
    assert apply_url is None


@on_both
def test_the_plan_is_applied_to_the_rules_of_that_moment(alice: Owner, tea: Stock):
    url = "/catalog/products?store_id=s1"
    _, apply_url = plan_of(alice, url, scope="found", filter_mode="exclude")
    tea.rule("product", "p1", "exclude")
    alice.client.post(apply_url, data={"next": url})
    assert "Снято с публикации 4 товара" in alice.client.get(url).page.text
    (undo,) = [
        action
        for action in alice.client.get("/sync/history?kind=rules").page.select(
            "//form[contains(@action, '/revert')]/@action"
        )
    ][:1]
    plan = alice.client.get(alice.client.post(undo).headers["Location"]).page
    alice.client.post(plan.select("//form/@action[contains(., '/apply')]")[0])
    assert tea.rules() == {("product", "s1", "p1"): "exclude"}


@on_both
def test_another_owners_rows_cannot_be_ticked(alice: Owner, bob: Owner, tea: Stock):
    ticked = numbers(alice, "/catalog/products?store_id=s1", "p1")
    others = Stock(bob)
    others.put(products=[product("p1")])
    _, apply_url = plan_of(bob, "/catalog/products?store_id=s1", n=ticked, filter_mode="exclude")
    assert apply_url is None
    assert (
        bob.client.post("/catalog/bulk?type=products&store_id=s2", data={"scope": "found"}).status_code == 404
    )


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("/catalog/bulk?type=products&store_id=s1", {"filter_mode": "exclude"}),
        ("/catalog/bulk?type=products&store_id=s1", {"filter_mode": "exclude", "n": "x"}),
        ("/catalog/bulk?type=products&store_id=s1", {"filter_mode": "maybe", "scope": "found"}),
        ("/catalog/bulk?type=prices", {"filter_mode": "exclude", "scope": "found"}),
        ("/catalog/bulk?type=products", {"filter_mode": "exclude", "scope": "found"}),
    ],
)
def test_an_unusable_form_is_refused_in_words(alice: Owner, tea: Stock, url: str, fields: dict[str, str]):
    assert alice.client.post(url, data=fields).status_code == 400
