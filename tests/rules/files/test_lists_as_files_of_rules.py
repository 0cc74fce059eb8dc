"""A list of the catalogue as a file, changed in «Фильтр» and uploaded: only what differs changes."""

import pytest

from tests.databases import on_both
from tests.owners import Owner
from tests.rules.files.test_rule_files import apply, plan_of, send
from tests.stock import Stock, group, product

FORMATS = ("csv", "csv-ru")


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """Two stores with the same ids, names as people write them, rules of all kinds."""
    groups = [group("tea", "Чай; и «кофе»")]
    goods = [
        product("p1", "Улун, 100 г", "tea", quantity=2.5, price=350, article_number="007"),
        product("p2", "=Сенча", "tea", allow_to_sell=False),
        product("p3", 'Чашка "пара"'),
    ]
    stock.put("s1", "=Чайная, на углу", address="Ленина, 1; вход со двора", groups=groups, products=goods)
    stock.put("s2", "Склад", groups=groups, products=goods)
    stock.rule("group", "tea", "exclude")
    stock.rule("product", "p2", "include")
    stock.rule("product", "p3", "exclude", "s2")
    return stock


def file_of(owner: Owner, kind: str, format: str) -> str:
    store = "" if kind in ("stores", "all") else "&store_id=s1"
    return owner.client.get(f"/catalog/export?type={kind}{store}&format={format}").data.decode("utf-8-sig")


@pytest.mark.parametrize("format", FORMATS)
def test_a_list_that_was_not_changed_changes_nothing(alice: Owner, tea: Stock, format: str):
    for kind in ("stores", "groups", "products", "all"):
        plan = plan_of(alice, file_of(alice, kind, format))
        assert "Ничего не изменится: всё уже так." in plan.text, kind


@pytest.mark.parametrize("format", FORMATS)
def test_rows_whose_filter_differs_change_in_their_own_store(alice: Owner, tea: Stock, format: str):
    before = tea.rules()
    lines = file_of(alice, "all", format).splitlines(keepends=True)
    changed = [
        line.replace("Нет правила", "Исключено")
        if "Улун" in line and "Склад" in line
        else line.replace("Включено", "Нет правила")
        for line in lines
    ]
    plan = plan_of(alice, "".join(changed).encode("cp1251", "replace"))
    assert "Нет правила → Исключено" in plan.text and "Включено → Нет правила" in plan.text
    apply(alice, plan)
    after = {key: mode for key, mode in before.items() if key != ("product", "s1", "p2")}
    assert tea.rules() == {**after, ("product", "s2", "p1"): "exclude"}
    (undo,) = alice.client.get("/sync/history?kind=rules").page.select(
        "//form[contains(@action, '/undo')]/@action"
    )
    alice.client.post(undo)
    assert tea.rules() == before


@on_both
def test_stores_and_groups_are_changed_by_their_own_lists(alice: Owner, tea: Stock):
    apply(alice, plan_of(alice, file_of(alice, "stores", "csv").replace("Нет правила", "Исключено")))
    apply(alice, plan_of(alice, file_of(alice, "groups", "csv-ru").replace("Исключено", "Включено")))
    modes = {(kind, store): mode for (kind, store, _), mode in tea.rules().items() if kind != "product"}
    assert modes == {("store", "s1"): "exclude", ("store", "s2"): "exclude", ("group", "s1"): "include"}


def test_a_store_that_cannot_be_told_by_its_name_is_said_line_by_line(alice: Owner, bob: Owner, tea: Stock):
    text = file_of(alice, "products", "csv")
    plan = plan_of(bob, text)
    assert "Строка 2: магазина «=Чайная, на углу» нет в каталоге" in plan.text
    tea.put("s3", "=Чайная, на углу")
    plan = plan_of(alice, text)
    assert "Строка 4: магазинов «=Чайная, на углу» несколько" in plan.text
    assert "Ничего не изменится" in plan.text


def test_a_list_is_not_taken_for_all_rules(alice: Owner, tea: Stock):
    answer = send(alice, file_of(alice, "all", "csv"), remove_missing="1")
    assert answer.status_code == 422
    (error,) = answer.page.texts("//*[@id='file-error']")
    assert error.startswith("Это файл каталога: всех правил и условий в нём нет.")


def test_a_store_whose_name_begins_with_line_breaks_is_found_by_it(alice: Owner, tea: Stock):
    tea.put("s3", "\r\n Киоск", products=[product("k1", "Улун")])
    tea.put("s4", "\n=Лавка", products=[product("l1", "Сенча")])
    plan = plan_of(alice, file_of(alice, "all", "csv").replace("Нет правила", "Исключено"))
    assert "нет в каталоге" not in plan.text
    apply(alice, plan)
    assert {("product", "s3", "k1"), ("product", "s4", "l1")} <= tea.rules().keys()
