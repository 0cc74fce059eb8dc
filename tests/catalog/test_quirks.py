"""The odd goods of real catalogues come whole through refresh, page and file."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.mirror.models import CachedGroup, CachedProduct
from sandbox.quirks import LONG
from sandbox.shop import KIOSK_STORE, MAIN, WAREHOUSE
from sandbox.world import World
from tests.catalog.export.files import download, rows_of
from tests.catalog.pages import ROWS, row_ids, walk
from tests.checking_client import Page
from tests.owners import Owner

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LIST = f"/catalog/products?store_id={MAIN}&per_page=200"


@pytest.fixture
def owner(alice: Owner, world: World, run_jobs: Callable[[], None]) -> Owner:
    """Alice, whose catalogue was brought in from the sandbox."""
    alice.connect_evotor()
    alice.client.post("/catalog/refresh")
    run_jobs()
    return alice


def test_odd_goods_look_right_on_the_page_and_in_the_file(
    owner: Owner, world: World, db_session: Session, subtests: pytest.Subtests
):
    pages = list(walk(owner, LIST))
    shown = {row: cells for page in pages for row, cells in _rows(page)}
    lines = {line[8]: line for line in rows_of(download(owner, f"type=products&store_id={MAIN}").text)}
    ids = {
        product.name: product.evotor_id
        for product in db_session.scalars(select(CachedProduct).filter_by(store_evotor_id=MAIN))
    }
    with subtests.test("everything the cloud has, once"):
        (merchant,) = [each for each in world.merchants() if MAIN in each.stores]
        assert len(shown) == len(lines) == len(ids) == len(merchant.stores[MAIN].products)
        assert list(lines) == [id for page in pages for id in row_ids(page)]

    for name, cells, line in (
        ("Чай без карточки", ["—"] * 6, ["", "", "", "", ""]),
        ("Чашка без цены", ["—"] * 6, ["", "", "", "", ""]),
        ("Ложка мерная", ["—", "150,00 ₽", "12", "—", "Да", "—"], ["", "150.00", "12.0", "", "Да"]),
        (
            "Сахар тростниковый, на развес",
            ["—", "189,90 ₽", "−3,25", "кг", "Да", "—"],
            ["", "189.90", "-3.25", "кг", "Да"],
        ),
        (
            "Печенье курабье, на развес",
            ["—", "420,00 ₽", "0,125", "кг", "Да", "—"],
            ["", "420.00", "0.125", "кг", "Да"],
        ),
        (
            "Пакетик пробный",
            ["—", "0,00 ₽", "1 000 000", "шт", "Нет", "—"],
            ["", "0.00", "1000000.0", "шт", "Нет"],
        ),
        (
            "=1+1 набор «Два по цене одного»",
            ["=SUM(A1:A9)", "990,00 ₽", "5", "—", "—", "—"],
            ["'=SUM(A1:A9)", "990.00", "5.0", "", ""],
        ),
        ("-50% Печенье вчерашнее", ["-1", "27,50 ₽", "11", "—", "—", "—"], ["'-1", "27.50", "11.0", "", ""]),
        (
            "Матча 🍵 премиум 👩‍🌾",
            ["—", "1 250,00 ₽", "13", "банка 🫙", "—", "—"],
            ["", "1250.00", "13.0", "банка 🫙", ""],
        ),
        (
            "Чай «Артикул с нулями»",
            ["000123", "320,00 ₽", "15", "—", "—", "—"],
            ["000123", "320.00", "15.0", "", ""],
        ),
        (
            "Чай <b>«Угловой»</b> & Ко",
            ["<script>", "370,00 ₽", "3", "—", "—", "—"],
            ["<script>", "370.00", "3.0", "", ""],
        ),
        ("Товар из исчезнувшей группы", ["—", "100,00 ₽", "1", "—", "—", "—"], ["", "100.00", "1.0", "", ""]),
        ("Товар из архива", ["—", "75,05 ₽", "0", "—", "Нет", "Архив"], ["", "75.05", "0.0", "", "Нет"]),
    ):
        with subtests.test(name):
            assert shown[ids[name]][0] == name
            assert shown[ids[name]][1:7] == cells
            assert lines[ids[name]][3:8] == line

    for name, text in (
        (LONG, LONG),
        ("+Подарочная упаковка", "'+Подарочная упаковка"),
        ("@чайная: кружка фирменная", "'@чайная: кружка фирменная"),
        ("  =Пробник, три пробела внутри   имени ", "'  =Пробник, три пробела внутри   имени "),
        ("\tНабор с табуляцией", "'\tНабор с табуляцией"),
        ("Чай «Две строки»\nвторая строка названия", "Чай «Две строки»\nвторая строка названия"),
        ("Чай 'Дарджилинг' \"первый сбор\"; остаток, жесть",) * 2,
    ):
        with subtests.test(name):
            assert lines[ids[name]][2] == text
            assert shown[ids[name]][0] == " ".join(name.split())


def test_groups_that_loop_or_lost_their_parent_are_listed_once(owner: Owner, db_session: Session):
    page = owner.client.get(f"/catalog/groups?store_id={MAIN}&per_page=200").page
    names = dict(zip(row_ids(page), page.texts(f"{ROWS}/th"), strict=True))
    cached = db_session.scalars(select(CachedGroup).filter_by(store_evotor_id=MAIN)).all()
    assert sorted(names) == sorted(group.evotor_id for group in cached)
    for name in (
        "Архив Старое",
        "Старое Архив",
        "Полка у кассы",
        "Уценка",
        'Разное; "остатки", №5',
        "Новинки 🌱",
    ):
        assert name in names.values()
    for id in names:
        assert owner.client.get(f"/catalog/products?store_id={MAIN}&group_id={id}").status_code == 200


def test_the_same_ids_in_two_stores_are_different_goods(owner: Owner, db_session: Session):
    both = set(_ids(db_session, MAIN)) & set(_ids(db_session, WAREHOUSE))
    assert both
    one = sorted(both)[0]
    form = {"entity_type": "product", "entity_id": one, "store_id": WAREHOUSE, "filter_mode": "exclude"}
    owner.client.htmx_post("/catalog/filter", form)
    for store_id, rule in ((MAIN, "Нет правила"), (WAREHOUSE, "Исключено"), (KIOSK_STORE, None)):
        lines = rows_of(download(owner, f"type=products&store_id={store_id}").text)
        found = [line[9] for line in lines if line[8] == one]
        assert found == ([rule] if rule else found)


def _rows(page: Page) -> Iterator[tuple[str, list[str]]]:
    for row in page.select(ROWS):
        yield row.get("data-evotor-id"), [" ".join(cell.text_content().split()) for cell in row.xpath("./*")]


def _ids(session: Session, store_id: str) -> list[str]:
    return list(session.scalars(select(CachedProduct.evotor_id).filter_by(store_evotor_id=store_id)))
