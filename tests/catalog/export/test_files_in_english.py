"""A file is a contract: it holds the same words whichever language its owner reads."""

import zipfile
from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalog.export import requests
from app.mirror.change_log import NAME, NEW, PRICE
from app.mirror.models import CatalogChange, CatalogRefresh
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

LISTS = (
    *("type=stores", "type=groups&store_id=s1", "type=products&store_id=s1", "type=all"),
    *(f"type=changes&what={what}" for what in (NEW, NAME, PRICE)),
)


@pytest.fixture
def stock(stock: Stock, alice: Owner, db_session: Session) -> Stock:
    """Goods with every word that a cell may hold, and something of each kind that has changed."""
    goods = [
        product("t-1", "Чай", "tea", price=Decimal("350"), quantity=Decimal("22.5"), allow_to_sell=True),
        product("t-2", "=1+1", price=Decimal("0.1"), allow_to_sell=False),
        product("t-3", "Ложка"),
    ]
    stock.put(groups=[group("tea", "Чай")], products=goods)
    stock.rule("product", "t-1", "include")
    stock.rule("product", "t-2", "exclude")
    stock.rule("group", "tea", "exclude")
    refresh = insert(CatalogRefresh).values(user_id=alice.id, status="done").returning(CatalogRefresh.id)
    good = {"user_id": alice.id, "refresh_id": db_session.scalar(refresh), "store_evotor_id": "s1"}
    good |= {"evotor_id": "t-1", "name": "Чай", "sort_name": "чай"}
    for what, values in (
        (NEW, {}),
        (NAME, {"text_was": "Кофе", "text_now": "Чай"}),
        (PRICE, {"number_was": Decimal("300"), "number_now": Decimal("350")}),
    ):
        db_session.execute(insert(CatalogChange).values(**good, what=what, **values))
    return stock


def speak_english(owner: Owner, session: Session) -> None:
    session.execute(update(User).filter_by(id=owner.id).values(language="en"))


def file_at(owner: Owner, address: str) -> tuple[str, dict[str, bytes]]:
    """What the file is called, and its parts: a workbook has several, and tells besides when it was made."""
    with owner.client.get(address) as answer:
        assert answer.status_code == 200
        name, data = answer.headers["Content-Disposition"], answer.data
    if "xlsx" not in name:
        return name, {"": data}
    with zipfile.ZipFile(BytesIO(data)) as book:
        return name, {part: book.read(part) for part in book.namelist() if part != "docProps/core.xml"}


@on_both
def test_a_file_is_the_same_to_its_last_byte(stock: Stock, alice: Owner, db_session: Session) -> None:
    kinds = ("csv", "csv-ru", "excel")
    addresses = [f"/catalog/export?{each}&format={kind}" for each in LISTS for kind in kinds]
    in_russian = [file_at(alice, address) for address in addresses]
    speak_english(alice, db_session)
    assert [file_at(alice, address) for address in addresses] == in_russian
    assert all("Название".encode() in parts[""] for _, parts in in_russian if "" in parts)


def test_a_workbook_that_a_worker_makes_is_the_same_too(
    stock: Stock,
    alice: Owner,
    db_session: Session,
    run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests, "AT_ONCE", 1)

    def made() -> tuple[str, dict[str, bytes]]:
        page = alice.client.get("/catalog/export?type=products&store_id=s1&format=excel").location
        run_jobs()
        return file_at(alice, f"{page}/file")

    in_russian = made()
    speak_english(alice, db_session)
    assert made() == in_russian
