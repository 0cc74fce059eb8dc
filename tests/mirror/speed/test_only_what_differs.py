"""A refresh writes what differs, and nothing else."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from app.clients.errors import BadPayload
from app.clients.evotor.client import Product, SentProduct, Store
from app.data.db import db
from app.mirror import known_pages
from app.mirror.difference import Difference, apply_store
from app.mirror.drop_guard import DropGuard
from app.mirror.held_groups import HeldGroups
from app.mirror.known_pages import KnownPages
from app.mirror.models import CachedProduct, CatalogRefresh, StagedProduct
from app.mirror.regrouping import count_regrouped
from app.mirror.signals import goods_moved
from app.mirror.staging import Staging
from app.work.runs.row import DONE
from tests.owners import Owner
from tests.stock import as_sent, differing, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

Apply = Callable[..., Difference]


@pytest.fixture
def apply(app: Flask, alice: Owner) -> Apply:
    """Bring Alice's only store in line with the given pages, as one run."""

    def run(*pages: Iterable[Product]) -> Difference:
        with app.app_context(), db.engine.begin() as connection:
            row = insert(CatalogRefresh).values(user_id=alice.id, status=DONE)
            refresh_id = connection.execute(row.returning(CatalogRefresh.id)).scalar_one()
            staging = Staging(connection, alice.id, refresh_id, "s1")
            for page in pages:
                staging.keep(connection, differing(staging, connection, map(as_sent, page)))
            guard = DropGuard(percent=100, confirmed=0)
            store, groups = Store("s1", "Чайная", None), HeldGroups()
            moves = count_regrouped(connection, staging, groups)
            return apply_store(connection, staging, store, groups, moves, guard)

    return run


def versions(session: Session) -> list[Any]:
    """Every product row with what tells that it was written again."""
    session.expire_all()
    columns: list[Any] = [CachedProduct.__table__]
    if session.get_bind().dialect.name == "postgresql":
        columns += [text("xmin::text"), text("ctid::text")]
    return [tuple(row) for row in session.execute(select(*columns).order_by(CachedProduct.id))]


def prices(session: Session) -> dict[str, Decimal | None]:
    """The cached prices by product."""
    session.expire_all()
    rows = session.execute(select(CachedProduct.evotor_id, CachedProduct.price))
    return {evotor_id: price for evotor_id, price in rows}


def test_nothing_is_written_when_nothing_changed(apply: Apply, db_session: Session) -> None:
    goods = [product(f"p{number}", price=Decimal(number)) for number in range(30)]
    apply(goods[:10], goods[10:])
    before = versions(db_session)
    assert apply(goods[20:], goods[:20]) == Difference()
    assert versions(db_session) == before


def test_other_words_of_the_same_meaning_write_nothing(
    app: Flask, apply: Apply, alice: Owner, db_session: Session
) -> None:
    apply([product("a", name="Чай", price=Decimal("9.50"))])
    before = versions(db_session)
    with app.app_context(), db.engine.begin() as connection:
        staging = Staging(connection, alice.id, 1, "s1")
        other_words = r'{"updated_at":"now","price":"9.500","name":"\u0427ай","id":"a"}'.encode()
        assert differing(staging, connection, [SentProduct("a", other_words)]) == []
        assert len(staging.seen) == 1
    assert versions(db_session) == before


def test_a_product_that_cannot_be_read_ends_the_fetch(app: Flask, apply: Apply, alice: Owner) -> None:
    apply([product("a"), product("b")])
    with app.app_context(), db.engine.begin() as connection:
        staging = Staging(connection, alice.id, 1, "s1")
        broken = SentProduct("b", b'{"id":"b","name":"one","name":"two"}')
        with pytest.raises(BadPayload):
            differing(staging, connection, [as_sent(product("a")), broken])


def test_a_known_page_is_taken_for_its_goods_and_no_good_is_looked_up(
    app: Flask,
    apply: Apply,
    alice: Owner,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    goods = [product(f"p{number}") for number in range(30)]
    apply(goods[:10], goods[10:20], goods[20:])
    with app.app_context(), db.engine.begin() as connection, count_statements() as statements:
        staging = Staging(connection, alice.id, 1, "s1")
        asked = len(statements)
        for start in (20, 0, 10):
            assert differing(staging, connection, map(as_sent, goods[start : start + 10])) == []
        assert len(staging.seen) == 30
        assert len(statements) == asked


def test_known_pages_hide_neither_what_goes_nor_what_comes_twice(apply: Apply, db_session: Session) -> None:
    goods = [product(f"p{number}", price=Decimal(1)) for number in range(6)]
    first, second = goods[:3], goods[3:]
    apply(first, second)
    assert apply(second) == Difference(removed=3)
    assert apply(first, second).added == 3
    assert apply(first, second) == Difference()
    dearer = goods[0]._replace(price=Decimal(2))
    # A known page after one that had one of its goods otherwise: the last word counts.
    assert apply([dearer], first, second) == Difference()
    assert apply(first, second, [dearer]).changed == 1
    assert apply(first, second, [dearer]) == Difference()
    assert apply(first, second).changed == 1
    assert set(prices(db_session).values()) == {1}


@pytest.mark.parametrize("bound", ["_MOST_SPANS_OF_STORE", "_MOST_LETTERS"])
def test_only_so_much_is_remembered_of_pages_and_the_rest_is_compared(
    monkeypatch: pytest.MonkeyPatch, apply: Apply, db_session: Session, bound: str
) -> None:
    monkeypatch.setattr(known_pages, bound, 2)
    pages = [[product(f"p{number}", price=Decimal(1))] for number in range(6)]
    apply(*pages)
    for _ in range(2):
        assert apply(*pages) == Difference()
        db_session.rollback()
        assert len(db_session.scalars(select(KnownPages.pages)).one()) == (
            6 if bound == "_MOST_LETTERS" else 2
        )
    assert apply(*pages[:5]) == Difference(removed=1)


def test_pages_are_known_no_more_once_a_process_that_does_not_know_them_has_written_the_store(
    apply: Apply, db_session: Session
) -> None:
    goods = [product(f"p{number}", price=Decimal(1)) for number in range(6)]
    apply(goods)
    known = db_session.execute(select(KnownPages.pages, KnownPages.refreshed_by)).one()
    # A worker of the release before, beside one of this release in the midst of an update.
    apply([goods[0]._replace(price=Decimal(2)), *goods[1:]])
    db_session.execute(update(KnownPages).values(pages=known.pages, refreshed_by=known.refreshed_by))
    # The till is again as it was when its page was known.
    told = list[object]()
    with goods_moved.connected_to(lambda _sender, **what: told.append(what["store_id"])):
        assert apply(goods).changed == 1
        # What is counted of goods is counted anew, once.
        assert (apply(goods), told) == (Difference(), ["s1"])
    assert set(prices(db_session).values()) == {1}


def test_one_change_writes_one_row(apply: Apply, db_session: Session) -> None:
    goods = [product(f"p{number}", price=Decimal(number)) for number in range(30)]
    apply(goods)
    before = versions(db_session)
    assert apply([*goods[:29], goods[29]._replace(price=Decimal("0.01"))]) == Difference(
        changed=1, kinds={"price": 1}
    )
    assert sum(old != new for old, new in zip(before, versions(db_session), strict=True)) == 1


def test_what_is_the_same_is_not_even_staged(app: Flask, apply: Apply, alice: Owner) -> None:
    goods = [product(f"p{number}") for number in range(30)]
    apply(goods)
    with app.app_context(), db.engine.begin() as connection:
        run = connection.scalar(select(CatalogRefresh.id))
        assert run is not None
        staging = Staging(connection, alice.id, run, "s1")
        rows = differing(staging, connection, map(as_sent, [*goods, product("new")]))
        staging.keep(connection, rows)
        assert connection.scalars(select(StagedProduct.evotor_id)).all() == ["new"]


@pytest.mark.parametrize("known_before", [False, True])
def test_a_product_that_comes_twice_counts_as_it_came_last(
    apply: Apply, db_session: Session, known_before: bool
) -> None:
    first, second = product("a", price=Decimal(1)), product("a", price=Decimal(2))
    other = product("b", price=Decimal(5))
    if known_before:
        apply([first, other])
    apply([first], [other], [second])
    assert prices(db_session) == {"a": 2, "b": 5}
    apply([second, other], [first])
    assert prices(db_session) == {"a": 1, "b": 5}
    # The last time it is what the cache holds already.
    assert apply([second, other], [first]) == Difference()
    assert prices(db_session) == {"a": 1, "b": 5}


def test_a_product_that_comes_twice_hides_no_missing_one(apply: Apply, db_session: Session) -> None:
    apply([product("a"), product("b"), product("c")])
    assert apply([product("a"), product("b")], [product("a")]) == Difference(removed=1)
    assert prices(db_session).keys() == {"a", "b"}


def test_more_goods_than_a_statement_takes_may_go_at_once(apply: Apply, db_session: Session) -> None:
    goods = [product(f"p{number:04}") for number in range(2500)]
    apply(goods)
    assert apply(goods[::5]) == Difference(removed=2000)
    assert prices(db_session).keys() == {good.id for good in goods[::5]}
