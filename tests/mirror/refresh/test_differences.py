"""A refresh writes what differs, says how much that was, and nothing else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, select, text, update
from sqlalchemy.orm import Session

from app.data.db import db
from app.data.engine import measure_table
from app.data.types import now
from app.mirror import difference, known_pages, staging
from app.mirror.bulk_sql import find_known
from app.mirror.difference import MANY_NEW_GOODS
from app.mirror.models import CachedGroup, CachedStore, CatalogRefresh, GroupSize
from tests.databases import listening, on_both
from tests.mirror.refresh.conftest import MAIN, SIDE, Shop, said
from tests.owners import Owner


@contextmanager
def written_products(app: Flask) -> Iterator[list[int]]:
    """Collect how many product rows each writing statement touched."""
    with app.app_context():
        engine = db.engine
    written: list[int] = []

    def note(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        words = statement.split(maxsplit=3)
        if words[0] in ("INSERT", "UPDATE", "DELETE") and "cached_products" in words[1:3]:
            written.append(cursor.rowcount)

    with listening(engine, "after_cursor_execute", note):
        yield written


def figures(run: Any) -> tuple[str, int, int, int]:
    return run.status, run.added, run.changed, run.removed


def test_the_first_run_counts_everything_as_new(app: Flask, refresh, owner: Owner) -> None:
    with written_products(app) as written:
        assert figures(refresh()) == ("done", 9, 0, 0)
    assert sum(written) == 9
    assert said(owner).startswith("Загружено 9 товаров")


def test_a_run_that_finds_nothing_new_writes_no_product(app: Flask, refresh, owner: Owner) -> None:
    refresh()
    with written_products(app) as written:
        assert figures(refresh()) == ("done", 0, 0, 0)
    assert written and set(written) == {0}
    assert "Изменений нет" in said(owner)
    # That is news for some minutes; afterwards the time of the last refresh is enough.
    with app.app_context():
        db.session.execute(update(CatalogRefresh).values(finished_at=now() - timedelta(minutes=11)))
        db.session.commit()
    assert said(owner) == ""


def test_the_highest_price_that_is_kept_can_change(refresh, shop, goods) -> None:
    refresh()
    for price in (9_999_999_999.99, 1.5):
        shop.main.products.change("p0", {"price": price})
        assert figures(refresh()) == ("done", 0, 1, 0)
        assert float(goods(MAIN)["p0"].price) == price


def test_new_changed_and_deleted_goods_are_told_apart(app: Flask, refresh, shop, goods, owner) -> None:
    refresh()
    untouched = goods(MAIN)["p4"].fetched_at
    shop.put(shop.main, "new-1")
    shop.put(shop.side, "new-2")
    shop.main.products.change("p0", {"price": 1.5})
    shop.main.products.change("p1", {"name": "Новое имя"})
    shop.side.products.change("p0", {"quantity": -3.25})
    shop.main.products.remove("p3")
    with written_products(app) as written:
        assert figures(refresh()) == ("done", 2, 3, 1)
    assert sum(written) == 6
    assert goods(MAIN)["p4"].fetched_at == untouched
    assert {"new-1", "p0", "p1", "p2", "p4"} == set(goods(MAIN))
    assert said(owner).startswith("Обновлено: +2, −1, изменено 3")
    to_the_list = "//*[@id='refresh']//a[@href='/catalog/changes']"
    assert owner.client.get("/catalog").page.select(to_the_list)
    assert not owner.client.get("/catalog/changes").page.select(to_the_list)
    # The history says it in words, and links what is still listed: of the last run only.
    history = owner.client.get("/sync/history").page
    assert history.texts("//li[@data-kind='refresh']//p") == [
        "2 новых товара, 1 товара больше нет в Эвоторе, 1 цена изменилась, 1 остаток изменился, "
        "1 название изменилось",
        "Загружено 9 товаров",
    ]
    assert history.select("//li[@data-kind='refresh']//p/a/@href") == [
        f"/catalog/changes?what={what}" for what in ("new", "gone", "price", "stock", "name")
    ]


CHANGES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a name": ({"name": "Чай"}, "name", "Чай"),
    "no price": ({"price": None}, "price", None),
    "a price of nothing": ({"price": 0}, "price", Decimal("0.00")),
    "a weight": ({"quantity": 0.125}, "quantity", Decimal("0.125")),
    "a unit": ({"measure_name": "кг"}, "measure_name", "кг"),
    "an article": ({"article_number": "=A-1"}, "article_number", "=A-1"),
    "not on sale": ({"allow_to_sell": False}, "allow_to_sell", False),
    "a code": ({"code": "007"}, "code", "007"),
    "a description": ({"description": "Абзац"}, "description", "Абзац"),
    "barcodes": ({"barcodes": ["46", "20"]}, "barcodes", "46 20"),
    "a type": ({"type": "SERVICE"}, "product_type", "SERVICE"),
    "another group": ({"parent_id": "g3"}, "group_evotor_id", "g3"),
}


def test_a_change_of_any_field_arrives(refresh, shop, goods) -> None:
    for what in CHANGES:
        shop.put(shop.main, what)
    refresh()
    for what, (fields, _, _) in CHANGES.items():
        shop.main.products.change(what, fields)
    assert figures(refresh()) == ("done", 0, len(CHANGES), 0)
    cached = goods(MAIN)
    for what, (_, column, value) in CHANGES.items():
        assert getattr(cached[what], column) == value, what
    assert figures(refresh()) == ("done", 0, 0, 0)


WINE = {
    **{"name": "Вино", "type": "ALCOHOL_MARKED", "measure_name": "л", "allow_to_sell": False},
    **{"price": 7, "quantity": 5, "article_number": "A", "code": "B", "description": "В", "barcodes": ["46"]},
    "parent_id": "g1",
}
COLUMNS = {"type": "product_type", "parent_id": "group_evotor_id"}


def wine(goods: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return {field: getattr(goods(MAIN)["wine"], COLUMNS.get(field, field)) for field in WINE}


@on_both
def test_what_every_good_has_stays_where_none_comes_and_all_else_goes(refresh, shop, goods) -> None:
    shop.put(shop.main, "wine", **WINE)
    refresh()
    known = wine(goods)
    shop.main.products.change("wine", dict(zip(WINE, cycle([None, "", []]), strict=False)), drop=["type"])
    assert figures(refresh()) == ("done", 0, 1, 0)
    stays = {field: known[field] for field in ("name", "type", "quantity", "measure_name", "allow_to_sell")}
    assert wine(goods) == dict.fromkeys(WINE) | stays
    assert "вино" in goods(MAIN)["wine"].sort_name
    assert figures(refresh()) == ("done", 0, 0, 0)
    said = {"name": "Сок", "type": "NORMAL", "measure_name": "шт", "allow_to_sell": True}
    shop.main.products.change("wine", said)
    refresh()
    assert wine(goods) == dict.fromkeys(WINE) | {"quantity": 5} | said


@on_both
def test_stock_that_does_not_come_is_what_it_was_and_its_owner_is_told(refresh, shop, goods, owner) -> None:
    stocks = {"p0": 0, "p1": 5, "p2": -1}
    for evotor_id, quantity in stocks.items():
        shop.main.products.change(evotor_id, {"quantity": quantity, "type": "NORMAL"})
    shop.main.products.change("p3", {"quantity": 2, "type": "SERVICE"})
    refresh()
    shop.world.faults.add("no_stock")
    assert figures(refresh()) == ("done", 0, 4, 0)
    known = goods(MAIN)
    assert {evotor_id: known[evotor_id].quantity for evotor_id in stocks} == stocks
    assert known["p3"].quantity is known["p4"].quantity is None
    told = "Эвотор не сообщил остатки 3 товаров: показаны прежние"
    assert told in said(owner) and "нет в наличии" in said(owner)
    assert told in owner.client.get("/sync/history").page.text
    shop.world.faults.clear()
    refresh()
    assert told not in said(owner)


@on_both
def test_names_that_do_not_come_are_what_they_were(refresh, shop, goods, owner, db_session) -> None:
    groups = select(CachedGroup.evotor_id, CachedGroup.name, CachedGroup.parent_evotor_id).filter_by(
        user_id=owner.id, store_evotor_id=MAIN
    )

    def rows_of(statement: Any) -> set[tuple[Any, ...]]:
        return {tuple(row) for row in db_session.execute(statement)}

    refresh()
    known = rows_of(groups)
    shop.main.groups.put({"id": "new", "name": "Новая"})
    shop.main.groups.change("g1", {"parent_id": "g2"})
    shop.world.faults.add("no_names")
    for _ in range(2):
        assert refresh().status == "done"
        changed = {("g1", "Группа 1", "g2"), ("new", "new", None)}
        assert rows_of(groups) == known - {("g1", "Группа 1", None)} | changed
        assert goods(MAIN)["p1"].name == "Товар p1"
    assert owner.client.get("/catalog").page.texts("//tr[@data-entity='store']/th") == ["Склад", "Чайная"]
    assert not owner.client.get("/catalog/changes?what=name").page.select("//tr[@data-evotor-id]")
    shop.world.faults.clear()
    refresh()
    assert ("new", "Новая", None) in rows_of(groups)


def test_a_product_that_comes_back_is_new_again_and_finds_its_rule(refresh, shop, owner: Owner) -> None:
    refresh()
    rule = {"entity_type": "product", "entity_id": "p0", "store_id": MAIN, "filter_mode": "exclude"}
    owner.client.post("/catalog/filter", data=rule)
    shop.main.products.remove("p0")
    refresh()
    shop.main.products.restore("p0")
    assert figures(refresh()) == ("done", 1, 0, 0)
    page = owner.client.get("/catalog/products", query_string={"store_id": MAIN}).page
    (row,) = page.texts("//tr[@data-evotor-id='p0']")
    assert "Исключено" in row


def test_a_page_may_be_read_in_portions_of_any_size(refresh, shop, goods, monkeypatch) -> None:
    monkeypatch.setattr(staging, "PORTION_BYTES", 1)
    run = refresh()
    assert (run.status, run.added, run.done) == ("done", 9, 9)
    shop.main.products.change("p0", {"price": 7})
    shop.main.products.change("p2", {"price": 8})
    run = refresh()
    assert (run.status, run.changed, run.done) == ("done", 2, 9)
    assert {good.price for good in goods(MAIN).values()} == {7, 8, 100}


@on_both
def test_groups_that_were_moved_renamed_added_or_deleted_follow(
    refresh, shop, owner: Owner, db_session: Session
) -> None:
    refresh()
    shop.main.groups.change("g1", {"parent_id": "g0"})
    shop.main.groups.change("g2", {"name": "Новое имя"})
    shop.main.groups.remove("g3")
    shop.main.groups.put({"id": "g9", "name": "Девятая", "parent_id": "g1"})
    refresh()
    table = CachedGroup
    rows = select(table.evotor_id, table.name, table.parent_evotor_id)
    own = rows.filter_by(user_id=owner.id, store_evotor_id=MAIN)
    assert {tuple(row) for row in db_session.execute(own)} == {
        ("g0", "Группа 0", None),
        ("g1", "Группа 1", "g0"),
        ("g2", "Новое имя", None),
        ("g9", "Девятая", "g1"),
    }
    other = select(CachedGroup).filter_by(user_id=owner.id, store_evotor_id=SIDE)
    assert len(db_session.scalars(other).all()) == 4


def test_a_product_moved_between_groups_is_counted_where_it_is(
    refresh, shop, owner: Owner, db_session: Session
) -> None:
    refresh()
    shop.main.products.change("p0", {"parent_id": "g1"})
    refresh()
    rows = select(GroupSize.group_evotor_id, GroupSize.products)
    own = rows.filter_by(user_id=owner.id, store_evotor_id=MAIN)
    assert dict(db_session.execute(own).all()) == {"g0": 2, "g1": 3}


@on_both
def test_a_renamed_store_follows(refresh, shop, owner: Owner, db_session: Session) -> None:
    refresh()
    shop.merchant.store_list.change(MAIN, {"name": "Чайная на углу", "address": None})
    refresh()
    rows = select(CachedStore.name, CachedStore.address).filter_by(user_id=owner.id, evotor_id=MAIN)
    assert tuple(db_session.execute(rows).one()) == ("Чайная на углу", None)


def test_a_product_that_comes_twice_in_a_list_is_one_product(refresh, shop, goods) -> None:
    shop.world.faults.add("repeated_item", resource="products")
    assert figures(refresh()) == ("done", 9, 0, 0)
    assert len(goods(MAIN)) == 5


def test_an_empty_page_in_the_middle_of_a_list_ends_nothing(refresh, shop, goods) -> None:
    shop.world.faults.add("empty_page", store=MAIN, resource="products", page=2, times=1)
    assert figures(refresh()) == ("done", 9, 0, 0)
    assert len(goods(MAIN)) == 5


@pytest.mark.databases("postgresql")
def test_postgresql_learns_of_many_new_goods_before_anybody_can_see_them(
    shop: Shop, refresh: Callable[[], CatalogRefresh], db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen_by_others: list[int] = []

    def measure(transaction: Connection, table: Table) -> None:
        seen_by_others.append(db_session.scalar(text("SELECT count(*) FROM cached_products")) or 0)
        measure_table(transaction, table)

    monkeypatch.setattr(difference, "measure_table", measure)

    def known_rows() -> float:
        counted = text("SELECT reltuples FROM pg_class WHERE relname = 'cached_products'")
        return db_session.scalar(counted) or 0

    # As in a new installation, or in one that was restored from a copy: nobody has counted anything yet.
    db_session.execute(text("TRUNCATE cached_products"))
    assert known_rows() < 1
    for number in range(MANY_NEW_GOODS):
        shop.put(shop.main, f"more-{number}")
    shop.manners(page_size=500)
    assert refresh().status == "done"
    assert known_rows() >= MANY_NEW_GOODS
    (by_others,) = seen_by_others
    assert by_others < MANY_NEW_GOODS


@pytest.mark.databases("postgresql")
def test_postgresql_learns_of_many_new_goods_before_it_looks_them_up(
    shop: Shop, refresh: Callable[[], CatalogRefresh], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def measure(transaction: Connection, table: Table) -> None:
        steps.append("measure")
        measure_table(transaction, table)

    def look_up(*arguments: Any) -> Any:
        steps.append("look up")
        return find_known(*arguments)

    monkeypatch.setattr(difference, "measure_table", measure)
    monkeypatch.setattr(known_pages, "find_known", look_up)
    for number in range(MANY_NEW_GOODS):
        shop.put(shop.main, f"more-{number}")
    assert refresh().status == "done"
    # The other store has few goods, and none of them measured.
    assert steps.count("measure") == 1
    assert "look up" in steps[steps.index("measure") :]
