"""All rules on one page: what each is on, how many goods it decides about, and the way to take it off."""

import re
from contextlib import ExitStack

import pytest

from app.rules import hoards
from app.web import turns
from app.web.turns import WORKING
from tests.checking_client import Page
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

RULES = "/sync/rules"
ROWS = "//tbody/tr[@data-rule]"


@pytest.fixture
def shop(stock: Stock) -> Stock:
    """Tea within drinks, a good in no group, and the same ids in another store."""
    groups = [group("drinks", "Напитки"), group("tea", "Чай", "drinks")]
    goods = [product("p1", "Улун", "tea"), product("p2", "Пуэр", "tea"), product("p3", "Сок", "drinks")]
    goods += [product("p4", "Ложка"), product("p5", "Вилка")]
    for store_id, name in (("s1", "Чайная"), ("s2", "Склад")):
        stock.put(store_id, name, groups=groups, products=goods)
    for rule in (
        ("store", "s1", "exclude"),
        ("group", "drinks", "include"),
        ("group", "tea", "exclude"),
        ("product", "p1", "include"),
        ("product", "gone", "exclude"),
    ):
        stock.rule(*rule)
    stock.rule("store", "s2", "include", store_id="s2")
    return stock


def rules(page: Page) -> dict[str, str]:
    """How many goods each rule decides about, by what it is on, from the top."""
    ids = page.select(f"{ROWS}/@data-evotor-id")
    return dict(zip(ids, page.texts(f"{ROWS}/td[@class = 'count']"), strict=True))


def key_of(owner: Owner, evotor_id: str) -> str:
    page = owner.client.get(RULES).page
    return page.select(f"{ROWS}[@data-evotor-id = '{evotor_id}']//input[@name = 'n']/@value")[0]


def test_each_rule_says_about_how_many_goods_it_decides(shop: Stock, alice: Owner):
    page = alice.client.get(RULES).page
    # The nearest rule decides, so that each good is counted at one.
    assert rules(page) == {"s2": "5", "gone": "0", "p1": "1", "tea": "1", "drinks": "1", "s1": "2"}
    assert [each for each in page.texts(f"{ROWS}/th/small") if "нет в каталоге" in each]
    assert page.select(f"{ROWS}[@data-evotor-id = 'p1']/th/a/@href")[0].startswith("/catalog/product/")


@on_both
@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("mode=exclude", ["gone", "tea", "s1"]),
        ("store_id=s2", ["s2"]),
        ("kind=group&mode=include", ["drinks"]),
        ("kind=store&store_id=s1", ["s1"]),
    ],
)
def test_it_is_narrowed_by_store_mode_and_kind(shop: Stock, alice: Owner, query: str, ids: list[str]):
    assert list(rules(alice.client.get(f"{RULES}?{query}").page)) == ids


@on_both
def test_it_is_searched_by_words_in_any_order_and_case(shop: Stock, alice: Owner):
    shop.rule("product", "Мёд липовый", "exclude")
    page = alice.client.get(RULES, query_string={"q": "ЛИПОВЫЙ мёд"}).page
    assert list(rules(page)) == ["Мёд липовый"]
    assert "q=" in page.select("//form[@id='bulk']/@action")[0]
    # By the names that the list shows, whatever they were when the rules were made.
    for word, ids in (("улун", ["p1"]), ("чай", ["tea", "s1"]), ("СКЛАД", ["s2"])):
        assert list(rules(alice.client.get(RULES, query_string={"q": word}).page)) == ids
    plan = alice.client.post(f"{RULES}/remove?q=улун", data={"scope": "found"}).location
    alice.client.post(plan.replace("?", "/apply?"))
    assert ("product", "s1", "p1") not in shop.rules() and len(shop.rules()) == 6


@on_both
def test_a_rule_made_after_the_plan_over_the_list_was_shown_stays(shop: Stock, alice: Owner):
    plan = alice.client.post(f"{RULES}/remove?mode=exclude", data={"scope": "found"}).location
    shop.decide("product", "p7", "exclude")
    alice.client.post(plan.replace("?", "/apply?"))
    assert [key for key, mode in shop.rules().items() if mode == "exclude"] == [("product", "s1", "p7")]


@on_both
def test_a_search_reads_the_names_once_for_the_count_and_the_page(
    shop: Stock, alice: Owner, count_statements
):
    shop.rules_at_once({("product", "s1", f"мёд {n}"): "exclude" for n in range(60)})
    with count_statements() as statements:
        page = alice.client.get(RULES, query_string={"q": "мёд " * 40}).page
    naming = [each for each in statements if "instr(" in each or "strpos(" in each]
    assert len(naming) == 1 and len(re.findall(r"instr\(|strpos\(", naming[0])) <= 48, naming
    assert "Показано" not in page.text
    page = alice.client.get(RULES, query_string={"q": "мёд"}).page
    assert "1–50 из 60" in page.text
    (following,) = page.select("//a[@rel = 'next']/@href")
    assert "51–60 из 60" in alice.client.get(following).page.text


def test_a_search_among_many_rules_waits_for_its_turn_and_no_other_page_does(
    shop: Stock, alice: Owner, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.02)
    with ExitStack() as others:
        for owner in range(WORKING):
            assert turns._take(f"owner {owner}")
            others.callback(turns._give_back, f"owner {owner}")
        assert alice.client.get(f"{RULES}?q=чай").status_code == 200
        monkeypatch.setattr(hoards, "MANY", 3)
        assert alice.client.get(RULES).status_code == 200
        assert alice.client.get(f"{RULES}?q=чай").status_code == 429
        for data in ({"scope": "found"}, {"only": key_of(alice, "tea")}):
            assert alice.client.post(f"{RULES}/remove?q=чай", data=data).status_code == 429
        assert len(shop.rules()) == 6
    assert alice.client.get(f"{RULES}?q=чай").status_code == 200


@on_both
def test_one_is_taken_off_at_once_and_the_history_takes_it_back(shop: Stock, alice: Owner):
    before, (removed, following) = shop.rules(), (key_of(alice, id) for id in ("tea", "drinks"))
    answer = alice.client.post(f"{RULES}/remove?store_id=s1", data={"only": removed})
    assert answer.location == f"{RULES}?store_id=s1#r{following}"
    assert set(before) - set(shop.rules()) == {("group", "s1", "tea")}
    page = alice.client.get(answer.location).page
    assert "tea" not in rules(page)
    (undo,) = page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo)
    assert shop.rules() == before


@on_both
@pytest.mark.parametrize(("narrowed", "left"), [("?mode=exclude", 3), ("", 0)])
def test_many_are_taken_off_after_a_look(shop: Stock, alice: Owner, narrowed: str, left: int):
    answer = alice.client.post(f"{RULES}/remove{narrowed}", data={"scope": "found"})
    plan = alice.client.get(answer.location).page
    assert len(shop.rules()) == 6
    (apply,) = plan.select("//form/@action[contains(., '/apply')]")
    alice.client.post(apply)
    assert len(shop.rules()) == left


@on_both
def test_ticked_ones_are_taken_off_together(shop: Stock, alice: Owner):
    ticked = [key_of(alice, "gone"), key_of(alice, "p1")]
    plan = alice.client.get(alice.client.post(f"{RULES}/remove", data={"n": ticked}).location).page
    alice.client.post(plan.select("//form/@action[contains(., '/apply')]")[0])
    assert {id for _, _, id in shop.rules()} == {"s1", "s2", "drinks", "tea"}


@on_both
def test_its_pages_cost_the_same_however_many_rules_there_are(shop: Stock, alice: Owner, count_statements):
    counts = []
    for more in (range(5), range(5, 120)):
        shop.rules_at_once({("product", "s1", f"x{n}"): "exclude" for n in more})
        with count_statements() as statements:
            page = alice.client.get(RULES).page
        counts.append(len(statements))
    # The second page has no rule on a group or a store, whose goods would have to be counted.
    assert counts[1] <= counts[0] <= 9
    (following,) = page.select("//a[@rel = 'next']/@href")
    assert "51–100 из 126" in alice.client.get(following).page.text


@on_both
def test_another_owners_rules_are_neither_shown_nor_taken_off(shop: Stock, alice: Owner, bob: Owner):
    his = Stock(bob)
    his.put("s1", products=[product("p1")])
    his.rule("product", "p1", "exclude")
    before = shop.rules()
    assert list(rules(bob.client.get(RULES).page)) == ["p1"]
    assert bob.client.get(f"{RULES}?store_id=s2").status_code == 404
    hers = key_of(alice, "tea")
    assert bob.client.post(f"{RULES}/remove", data={"only": hers}).status_code == 404
    planned = bob.client.post(f"{RULES}/remove", data={"n": [hers]})
    assert "Ничего не изменится" in bob.client.get(planned.location).page.text
    assert shop.rules() == before


@pytest.mark.parametrize("query", ["mode=none", "kind=shop", "after=x"])
def test_an_unusable_address_is_refused(shop: Stock, alice: Owner, query: str):
    assert alice.client.get(f"{RULES}?{query}").status_code == 400


@pytest.mark.parametrize("data", [{}, {"n": "x"}, {"only": "0"}, {"only": "мёд"}])
def test_an_unusable_form_changes_nothing(shop: Stock, alice: Owner, data: dict[str, str]):
    assert alice.client.post(f"{RULES}/remove", data=data).status_code == 400
    assert len(shop.rules()) == 6
