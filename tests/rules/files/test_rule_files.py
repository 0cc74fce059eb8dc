"""All rules as a file: out, changed in a spreadsheet, and back as one step."""

import io
import tempfile
import tracemalloc
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.accounts.models import User
from app.rules.changes.plan import FILE
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.files.plan_import import plan_import
from app.rules.files.read_file import LONGEST_LINE, MOST_COLUMNS, MOST_LINES, BadFile, Line, read_rules
from app.rules.files.routes import MAX_FILE_BYTES
from app.rules.models import RuleChange, RuleChangeItem
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product
from tests.thoroughness import IS_LONG

HEADER = "Вид,Магазин,Название,ID магазина,ID,Фильтр\r\n"


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """A store with a group, three goods and two rules."""
    stock.put(
        groups=[group("tea", "Чай")],
        products=[product("p1", "Ассам", "tea"), product("p2", "=Цейлон", "tea"), product("p3", "Пиала")],
    )
    stock.rule("group", "tea", "exclude")
    stock.rule("product", "p2", "include")
    return stock


def download(owner: Owner) -> str:
    return owner.client.get("/sync/rules/export").data.decode("utf-8-sig")


def send(owner: Owner, text: str | bytes, name: str = "rules.csv", **fields: str):
    content = text.encode() if isinstance(text, str) else text
    form = {"csrf_token": owner.client.csrf_token(), "file": FileStorage(io.BytesIO(content), name), **fields}
    # Encoded here: the client would leave a big form in a file that nobody closes.
    boundary, body = encode_multipart(form)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return owner.client.post("/sync/rules/import", data=body, content_type=kind, csrf=False)


def plan_of(owner: Owner, text: str | bytes, **fields: str):
    answer = send(owner, text, **fields)
    assert answer.status_code == 303, answer.page.text
    return owner.client.get(answer.headers["Location"]).page


def apply(owner: Owner, plan) -> None:
    owner.client.post(plan.select("//form/@action[contains(., '/apply')]")[0])


def test_the_file_holds_every_rule(alice: Owner, tea: Stock):
    answer = alice.client.get("/sync/rules/export")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = download(alice).split("\r\n")
    assert lines[0] + "\r\n" == HEADER
    assert "Группа,Чайная,tea,s1,tea,Исключено" in lines
    assert len(lines) == 4


def test_an_unchanged_file_changes_nothing(alice: Owner, tea: Stock):
    plan = plan_of(alice, download(alice), remove_missing="1")
    assert "Ничего не изменится" in plan.text


@on_both
def test_new_changed_and_removed_rules_are_shown_then_applied_as_one_step(alice: Owner, tea: Stock):
    before = tea.rules()
    text = HEADER + (
        "Группа,Чайная,Чай,s1,tea,Включено\r\n"
        "Товар,Чайная,Цейлон,s1,p2,Нет правила\r\n"
        "Товар,Чайная,Пиала,s1,p3,Исключено\r\n"
        "Магазин,Чайная,Чайная,s1,s1,Включено\r\n"
    )
    plan = plan_of(alice, text)
    for sentence in ("Исключено → Включено", "Включено → Нет правила", "Нет правила → Исключено"):
        assert sentence in plan.text
    assert "Начнут публиковаться: 1. Перестанут публиковаться: 1" in plan.text
    assert tea.rules() == before
    apply(alice, plan)
    assert tea.rules() == {
        ("group", "s1", "tea"): "include",
        ("product", "s1", "p3"): "exclude",
        ("store", "s1", "s1"): "include",
    }
    (undo,) = alice.client.get("/sync/history?kind=rules").page.select(
        "//form[contains(@action, '/undo')]/@action"
    )
    alice.client.post(undo)
    assert tea.rules() == before


@on_both
def test_rules_that_the_file_does_not_name_stay_unless_asked(alice: Owner, tea: Stock):
    text = HEADER + "Товар,Чайная,Пиала,s1,p3,Исключено\r\n"
    apply(alice, plan_of(alice, text))
    assert len(tea.rules()) == 3
    apply(alice, plan_of(alice, text, remove_missing="1"))
    assert tea.rules() == {("product", "s1", "p3"): "exclude"}


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("Исключено", "Исключенно"),
        ("Группа", "Групппа"),
        (",tea,", ",teа,"),
        (",tea,", ",,"),
    ],
    ids=["mode", "kind", "a letter of the ID", "no ID"],
)
def test_a_misspelt_line_takes_off_no_rule_that_it_may_be_about(
    alice: Owner, tea: Stock, typed: str, instead: str
):
    text = download(alice)
    shorter = "".join(line for line in text.splitlines(True) if ",p2," not in line)
    plan = plan_of(alice, shorter.replace(typed, instead), remove_missing="1")
    assert "Правила и условия, которых нет в файле, остаются" in plan.text
    assert "Ничего не изменится" in plan.text
    assert download(alice) == text
    apply(alice, plan_of(alice, shorter, remove_missing="1"))
    assert download(alice) == shorter


def test_others_write_while_a_file_is_read(app: Flask, alice: Owner, tea: Stock, db_session: Session):
    def lines() -> Iterator[Line]:
        for number in range(1, 1001):
            yield Line(number, (PRODUCT, "s1", f"p{number}"), "Чай", INCLUDE)
        # Does not wait: a SQLite that is held answers "database is locked". The connection is nobody else's.
        db_session.connection().detach()
        db_session.execute(text("PRAGMA busy_timeout = 0"))
        db_session.execute(update(User).where(User.id == alice.id).values(name="Алиса"))
        raise BadFile("Файл слишком длинный.")

    with app.test_request_context(), pytest.raises(BadFile):
        plan_import(alice.id, lines(), "rules.csv", remove_missing=False)
    assert db_session.scalar(select(func.count()).select_from(RuleChangeItem)) == 0
    assert not db_session.scalars(select(RuleChange).filter_by(kind=FILE)).all()


def test_each_unusable_line_is_named_and_the_rest_can_be_applied(alice: Owner, tea: Stock):
    text = HEADER + (
        "Товар,Чайная,Пиала,s1,p3,Исключено\r\n"
        "Товар,Чайная,Кофе,s1,p9,Исключено\r\n"
        "Полка,Чайная,Пиала,s1,p3,Исключено\r\n"
        "Товар,Чайная,Ассам,s1,p1,Может быть\r\n"
        "Товар,Чайная,Пиала,s1,p3,Включено\r\n"
        "Товар,Чайная,Пиала,s1,,Включено\r\n"
    )
    plan = plan_of(alice, text)
    for number in (3, 4, 5, 6, 7):
        assert f"Строка {number}:" in plan.text
    assert "Строка 2:" not in plan.text
    apply(alice, plan)
    assert tea.rules()["product", "s1", "p3"] == "exclude"


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1251"), (";", "utf-8-sig"), ("\t", "utf-8"), (",", "utf-8-sig")]
)
def test_what_a_spreadsheet_saves_is_read(alice: Owner, tea: Stock, delimiter: str, encoding: str):
    text = (HEADER + "Товар,Чайная,Пиала,s1,p3,исключено\r\n").replace(",", delimiter)
    apply(alice, plan_of(alice, text.encode(encoding)))
    assert tea.rules()["product", "s1", "p3"] == "exclude"


def test_a_name_that_looks_like_a_formula_survives(alice: Owner, tea: Stock):
    tea.rule("product", "p2", None)
    apply(alice, plan_of(alice, HEADER + "Товар,Чайная,'=Цейлон,s1,p2,Исключено\r\n"))
    assert "Товар,Чайная,'=Цейлон,s1,p2,Исключено" in download(alice)


@pytest.mark.parametrize("content", [b"", b"\x00\x01PK", b"a,b\r\n1,2\r\n", '"Вид'.encode()])
def test_a_file_of_something_else_is_refused_in_words(alice: Owner, tea: Stock, content: bytes):
    answer = send(alice, content)
    assert answer.status_code == 422
    assert answer.page.texts("//*[@class='field-error']")


def test_a_form_without_a_file_is_refused_in_words(alice: Owner):
    assert alice.client.post("/sync/rules/import").status_code == 422


def test_a_big_file_is_let_in(alice: Owner, tea: Stock):
    lines = "".join(f"Товар,Чайная,Кофе {n} {'х' * 60},s1,none-{n},Исключено\r\n" for n in range(12_000))
    plan = plan_of(alice, HEADER + lines)
    assert "И ещё строк с ошибками: 11 900" in plan.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (HEADER + "х\n" * (MOST_LINES + 1), "В файле больше 100 000 строк"),
        (HEADER + "а" * (LONGEST_LINE + 1), "Строка 2 слишком длинная"),
        (HEADER.strip() + ",х" * MOST_COLUMNS + "\r\n", "В файле больше 50 столбцов"),
        (HEADER + '"' + "х\n" * MOST_LINES, "не похож на таблицу CSV"),
    ],
    ids=["lines", "length", "columns", "one cell over many lines"],
)
def test_a_file_that_is_too_much_is_refused_beside_its_field(
    alice: Owner, tea: Stock, content: str, sentence: str
):
    before = tea.rules()
    answer = send(alice, content)
    assert answer.status_code == 422
    (error,) = answer.page.texts("//*[@id='file-error']")
    assert sentence in error
    assert tea.rules() == before
    assert not alice.client.get("/sync/history?kind=rules").page.select("//li[@data-change-id]")[2:]


def test_reading_the_largest_file_takes_little_memory():
    # Whoever watches memory counts slowly; what a part of the lines takes tells of all of them.
    lines = MOST_LINES if IS_LONG else MOST_LINES // 5
    line = "Товар,Чайная,{name},s1,{number:08},Исключено\r\n"
    size = MAX_FILE_BYTES // MOST_LINES // 2 - 40
    with tempfile.TemporaryFile() as content:
        content.write(HEADER.encode())
        for number in range(lines):
            content.write(line.format(name="х" * size, number=number).encode())
        assert content.tell() > MAX_FILE_BYTES * 0.9 * lines / MOST_LINES
        content.seek(0)
        tracemalloc.start()
        try:
            assert sum(1 for _ in read_rules(content, {})) == lines
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 50 * 1024 * 1024 * lines / MOST_LINES


@on_both
def test_another_owners_goods_are_not_found(alice: Owner, bob: Owner, tea: Stock):
    plan = plan_of(bob, HEADER + "Товар,Чайная,Пиала,s1,p3,Исключено\r\n")
    assert "Строка 2:" in plan.text
    assert download(bob) == HEADER


@on_both
def test_a_file_whose_name_holds_what_nobody_can_see_is_read(alice: Owner, tea: Stock):
    answer = send(alice, HEADER + "Товар,Чайная,Пиала,s1,p3,Исключено\r\n", "пра\0вила.csv")
    assert answer.status_code == 303
    assert "Файл «правила.csv»" in alice.client.get(answer.location).page.text
