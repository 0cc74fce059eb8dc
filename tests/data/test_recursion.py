"""PostgreSQL walks a chain of groups in steps that each take an index, whatever it believes of its tables."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text

from app.catalog.lists.counts import group_counts
from app.catalog.lists.family import find_family
from app.catalog.lists.nesting import groups_of
from app.data.db import db
from app.data.engine import measure_table
from app.mirror.models import CachedGroup, CachedProduct, GroupSize
from app.publishing.goods import good_of
from app.publishing.photos.first import first_photos
from app.publishing.photos.missing import without_photo
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.settings.group_table import group_of
from app.publishing.settings.read import group_tree_above
from app.rules.group_counts import counts_by_group, read_counts
from app.rules.models import SyncFilter
from app.rules.policy import EMPTY
from app.rules.published import published_goods
from tests.databases import listening
from tests.plans import rows_read
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("postgresql")

GROUPS = 800
# Rows that all parts of a plan give or drop: a few for each group. To read all groups at each step, or all
# rules, makes as many for each group as there are groups, or half of that.
ROWS = 100 * GROUPS
TABLES = [model.__table__ for model in (CachedGroup, GroupSize, CachedProduct, SyncFilter, GoodPhoto)]
LAST, MIDDLE = f"g{GROUPS - 1}", f"g{GROUPS // 2}"

_OWNERS = (
    "INSERT INTO users (id, email, password_hash, timezone, created_at)"
    " SELECT number, number || '@example.org', '', 'UTC', now() FROM generate_series(1001, 1100) AS number"
)
_FLAT_SHOPS = (
    "INSERT INTO cached_groups (user_id, store_evotor_id, evotor_id, name, fetched_at)"
    " SELECT id, 's' || id, 'id' || number, '', now() FROM users, generate_series(1, 5) AS number"
    " WHERE id > 1000"
)


def measure(stock: Stock, *before: str) -> None:
    with stock.owner.app.app_context(), db.engine.begin() as connection:
        for statement in before:
            connection.execute(text(statement))
        for table in TABLES:
            measure_table(connection, table)


def fill(stock: Stock, goods: int = 3) -> None:
    """Groups, each within the one before, a picture at the top, some goods, and rules.

    One rule is handed down half the way; from there on every second group has its own. Others lie on goods
    that are gone: a table of five pages is read whole in less time than by an index.
    """
    chain = [group(f"g{n}", parent=f"g{n - 1}" if n else None) for n in range(GROUPS)]
    stock.put(groups=chain, products=[product(f"p{n}", group=f"g{n * 399 % GROUPS}") for n in range(goods)])
    ruled = (0, *range(GROUPS // 2, GROUPS, 2))
    rules = {("group", "s1", f"g{n}"): "exclude" for n in ruled}
    stock.rules_at_once(rules | {("product", "s1", f"gone{n}"): "exclude" for n in range(GROUPS)})
    with stock.owner.app.app_context():
        photo = Photo(user_id=stock.owner.id, digest="", side=1, size=1)
        db.session.add(photo)
        db.session.flush()
        lent = {"user_id": stock.owner.id, "photo_id": photo.id, "store_evotor_id": "s1"}
        db.session.execute(insert(GoodPhoto).values(group_evotor_id="g0", **lent))
        db.session.commit()


def walk(user_id: int) -> None:
    """Have each of the product's recursive statements run."""
    read_counts(counts_by_group, user_id, EMPTY, "s1")
    for place in ((), ("s1",), ("s1", MIDDLE)):
        db.session.execute(published_goods(user_id, *place, policy=EMPTY)).all()
    groups_of(user_id, "s1", "g0", is_nested=True)
    group_counts(user_id, EMPTY, "s1", [f"g{n}" for n in range(10)])
    find_family(user_id, "s1", [LAST, MIDDLE], ["p0"])
    first_photos(user_id, [("s1", "p0"), ("s1", "p2")])
    without_photo(user_id, "s1")
    group_of(user_id, ("s1", LAST))
    for good in (("s1", "p1"), ("s1", "p2")):
        good_of(user_id, *good)
        group_tree_above(user_id, [good])


def of_empty_tables(stock: Stock) -> None:
    measure(stock)
    fill(stock)


def of_others(stock: Stock) -> None:
    measure(stock, _OWNERS, _FLAT_SHOPS)
    fill(stock)


def of_what_there_is(stock: Stock) -> None:
    fill(stock, goods=2 * GROUPS)
    measure(stock)


@pytest.mark.parametrize("know", [of_empty_tables, of_others, of_what_there_is])
def test_each_group_of_a_chain_is_met_a_few_times(app: Flask, stock: Stock, know: Callable[[Stock], None]):
    know(stock)
    taken: list[tuple[str, Any]] = []
    with app.app_context():
        listen = lambda _c, _cursor, statement, parameters, *_: taken.append((statement, parameters))  # noqa: E731
        with listening(db.engine, "before_cursor_execute", listen):
            walk(stock.owner.id)
        recursive = [(words, given) for words, given in taken if "RECURSIVE" in words]
        with db.engine.connect() as connection:
            costs = [rows_read(connection, words, given) for words, given in recursive]
    assert len(costs) >= 16
    assert [words for (words, _), rows in zip(recursive, costs, strict=True) if rows > ROWS] == []
