"""A whole store or group is changed by one rule, if its owner wants that, instead of a rule on each good."""

import pytest

from tests.catalog.deciding.test_bulk import plan_of
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

STORE = "/catalog/products?store_id=s1"
GROUP = f"{STORE}&group_id=tea"
GROUPS = [group("tea", "Чай"), group("green", "Зелёный", parent="tea"), group("cups", "Чашки")]


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """Nested groups, rules of all kinds in them, and another store with the same ids."""
    goods = [product("p1", "Улун", "tea"), product("p2", "Сенча", "green"), product("p3", "Чашка", "cups")]
    stock.put(groups=GROUPS, products=[*goods, product("p4", "Мёд")])
    stock.put("s2", "Склад", groups=GROUPS, products=goods)
    for store_id in ("s1", "s2"):
        stock.rule("group", "green", "include", store_id)
        stock.rule("product", "p2", "exclude", store_id)
        stock.rule("product", "p3", "include", store_id)
    return stock


def offers(page) -> list[str]:
    return page.select("//form[contains(@action, '/one-rule')]/@action")


def chosen(owner: Owner, url: str, mode: str):
    """Plan to change all goods of a list, and choose one rule for them instead."""
    plan, _ = plan_of(owner, url, scope="found", filter_mode=mode)
    (action,) = offers(plan)
    answer = owner.client.post(action, data={"next": url})
    assert answer.status_code == 303
    page = owner.client.get(answer.headers["Location"]).page
    return plan, page, page.select("//form/@action[contains(., '/apply')]")[0]


def rules_of(tea: Stock, store_id: str) -> dict[tuple[str, str], str]:
    return {(kind, id): mode for (kind, store, id), mode in tea.rules().items() if store == store_id}


def published(owner: Owner, store_id: str = "s1") -> int:
    found = owner.client.get(f"/catalog/products?store_id={store_id}&result=published").page
    return len(found.select("//tr[@data-entity='product']"))


@on_both
def test_one_rule_on_the_store_takes_new_goods_along_and_is_taken_back(alice: Owner, tea: Stock):
    before = tea.rules()
    plan, by_one, apply_url = chosen(alice, STORE, "exclude")
    assert "Это весь магазин: хватит одного правила вместо" in plan.text
    assert "Одним правилом: Магазин «Чайная»" in by_one.text
    assert offers(by_one) == [] and tea.rules() == before
    for page in (plan, by_one):
        assert "Перестанут публиковаться: 3" in page.text
    alice.client.post(apply_url)
    (undo,) = alice.client.get("/sync/history?kind=rules").page.select(
        "//form[contains(@action, '/undo')]/@action"
    )
    # What said otherwise is off, what says the same stays, and so does the other store.
    assert rules_of(tea, "s1") == {("store", "s1"): "exclude", ("product", "p2"): "exclude"}
    assert rules_of(tea, "s2") == {
        (kind, id): mode for (kind, store, id), mode in before.items() if store == "s2"
    }
    tea.put(groups=GROUPS, products=[product("p1", "Улун", "tea"), product("p9", "Новый", "cups")])
    assert published(alice) == 0
    alice.client.post(undo)
    assert tea.rules() == before


def test_a_plan_says_whose_own_rules_go_or_turn(alice: Owner, tea: Stock):
    _, by_one, _ = chosen(alice, STORE, "exclude")
    assert "Собственные правила уйдут: у 1 товара, у 1 группы." in by_one.text.replace("\xa0", " ")
    one_by_one, _ = plan_of(alice, STORE, scope="found", filter_mode="exclude")
    assert "сменятся на противоположные: у 1 товара." in one_by_one.text.replace("\xa0", " ")
    # To take rules off is what such a plan is for: its own line says how many.
    without, _ = plan_of(alice, STORE, scope="found", filter_mode="none")
    assert "Собственные правила" not in without.text


@on_both
def test_one_rule_on_a_group_leaves_what_is_beside_it(alice: Owner, tea: Stock):
    tea.default("exclude")
    plan, by_one, apply_url = chosen(alice, GROUP, "include")
    assert "Это вся группа: хватит одного правила вместо" in plan.text
    for page in (plan, by_one):
        assert "Начнут публиковаться: 2" in page.text
    alice.client.post(apply_url)
    assert rules_of(tea, "s1") == {
        ("group", "tea"): "include",
        ("group", "green"): "include",
        ("product", "p3"): "include",
    }
    assert (published(alice), published(alice, "s2")) == (3, 1)


@on_both
def test_it_is_offered_for_whole_places_alone_and_to_their_owner(alice: Owner, bob: Owner, tea: Stock):
    for url in (f"{STORE}&q=улун", f"{STORE}&result=published", f"{GROUP}&nested=0", f"{STORE}&rule=none"):
        assert offers(plan_of(alice, url, scope="found", filter_mode="exclude")[0]) == []
    assert offers(plan_of(alice, STORE, scope="found", filter_mode="none")[0]) == []
    plan, apply_url = plan_of(alice, STORE, scope="found", filter_mode="exclude")
    (action,) = offers(plan)
    assert bob.client.post(action).status_code == 404
    alice.client.post(apply_url)
    assert alice.client.post(action).status_code == 404
