"""Conditions travel with the rules: out in words, changed in a spreadsheet, back as a plan."""

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.rules.criteria.criterion import KINDS, PRICE, STOCK, TYPE, TYPES, WORD, Criterion
from app.rules.criteria.written import read_written, written
from app.rules.files.criteria import policy_of_lines
from app.rules.files.read_file import ConditionLine
from app.rules.policy import Policy
from app.rules.read import policy_of
from tests.owners import Owner
from tests.rules.files.test_rule_files import HEADER, apply, download, plan_of
from tests.stock import Stock, product

LOW = Criterion("0000000a", "exclude", STOCK, high=Decimal(3), is_below=True)
DEAR = Criterion("0000000b", "exclude", PRICE, low=Decimal("1000.5"))
TEA = Criterion("0000000c", "include", WORD, text="чай зеленый", is_part=True)
NUMBERS = st.decimals(0, 10**9, places=2)


@st.composite
def criteria(draw: st.DrawFn) -> Criterion:
    """Any condition that the page lets one make."""
    criterion = Criterion(
        "0000000d", draw(st.sampled_from(["include", "exclude"])), draw(st.sampled_from(KINDS))
    )
    if criterion.kind == STOCK:
        number = draw(NUMBERS)
        bounds: list[dict[str, Any]] = [{"low": number}, {"high": number}, {"high": number, "is_below": True}]
        bounds.append({"low": Decimal(0), "high": Decimal(0)})
        return criterion._replace(**draw(st.sampled_from(bounds)))
    if criterion.kind == PRICE:
        low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
        ranges: list[dict[str, Any]] = [{"low": low}, {"high": high}, {"low": low, "high": high}]
        return criterion._replace(**draw(st.sampled_from(ranges)))
    if criterion.kind == TYPE:
        return criterion._replace(text=draw(st.sampled_from(TYPES)))
    if criterion.kind == WORD:
        words = st.lists(st.text("абвгдийчшщюяz09", min_size=1, max_size=9), min_size=1, max_size=4)
        return criterion._replace(text=" ".join(draw(words)), is_part=draw(st.booleans()))
    return criterion


@pytest.fixture
def tea(stock: Stock) -> Stock:
    stock.put(
        products=[product("p1", "Улун", quantity=10, price=350), product("p2", "Пуэр", quantity=2, price=90)]
    )
    stock.policy(Policy((LOW, TEA)))
    return stock


def conditions_of(owner: Owner) -> tuple[Criterion, ...]:
    with owner.app.app_context():
        return policy_of(owner.id).criteria


def lines(*rows: tuple[str, str, str | None]) -> list[ConditionLine]:
    return [ConditionLine(number, *row) for number, row in enumerate(rows, 2)]


@given(criterion=criteria())
def test_what_is_written_is_read_as_it_was(app: Flask, criterion: Criterion) -> None:
    text = written(criterion).encode("cp1251").decode("cp1251")
    with app.test_request_context():
        assert read_written(text, criterion.key, criterion.mode) == criterion


def test_the_file_is_changed_by_hand_looked_at_applied_and_taken_back(
    alice: Owner, bob: Owner, tea: Stock
) -> None:
    text = download(alice)
    assert text.split("\r\n")[1:3] == [
        "Условие,,остаток меньше 3,,id-0000000a,Исключено",
        'Условие,,"в названии есть «чай», «зеленый», и как часть слова",,id-0000000c,Включено',
    ]
    # A file from before has bare digits there, which spreadsheets took for numbers.
    for file in (text, text.replace("id-", "")):
        assert "Ничего не изменится" in plan_of(alice, file, remove_missing="1").text
    changed = HEADER + (
        "Условие,,Цена от 1 000.5 ₽,,,исключено\r\n"
        "Условие,,остаток равен 0,,0000000a,Исключено\r\n"
        "Условие,,цена примерно 5,,,Исключено\r\n"
        "Условие,,остаток равен 0,,,Включено\r\n"
        "Условие,,тип: рыба,,,Исключено\r\n"
        "Условие,,нет фото,,,Может быть\r\n"
    )
    plan = plan_of(alice, changed)
    for sentence in (
        "Строка 4: условие «цена примерно 5» не понятно. Примеры: остаток меньше 3;",
        "Строка 5: такое условие уже есть",
        "Строка 6: типа «рыба» нет. Допустимо: обычный товар, услуга,",
        "Строка 7: «Может быть» не подходит",
        "Публикуется 1 → 2",
        "Условие: не публиковать, если остаток меньше 3 → не публиковать, если остаток равен 0",
    ):
        assert sentence in plan.text
    assert conditions_of(alice) == (LOW, TEA)
    apply(alice, plan)
    dear, none_left, words = conditions_of(alice)
    assert (dear.says, none_left.key, none_left.low, words) == (DEAR.says, LOW.key, Decimal(0), TEA)
    (undo,) = alice.client.get("/sync/history?kind=rules").page.select(
        "//form[contains(@action, '/undo')]/@action"
    )
    alice.client.post(undo)
    assert conditions_of(alice) == (LOW, TEA)
    apply(bob, plan_of(bob, text))
    assert (conditions_of(bob), conditions_of(alice)) == ((LOW, TEA), (LOW, TEA))


@pytest.mark.parametrize(
    ("rows", "remove", "keys"),
    [
        (
            [("0000000b", "цена от 1000,5", "exclude"), ("0000000a", "остаток меньше 3", "exclude")],
            False,
            "bca",
        ),
        ([("0000000b", "цена от 1000,5", "exclude")], True, "b"),
        ([("0000000b", "что-то", None)], True, "b"),
        ([("0000000b", "цена от 1000,5", None)], False, "ac"),
        ([("", "цена от 1000,5", "exclude")], False, "abc"),
        ([("0000000d", "нет цены", "exclude"), ("0000000a", "остаток меньше 3", "exclude")], False, "dabc"),
        ([], True, ""),
    ],
)
def test_order_and_what_is_left_out(app: Flask, rows: list, remove: bool, keys: str) -> None:
    present = Policy((LOW, DEAR, TEA))
    with app.test_request_context():
        becomes, _ = policy_of_lines(lines(*rows), present, remove_missing=remove)
    assert "".join(criterion.key[-1] for criterion in becomes.criteria) == keys


def test_no_more_conditions_than_the_page_allows(app: Flask) -> None:
    with app.test_request_context():
        rows = [("", f"остаток меньше {number}", "exclude") for number in range(1, 33)]
        becomes, refused = policy_of_lines(lines(*rows), Policy((DEAR,)), remove_missing=False)
    assert (len(becomes.criteria), [line.number for line in refused]) == (30, [31, 32, 33])
