"""Files for Excel: numbers are numbers, articles and codes are text, a big one is made by a worker."""

import zipfile
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import lxml.etree
import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.catalog.export import requests, run
from app.catalog.export.models import CatalogExport, ExportPart
from app.data.types import now
from app.work.runs.life import SILENCE
from tests.catalog.pages import ids_at
from tests.owners import Owner
from tests.publishing.conftest import settle
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LIST = "/catalog/export?type=products&store_id=s1&format=excel"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    goods = [
        product(
            "t-1",
            'Чай "Утро" <100 г>',
            "tea",
            price=Decimal("350"),
            quantity=Decimal("22.5"),
            measure_name="шт",
            article_number="000123",
            allow_to_sell=True,
        ),
        product("t-2", "=1+1", price=Decimal("0.1"), article_number="1E5", allow_to_sell=False),
        product("t-3", "http://example.org"),
    ]
    stock.put(groups=[group("tea", "Чай")], products=goods)
    return stock


def read_sheet(data: bytes) -> list[list[Any]]:
    """Read a workbook's first sheet: numbers as floats, text as text, empty cells as None."""
    with zipfile.ZipFile(BytesIO(data)) as book:
        assert book.testzip() is None
        tree = lxml.etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    rows = []
    for row in tree.iter(f"{_MAIN}row"):
        cells: dict[int, Any] = {}
        for cell in row.iter(f"{_MAIN}c"):
            place = ord(cell.get("r")[0]) - ord("A")
            if cell.get("t") == "inlineStr":
                cells[place] = "".join(cell.itertext())
            else:
                assert cell.get("t") is None and cell.find(f"{_MAIN}f") is None
                cells[place] = float("".join(cell.itertext()))
        rows.append([cells.get(place) for place in range(10)])
    return rows


def sheet_at(owner: Owner, url: str) -> list[list[Any]]:
    """The rows of the workbook at an address."""
    with owner.client.get(url) as answer:
        assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        assert answer.headers["Content-Disposition"].strip('"').endswith(".xlsx")
        return read_sheet(answer.data)


def test_cells_have_the_type_of_what_they_hold(stock: Stock, alice: Owner):
    headers, *rows = sheet_at(alice, LIST)
    assert headers[2:6] == ["Название", "Артикул", "Цена", "Количество"]
    by_id = {row[8]: row for row in rows}
    assert by_id["t-1"] == [
        *("Чайная", "Чай", 'Чай "Утро" <100 г>', "000123", 350.0, 22.5, "шт", "Да", "t-1", "Нет правила")
    ]
    assert by_id["t-2"][2:6] == ["=1+1", "1E5", 0.1, None]
    assert by_id["t-3"][2] == "http://example.org"


@pytest.mark.parametrize("kind", ["stores", "groups"])
def test_stores_and_groups_have_workbooks_too(stock: Stock, alice: Owner, kind: str):
    rows = sheet_at(alice, f"/catalog/export?type={kind}&store_id=s1&format=excel")
    assert len(rows) == 2


def test_the_menu_offers_every_format_of_the_list_that_is_shown(stock: Stock, alice: Owner):
    page = alice.client.get("/catalog/products?store_id=s1&q=чай&sort=price").page
    links = page.select("//*[@id = 'exports']//a/@href")
    assert [link.rpartition("format=")[2] for link in links[1:]] == ["csv-ru", "excel"]
    rows = sheet_at(alice, links[2])
    assert [row[8] for row in rows[1:]] == ids_at(alice, "/catalog/products?store_id=s1&q=чай&sort=price")


@pytest.fixture
def everything_is_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "AT_ONCE", 1)


@pytest.mark.usefixtures("everything_is_big")
def test_a_big_workbook_is_made_in_the_background(
    stock: Stock, alice: Owner, bob: Owner, run_jobs: Callable[[], None]
):
    answer = alice.client.get(f"{LIST}&sort=price")
    assert answer.status_code == 303
    waiting = alice.client.get(answer.location)
    assert waiting.page.select("//*[@id = 'workbook'][@hx-trigger]")
    assert alice.client.get(f"{answer.location}/file").status_code == 404
    # A second click finds the one that is being made.
    assert alice.client.get(f"{LIST}&sort=price").location == answer.location

    run_jobs()
    fragment = alice.client.htmx_get(answer.location)
    assert "Файл готов" in fragment.text and "3 строки" in fragment.text.replace("\xa0", " ")
    assert "hx-trigger" not in fragment.text
    (link,) = fragment.page.select("//a/@href")
    rows = sheet_at(alice, link)
    assert [row[8] for row in rows[1:]] == ids_at(alice, "/catalog/products?store_id=s1&sort=price")
    for address in (answer.location, link):
        assert bob.client.get(address).status_code == 404


@pytest.mark.usefixtures("everything_is_big")
def test_a_worker_knows_what_cannot_be_published_where_goods_of_stores_are_one(
    stock: Stock, alice: Owner, run_jobs: Callable[[], None]
):
    settle(alice.app, alice.id, merge_by="barcode")
    stock.put(products=[product(name, type="ALCOHOL_MARKED") for name in ("wine", "beer")])
    answer = alice.client.get(f"{LIST}&ready=no")
    run_jobs()
    _, *rows = sheet_at(alice, f"{answer.location}/file")
    assert {row[8] for row in rows} == {"wine", "beer"}


@pytest.mark.usefixtures("everything_is_big")
def test_a_link_expires_and_the_file_is_forgotten(
    stock: Stock, alice: Owner, db_session: Session, run_jobs: Callable[[], None]
):
    first = alice.client.get(LIST).location
    run_jobs()
    assert len(sheet_at(alice, f"{first}/file")) == 4
    db_session.execute(update(CatalogExport).values(expires_at=now()))
    assert alice.client.get(f"{first}/file").status_code == 404
    assert "больше не действует" in alice.client.get(first).page.text
    with alice.app.app_context():
        requests.forget_expired()
    assert db_session.scalar(select(func.count()).select_from(ExportPart)) == 0


@pytest.mark.usefixtures("everything_is_big")
def test_a_worker_that_died_is_noticed(stock: Stock, alice: Owner, db_session: Session):
    location = alice.client.get(LIST).location
    long_ago = now() - 2 * SILENCE
    db_session.execute(update(CatalogExport).values(status="running", heartbeat_at=long_ago))
    page = alice.client.get(location).page
    assert "Фоновый процесс остановился" in page.text
    (again,) = page.select("//*[@id = 'workbook']//a/@href")
    assert alice.client.get(again).location != location
    db_session.execute(update(CatalogExport).values(status="failed", requested_at=now() - 3 * run.LINK_LIVES))
    with alice.app.app_context():
        requests.forget_expired()
    assert db_session.scalar(select(func.count()).select_from(CatalogExport)) == 0


@pytest.mark.usefixtures("everything_is_big")
def test_a_new_workbook_takes_the_place_of_the_last(
    stock: Stock, alice: Owner, db_session: Session, run_jobs: Callable[[], None]
):
    for sort in ("name", "price"):
        alice.client.get(f"{LIST}&sort={sort}")
        run_jobs()
    assert db_session.scalar(select(func.count()).select_from(CatalogExport)) == 1


@pytest.mark.usefixtures("everything_is_big")
def test_a_workbook_on_its_way_is_whole_though_the_next_takes_its_place(
    stock: Stock,
    alice: Owner,
    db_session: Session,
    run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(run, "_PART_BYTES", 1000)
    location = alice.client.get(LIST).location
    run_jobs()
    with alice.client.get(f"{location}/file", buffered=False) as slow:
        alice.client.get(f"{LIST}&sort=price")
        assert len(read_sheet(slow.data)) == 4
        assert slow.content_length == len(slow.data)
    run_jobs()
    db_session.execute(delete(ExportPart).filter_by(number=1))
    newest = db_session.scalars(select(CatalogExport.id)).one()
    assert alice.client.get(f"/catalog/exports/{newest}/file").status_code == 404


@pytest.mark.usefixtures("everything_is_big")
def test_the_queue_being_away_is_said(stock: Stock, alice: Owner, make_app):
    app = make_app(redis_url="redis://127.0.0.1:1/0")
    client = app.test_client()
    cookie = alice.client.get_cookie("session")
    assert cookie is not None
    client.set_cookie("session", cookie.value)
    answer = client.get(LIST)
    assert "Очередь заданий недоступна" in client.get(answer.location).page.text
