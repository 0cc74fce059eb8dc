"""One click on a row: a rule is made, changed or taken off, and nothing else."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rules.models import SyncFilter
from tests.checking_client import CheckedResponse, CheckingClient
from tests.owners import Owner
from tests.stock import Stock, group, product

TARGETS = {"store": "s1", "group": "tea", "product": "p1"}
PAGES = {
    "store": "/catalog",
    "group": "/catalog/groups?store_id=s1",
    "product": "/catalog/products?store_id=s1",
}
BADGES = {"include": "✓ Включено", "exclude": "✗ Исключено", "none": "— Нет правила"}
clicks = st.lists(st.tuples(st.sampled_from(sorted(TARGETS)), st.sampled_from(sorted(BADGES))), max_size=6)


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """A shop with one of each kind, and the same ids in a second shop."""
    for store_id, name in (("s1", "Чайная"), ("s2", "Склад")):
        goods = [product("p1", "Улун", "tea"), product("p2", "Ложка")]
        stock.put(store_id, name, groups=[group("tea", "Чай")], products=goods)
    return stock


def click(owner: Owner, entity_type: str, mode: str, **fields: str) -> CheckedResponse:
    """Send the form of a row, as HTMX does."""
    form = {"entity_type": entity_type, "entity_id": TARGETS[entity_type], "store_id": "s1"}
    return owner.client.htmx_post("/catalog/filter", form | {"filter_mode": mode} | fields)


@pytest.mark.parametrize("entity_type", TARGETS)
@pytest.mark.parametrize("mode", BADGES)
def test_a_click_answers_with_the_one_changed_row(stock: Stock, alice: Owner, entity_type: str, mode: str):
    page = alice.client.get(PAGES[entity_type]).page
    (shown,) = page.select(f"//tr[@data-evotor-id = '{TARGETS[entity_type]}']")

    answer = click(alice, entity_type, mode)

    assert answer.status_code == 200
    (row,) = answer.page.select("//tr")
    assert row.xpath("./th/@id") == shown.xpath("./th/@id")
    assert (row.get("data-entity"), row.get("data-evotor-id")) == (entity_type, TARGETS[entity_type])
    assert row.get("data-store-id") == "s1"
    assert answer.text.strip().startswith("<tr") and answer.text.strip().endswith("</tr>")
    assert BADGES[mode] in answer.page.text
    assert answer.page.select("//button[@aria-pressed = 'true']/@value") == [mode]
    key = (entity_type, "s1", TARGETS[entity_type])
    assert stock.rules() == ({} if mode == "none" else {key: mode})


def test_the_answer_to_a_click_is_small(stock: Stock, alice: Owner):
    store_id, product_id = "20240115-7B1C-40A2-80F3-5D0E9A41C7B2", "1b3c2a4e-0f5d-5e6a-9b7c-8d9e0f1a2b3c"
    group_id = "0a1b2c3d-4e5f-5061-8293-a4b5c6d7e8f9"
    name = "Чай «Дарджилинг первый сбор», 100 г"
    fields = {
        "measure_name": "шт",
        "article_number": "CH-000123",
        "allow_to_sell": True,
        "price": Decimal("780"),
        "quantity": Decimal("12.5"),
    }
    goods = [product(product_id, name, group_id, **fields)]
    stock.put(store_id, groups=[group(group_id, "Индия и Цейлон")], products=goods)
    stock.rule("group", group_id, "exclude", store_id)
    for mode in BADGES:
        form = {"entity_type": "product", "entity_id": product_id, "store_id": store_id, "filter_mode": mode}
        answer = alice.client.htmx_post("/catalog/filter", form)
        assert len(answer.data) <= 1536, answer.text


def test_the_changed_row_knows_what_takes_the_change_back(stock: Stock, alice: Owner):
    click(alice, "product", "include")
    (row,) = click(alice, "product", "exclude").page.select("//tr")
    assert row.get("data-undo") == "include"


@pytest.mark.parametrize("entity_type", TARGETS)
def test_each_step_is_undone_by_its_opposite_in_any_order(stock: Stock, alice: Owner, entity_type: str):
    untouched = alice.client.get(PAGES[entity_type]).page.texts("//tr")
    for order in itertools.permutations(BADGES):
        for mode in order:
            assert BADGES[mode] in click(alice, entity_type, mode).page.text
        click(alice, entity_type, "none")
        assert stock.rules() == {}
    assert alice.client.get(PAGES[entity_type]).page.texts("//tr") == untouched


@settings(max_examples=6)
@given(before=clicks, during=clicks)
def test_taking_back_every_click_restores_exactly_what_was_before(
    stock: Stock, alice: Owner, before: list[tuple[str, str]], during: list[tuple[str, str]]
):
    stock.forget_rules()
    for entity_type, mode in before:
        click(alice, entity_type, mode)
    rules = stock.rules()
    undone = [
        (entity_type, click(alice, entity_type, mode).page.select("//tr/@data-undo")[0])
        for entity_type, mode in during
    ]
    for entity_type, mode in reversed(undone):
        click(alice, entity_type, mode)
    assert stock.rules() == rules


def test_a_form_may_name_its_row_by_the_id_of_the_rows_head(stock: Stock, alice: Owner, bob: Owner):
    for entity_type, address in PAGES.items():
        (head,) = alice.client.get(address).page.select(
            f"//tr[@data-evotor-id = '{TARGETS[entity_type]}']/th/@id"
        )
        form = {"row": head, "filter_mode": "exclude"}
        assert bob.client.htmx_post("/catalog/filter", form).status_code == 404
        assert "✗ Исключено" in alice.client.htmx_post("/catalog/filter", form).page.text
    assert stock.rules() == {(kind, "s1", id): "exclude" for kind, id in TARGETS.items()}
    assert Stock(bob).rules() == {}
    for head in ("", "p", "p0", "x1", "1", f"p{2**63}", "p" + "9" * 5000):
        form = {"row": head, "filter_mode": "include"}
        assert alice.client.htmx_post("/catalog/filter", form).status_code == 404


def test_a_rule_on_a_group_leaves_the_rules_of_its_goods_alone(stock: Stock, alice: Owner):
    click(alice, "product", "include")
    click(alice, "group", "exclude")
    page = alice.client.get(PAGES["product"]).page
    assert page.texts("//tr[@data-evotor-id = 'p1']/td[@class = 'result']//small") == ["правило товара"]
    click(alice, "group", "none")
    assert stock.rules() == {("product", "s1", "p1"): "include"}


def test_the_same_id_in_another_store_keeps_its_own_rule(stock: Stock, alice: Owner):
    click(alice, "product", "exclude")
    assert stock.rules() == {("product", "s1", "p1"): "exclude"}
    elsewhere = alice.client.get("/catalog/products?store_id=s2").page
    assert "✗ Исключено" not in elsewhere.text


def tags(row: Any) -> list[str]:
    return ["hidden" if each.get("type") == "hidden" else each.tag for each in row.iter()]


def test_the_row_keeps_the_shape_that_it_has_in_its_table(stock: Stock, alice: Owner):
    for address in ("/catalog/products?store_id=s1", "/catalog/products?store_id=s1&group_id=tea"):
        page = alice.client.get(address).page
        (shown,) = page.select("//tr[@data-evotor-id = 'p1']")
        for _ in range(2):
            (action,) = shown.xpath(".//form/@action")
            (row,) = alice.client.htmx_post(action, {"filter_mode": "none"}).page.select("//tr")
            names = [each.split()[0] for each in row.xpath("./td/@class")]
            assert names == page.select("//thead//th/@class")[1:]
            # HTMX, which swapped it in, sends the token in a header.
            assert tags(row) == [tag for tag in tags(shown) if tag != "hidden"]
            # The next click is the swapped row's own.
            shown = row


def test_the_name_and_the_parent_come_from_the_catalogue_not_from_the_form(
    stock: Stock, alice: Owner, db_session: Session
):
    click(alice, "product", "include", entity_name="Ложь", parent_entity_id="elsewhere")
    rule = db_session.scalars(select(SyncFilter)).one()
    assert (rule.entity_name, rule.parent_entity_id) == ("Улун", "tea")


def test_a_rule_survives_a_good_that_disappears_and_returns(stock: Stock, alice: Owner):
    click(alice, "product", "exclude")
    click(alice, "group", "exclude")
    stock.put("s1", "Чайная")
    assert alice.client.get(PAGES["product"]).page.select("//tr[@data-entity]") == []

    stock.put("s1", "Чайная", groups=[group("tea", "Чай")], products=[product("p1", "Улун", "tea")])

    assert "✗ Исключено" in alice.client.get(PAGES["product"]).page.texts("//tbody/tr")[0]
    assert "✗ Исключено" in alice.client.get(PAGES["group"]).page.texts("//tbody/tr")[0]


def test_the_rule_of_a_good_that_is_gone_can_still_be_taken_off(stock: Stock, alice: Owner):
    click(alice, "product", "exclude")
    stock.put("s1", "Чайная")
    answer = click(alice, "product", "none")
    assert (answer.status_code, answer.text.strip(), stock.rules()) == (200, "", {})


UNUSABLE = [
    {"filter_mode": ""},
    {"filter_mode": "publish"},
    {"entity_type": "shelf"},
    {"entity_type": ""},
    {"entity_id": ""},
    {"entity_id": "x" * 256},
    {"entity_id": "nul\0"},
    {"store_id": ""},
    {"store_id": "x" * 256},
]


def test_an_unusable_field_is_refused_with_a_sentence(stock: Stock, alice: Owner, subtests: pytest.Subtests):
    form = {"entity_type": "product", "entity_id": "p1", "store_id": "s1", "filter_mode": "exclude"}
    for fields in UNUSABLE:
        for send in (alice.client.htmx_post, alice.client.post):
            with subtests.test(str(fields)):
                answer = send("/catalog/filter", data=form | fields)
                assert answer.status_code == 400
                (sentence,) = answer.page.texts("//*[@data-error]")
                assert "поле «" in sentence.lower() and sentence.endswith(".")
    assert stock.rules() == {}


@pytest.mark.parametrize("entity_type", TARGETS)
def test_an_unknown_entity_is_not_found(stock: Stock, alice: Owner, entity_type: str):
    assert click(alice, entity_type, "exclude", entity_id="nothing").status_code == 404
    assert stock.rules() == {}


@pytest.mark.parametrize("entity_type", TARGETS)
def test_what_belongs_to_somebody_else_is_not_found(stock: Stock, alice: Owner, bob: Owner, entity_type: str):
    click(alice, entity_type, "exclude")
    for mode in BADGES:
        assert click(bob, entity_type, mode).status_code == 404
    assert stock.rules() == {(entity_type, "s1", TARGETS[entity_type]): "exclude"}
    assert Stock(bob).rules() == {}


def test_a_click_without_the_token_changes_nothing(stock: Stock, alice: Owner):
    form = {"entity_type": "store", "entity_id": "s1", "filter_mode": "exclude"}
    assert alice.client.post("/catalog/filter", data=form, csrf=False).status_code == 400
    assert alice.client.get("/catalog/filter", query_string=form).status_code == 405
    assert stock.rules() == {}


def test_a_click_after_the_session_has_ended_leads_to_the_login(stock: Stock, client: CheckingClient):
    form = {"entity_type": "store", "entity_id": "s1", "filter_mode": "exclude"}
    for token in ({}, {"X-CSRFToken": client.csrf_token()}):
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", **token}
        answer = client.post("/catalog/filter", data=form, csrf=False, headers=headers)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login?ended=1")
    assert stock.rules() == {}
