"""The CSV files, to the last byte."""

import csv
import io
import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Numeric, cast, select

from app.catalog.export.csv_stream import number_cell, number_text
from app.data.db import db
from app.web.csv_cells import csv_lines, guarded_line, may_hold_formula, text_cell, text_of_cell
from app.web.sheet import DIALECTS
from tests.catalog.export.files import BOM, download, rows_of
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product
from tests.thoroughness import examples

WITH_DATABASE = settings(max_examples=examples(12))
numbers = st.none() | st.decimals(-99999999, 99999999, places=3)
# What cannot be seen is left out when the till's words are read; of what is odd the signs of a file are most.
texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn"]) | st.sampled_from("\t\r\n=+-@;,\"'"),
    max_size=20,
)


@pytest.fixture
def stock(stock: Stock) -> Stock:
    tea = product(
        "t-1",
        'Чай "Утро", 100 г',
        "tea",
        price=Decimal("350"),
        quantity=Decimal("180"),
        measure_name="шт",
        article_number="000123",
        allow_to_sell=True,
    )
    loose = product("t-2", "Улун; на развес", "tea", quantity=Decimal("0.125"), allow_to_sell=False)
    bare = product("t-3", "-50% вчерашнее", price=Decimal("1234.5"), quantity=Decimal("-3.25"))
    stock.put(
        "s1", "Чайная", address="Калуга, дом 1", groups=[group("tea", "Чай")], products=[tea, loose, bare]
    )
    stock.put("s2", "Склад")
    stock.rule("product", "t-1", "include")
    stock.rule("group", "tea", "exclude")
    return stock


def test_the_file_of_stores(stock: Stock, alice: Owner):
    stock.rule("store", "s2", "exclude")
    assert download(alice, "type=stores").data.decode() == (
        f'{BOM}Название,Адрес,ID,Фильтр\r\nСклад,,s2,Исключено\r\nЧайная,"Калуга, дом 1",s1,Нет правила\r\n'
    )


def test_the_file_of_groups(stock: Stock, alice: Owner):
    assert download(alice, "type=groups&store_id=s1").data.decode() == (
        f"{BOM}Магазин,Название,ID,Фильтр\r\nЧайная,Чай,tea,Исключено\r\n"
    )


def test_the_file_of_products(stock: Stock, alice: Owner):
    assert download(alice, "type=products&store_id=s1").data.decode() == (
        f"{BOM}Магазин,Группа,Название,Артикул,Цена,Количество,Ед. измерения,В продаже,ID,Фильтр\r\n"
        "Чайная,,'-50% вчерашнее,,1234.50,-3.25,,,t-3,Нет правила\r\n"
        "Чайная,Чай,Улун; на развес,,,0.125,,Нет,t-2,Нет правила\r\n"
        'Чайная,Чай,"Чай ""Утро"", 100 г",000123,350.00,180.0,шт,Да,t-1,Включено\r\n'
    )


def test_the_file_for_russian_excel(stock: Stock, alice: Owner):
    assert download(alice, "type=products&store_id=s1&format=csv-ru").data.decode() == (
        f"{BOM}Магазин;Группа;Название;Артикул;Цена;Количество;Ед. измерения;В продаже;ID;Фильтр\r\n"
        "Чайная;;'-50% вчерашнее;;1234,50;-3,25;;;t-3;Нет правила\r\n"
        'Чайная;Чай;"Улун; на развес";;;0,125;;Нет;t-2;Нет правила\r\n'
        'Чайная;Чай;"Чай ""Утро"", 100 г";000123;350,00;180,0;шт;Да;t-1;Включено\r\n'
    )


def test_an_empty_list_is_a_file_with_headers_only(stock: Stock, alice: Owner):
    assert download(alice, "type=groups&store_id=s2").text == f"{BOM}Магазин,Название,ID,Фильтр\r\n"


@pytest.mark.parametrize("kind", ["stores", "groups", "products"])
def test_the_file_is_named_by_its_list_and_the_owners_day(stock: Stock, alice: Owner, kind: str):
    for zone, offset in (("Pacific/Kiritimati", 14), ("Pacific/Midway", -11)):
        alice.client.post("/profile", data={"name": "Alice", "timezone": zone})
        before = datetime.now(UTC).timestamp() + offset * 3600
        answer = download(alice, f"type={kind}&store_id=s1")
        days = {datetime.fromtimestamp(at, UTC).date().isoformat() for at in (before, before + 60)}
        found = re.fullmatch(
            rf'attachment; filename="{kind}_(.*)\.csv"', answer.headers["Content-Disposition"]
        )
        assert found and found[1] in days
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


@on_both
def test_the_file_holds_what_the_screen_shows_in_its_order(stock: Stock, alice: Owner):
    for query in (
        "store_id=s1",
        "store_id=s1&sort=price&dir=desc",
        "store_id=s1&sort=quantity",
        "store_id=s1&group_id=tea&sort=article_number",
        "store_id=s1&q=чай",
        "store_id=s1&result=published",
        "store_id=s1&result=hidden&rule=none&on_sale=no",
        "store_id=s1&rule=include",
    ):
        shown = ids_at(alice, f"/catalog/products?{query}")
        assert shown, query
        assert [row[8] for row in rows_of(download(alice, f"type=products&{query}").text)] == shown


def test_the_link_of_a_list_brings_its_file(stock: Stock, alice: Owner):
    for address in (
        "/catalog?q=чай",
        "/catalog/groups?store_id=s1&rule=exclude",
        "/catalog/products?store_id=s1&q=у",
    ):
        page = alice.client.get(address).page
        (link,) = page.select("//a[@id = 'export']/@href")
        ids = page.select("//tbody/tr/@data-evotor-id")
        lines = rows_of(alice.client.get(link).text)
        assert ids and [line[8 if len(line) == 10 else 2] for line in lines] == ids


def test_every_page_of_the_list_is_in_the_file(stock: Stock, alice: Owner):
    stock.put(products=[product(f"p{number:04}") for number in range(1203)])
    page = alice.client.get("/catalog/products?store_id=s1&per_page=25").page
    (further,) = page.select("//a[@rel = 'next']/@href")
    (link,) = alice.client.get(further).page.select("//a[@id = 'export']/@href")
    assert [line[8] for line in rows_of(alice.client.get(link).text)] == [f"p{n:04}" for n in range(1203)]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "type=",
        "type=users",
        "type=stores&format=exe",
        "type=products",
        "type=groups",
        "type=stores&sort=price",
    ],
)
def test_a_file_that_is_not_offered_is_refused_with_a_sentence(stock: Stock, alice: Owner, query: str):
    answer = alice.client.get(f"/catalog/export?{query}")
    assert answer.status_code == 400
    assert answer.page.texts("//*[@data-error]")[0].endswith(".")


SIGNS = "=+-@＝＋－＠"
SEPARATORS = ",;\t\r\n"
risky_texts = (
    texts
    | texts.map(lambda text: " =" + text)
    | st.sampled_from(["=1+1", "\t=x", "\r@", "\u00a0-1", "+", "@a", "＝1+1", "чай;=1+1", "чай,'=1;\n+2"])
    | st.sampled_from(['x;"=1+1;y', "Кофе, + сливки", '"=1', '" =1', 'x;" =1'])
    | st.text(SIGNS + SEPARATORS + "'\" \xa0чx", max_size=12)
)
INNER_FORMULA = re.compile(rf"""[{SEPARATORS}][\s'"]*[{re.escape(SIGNS)}]""")


@given(text=risky_texts)
def test_no_text_cell_is_run_as_a_formula(text: str):
    cell = text_cell(text)
    blanks = text[: len(text) - len(text.lstrip())]
    # Quotes before the sign may be gone in a spreadsheet: it takes them for its own.
    runs = text.lstrip("'\" \xa0\t\r\n").startswith(tuple(SIGNS))
    if runs or text[:1] in ("\t", "\r"):
        assert cell[0] == "'"
    is_safe = not runs and not set(blanks) & {"\t", "\r"}
    if is_safe and text[:1] != "'" and not INNER_FORMULA.search(text):
        assert cell == text
    assert text_of_cell(cell) == text


@given(text=risky_texts)
def test_no_text_is_run_by_a_spreadsheet_that_separates_otherwise(text: str):
    for separator, other in (",;", ";,"):
        line = csv_lines([["1", text_cell(text), "2"]], separator)
        rows = csv.reader(io.StringIO(line.replace("\r", "\n")), delimiter=other)
        for cell in itertools.chain(re.split(f"[{SEPARATORS}]", line), *rows):
            assert not cell.lstrip('" \xa0').startswith(tuple(SIGNS))


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("x; =1+1", "x;' =1+1"),
        ('x;" =1+1', "x;'\" =1+1"),
        ("x;\xa0=1+1", "x;'\xa0=1+1"),
        # Where nothing begins that may be run the words are left as they are.
        ("Сахар, соль, - 5 г", "Сахар, соль,' - 5 г"),
        ("Чай, 5%-й - «Утро»", "Чай, 5%-й - «Утро»"),
    ],
)
def test_the_sign_of_a_formula_is_guarded_behind_blanks_too(text: str, cell: str) -> None:
    assert text_cell(text) == cell
    assert text_of_cell(cell) == text


@given(cells=st.lists(risky_texts, min_size=2, max_size=5), delimiter=st.sampled_from(",;"))
def test_every_line_that_needs_a_guard_is_suspected_and_gets_it(cells: list[str], delimiter: str):
    line = csv_lines([cells], delimiter).encode().removesuffix(b"\r\n")
    safe = [text_cell(cell) for cell in cells]
    assert guarded_line(line, range(len(cells)), delimiter) == csv_lines([safe], delimiter).encode()
    assert may_hold_formula(b"a,b\n" + line) or safe == cells
    assert not may_hold_formula('Чай-1,Кофе (3 в 1) - «Утро»,0-1,1+1\n"Чай, 5%-й"'.encode())


@on_both
@given(
    rows=st.lists(st.tuples(texts | st.sampled_from(['"', ",", ";", "\n", "\r"]), texts), min_size=1),
    delimiter=st.sampled_from(",;"),
)
def test_lines_are_those_of_the_csv_module(rows: list[tuple[str, str]], delimiter: str):
    piece = io.StringIO(newline="")
    csv.writer(piece, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    assert csv_lines(rows, delimiter) == piece.getvalue()


@on_both
@WITH_DATABASE
@given(
    written=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=50),
    dialect=st.sampled_from(sorted(DIALECTS)),
)
def test_numbers_are_written_as_numbers(
    app: Flask, written: list[tuple[Decimal | None, Decimal | None]], dialect: str
):
    point = DIALECTS[dialect].decimal_point
    values = [(None if price is None else round(price, 2), quantity) for price, quantity in written]
    with app.app_context():
        flat = [(value, decimals) for pair in values for value, decimals in zip(pair, (2, 3), strict=True)]
        row: Sequence[str | None]
        if db.engine.dialect.name == "sqlite":
            stored = [None if value is None else float(value) for value, _ in flat]
            row = [
                number_text(value, decimals, point) or None
                for value, (_, decimals) in zip(stored, flat, strict=True)
            ]
        else:
            cells = [
                number_cell(cast(value, Numeric(12, decimals)), decimals, point) for value, decimals in flat
            ]
            row = db.session.execute(select(*(cell.label(f"c{n}") for n, cell in enumerate(cells)))).one()
    shapes = itertools.cycle((r"-?\d+P\d\d", r"-?\d+P(\d|\d{0,2}[1-9])"))
    for value, cell, shape in zip(itertools.chain(*values), row, shapes, strict=False):
        if value is None:
            assert cell is None
        else:
            assert re.fullmatch(shape.replace("P", re.escape(point)), cell)
            assert Decimal(cell.replace(",", ".")) == value


@on_both
@WITH_DATABASE
@given(
    names=st.lists(texts.filter(str.strip), min_size=1, max_size=5),
    articles=st.lists(texts.filter(str.strip), min_size=5, max_size=5),
    dialect=st.sampled_from(sorted(DIALECTS)),
)
def test_any_text_comes_back_out_of_the_file(
    stock: Stock, alice: Owner, names: list[str], articles: list[str], dialect: str
):
    goods = [product(f"p{n}", name, article_number=articles[n]) for n, name in enumerate(names)]
    stock.put("s1", "=Чайная", products=goods)
    text = download(alice, f"type=products&store_id=s1&format={dialect}").text
    lines = rows_of(text, DIALECTS[dialect].delimiter)
    read = {line[8]: (line[0], line[2], line[3]) for line in lines}
    assert read == {
        f"p{n}": ("'=Чайная", text_cell(name), text_cell(articles[n])) for n, name in enumerate(names)
    }


def test_nobody_gets_a_file_without_signing_in(client, stock: Stock):
    answer = client.get("/catalog/export?type=stores")
    assert (answer.status_code, answer.location) == (303, "/login?next=/catalog/export?type%3Dstores")
