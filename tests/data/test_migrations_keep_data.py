"""Migrations of a filled database keep every row, and what finds and sorts them."""

from collections.abc import Collection
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import column, insert, select, table, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.data.db import db
from tests.belongings import fill_what_is_empty
from tests.data.test_migrations import empty, tables  # noqa: F401 (a fixture)

WHEN = "2026-11-24 12:00:00+00:00"
# No key of 32 bits.
PRODUCT = 5_000_000_000
IN_STORE = {"user_id": 7, "store_evotor_id": "s1"}
EXPORT = {"user_id": 7, "status": "running", "args": "{}", "file_name": "f", "done": 0, "parts": 0}
FIGURES = {"step": "", "done": 0, "added": 0, "changed": 0, "removed": 0, "stores": "[]"}
RULE = {"entity_type": "product", "entity_id": "p1", "entity_name": "Улун", "filter_mode": "exclude"}
FILLED: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "users",
        {"id": 7, "email": "a@example.org", "password_hash": "x", "timezone": "UTC", "created_at": WHEN},
    ),
    (
        "connections",
        {"id": 8, "user_id": 7, "provider": "evotor", "credentials": "x", "profile": "{}", "status": "online"}
        | {"is_online": True},
    ),
    (
        "catalog_refreshes",
        {"id": 9, "user_id": 7, "status": "done", "confirmed_drops": '["s1"]', "requested_at": WHEN}
        | FIGURES,
    ),
    (
        "cached_stores",
        {"id": 10, "user_id": 7, "evotor_id": "s1", "name": "М", "fetched_at": WHEN, "refreshed_by": 9},
    ),
    ("cached_groups", {"id": 11, "evotor_id": "g1", "name": "Г", "fetched_at": WHEN} | IN_STORE),
    (
        "cached_products",
        {"id": PRODUCT, "evotor_id": "p1", "name": "Улун", "sort_name": "улун", "search_text": "a-1"}
        | {"fetched_at": WHEN}
        | IN_STORE,
    ),
    (
        "staged_products",
        {"id": 13, "refresh_id": 9, "evotor_id": "p2", "store_evotor_id": "s1", "name": "Т"},
    ),
    (
        "catalog_changes",
        {"id": 14, "refresh_id": 9, "what": "new", "evotor_id": "p1", "name": "Т"} | IN_STORE,
    ),
    (
        "sync_configs",
        {"id": 15, "user_id": 7, "is_enabled": False, "default_mode": "include", "created_at": WHEN}
        | {"updated_at": WHEN},
    ),
    ("sync_filters", {"id": 16, "sync_config_id": 15, "store_evotor_id": "s1", "created_at": WHEN} | RULE),
    (
        "rule_changes",
        {"id": 17, "user_id": 7, "kind": "click", "title": "т", "notes": "[]", "moves": "[]", "appeared": 0}
        | {"hidden": 1, "planned_at": WHEN},
    ),
    ("catalog_exports", {"id": 18, "requested_at": WHEN} | EXPORT),
    ("catalog_exports", {"id": 19, "requested_at": WHEN} | EXPORT),
)
KEPT = (
    *("users", "connections", "cached_stores", "cached_groups", "cached_products", "staged_products"),
    *("catalog_changes", "sync_configs", "sync_filters", "rule_changes"),
)


def rows(names: Collection[str] = KEPT) -> dict[str, list[dict[str, Any]]]:
    with db.engine.connect() as connection:
        everything = {name: connection.execute(select(text("*")).select_from(table(name))) for name in names}
        return {name: [dict(row) for row in found.mappings()] for name, found in everything.items()}


def made(kind: str) -> set[str]:
    """The names of SQLite's indexes or triggers."""
    with db.engine.connect() as connection:
        found = text("SELECT name FROM sqlite_master WHERE type = :kind AND sql IS NOT NULL")
        return set(connection.scalars(found, {"kind": kind}))


@pytest.fixture
def filled(empty: Flask) -> Flask:  # noqa: F811 (the fixture)
    """The database as it was before runs had tokens, with something in every table of that time."""
    upgrade(revision="0009")
    with db.engine.begin() as connection:
        for name, row in FILLED:
            connection.execute(insert(table(name, *map(column, row))).values(row))
    return empty


def test_up_and_down_keep_every_row(filled: Flask) -> None:
    before = rows()
    upgrade(revision="0011")
    assert rows() == before
    with db.engine.connect() as connection:
        statuses = connection.execute(text("SELECT id, status FROM catalog_exports ORDER BY id")).all()
        drops = connection.scalar(text("SELECT confirmed_drops FROM catalog_refreshes"))
    # An owner may have one export under way: the older is closed. A word given for no number holds no more.
    assert [tuple(row) for row in statuses] == [(18, "failed"), (19, "running")]
    assert drops in ("{}", {})
    downgrade(revision="0009")
    assert rows() == before


def test_types_of_goods_are_in_capitals_also_of_what_came_before(filled: Flask) -> None:
    upgrade(revision="0048")
    for before, after in ((" alcohol_Marked\xa0", "ALCOHOL_MARKED"), (" ", None), ("NORMAL", "NORMAL")):
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE cached_products SET product_type = :type"), {"type": before})
        upgrade()
        assert rows(["cached_products"])["cached_products"][0]["product_type"] == after
        downgrade(revision="0048")


def test_what_waits_for_its_owner_is_news_to_the_release_before_and_wine_stays_wine(filled: Flask) -> None:
    upgrade()
    goods = {"tea": "NORMAL", "untyped": None, "decided": "NORMAL", "wine": "ALCOHOL_MARKED"}
    for evotor_id, kind in goods.items():
        row = IN_STORE | {"evotor_id": evotor_id, "product_type": kind, "gone_at": WHEN}
        row["is_news"] = evotor_id != "decided"
        with db.engine.begin() as connection:
            connection.execute(insert(table("departed_goods", *map(column, row))).values(row))
    downgrade(revision="0051")
    assert {row["evotor_id"] for row in rows(["departed_goods"])["departed_goods"]} == {"decided", "wine"}
    upgrade()
    assert not any(row["is_news"] for row in rows(["departed_goods"])["departed_goods"])


def test_steps_of_before_are_kept_whole_and_what_is_kept_in_part_is_not_taken_back_by_halves(
    filled: Flask,
) -> None:
    upgrade(revision="0052")
    whole, none, plan = (17, 2), (18, 0), (19, 2)
    step = {
        "user_id": 7,
        "kind": "bulk",
        "title": "т",
        "notes": "[]",
        "appeared": 0,
        "hidden": 0,
        "planned_at": WHEN,
    }
    with db.engine.begin() as connection:
        connection.execute(text("DELETE FROM rule_changes"))
        for key, rules in (whole, none, plan):
            moves = f'[{{"before": null, "after": "exclude", "rules": {rules}}}]' if rules else "[]"
            row = step | {"id": key, "moves": moves, "applied_at": None if key == plan[0] else WHEN}
            connection.execute(insert(table("rule_changes", *map(column, row))).values(row))
            for number in range(rules):
                item = {
                    "change_id": key,
                    "entity_type": "product",
                    "store_evotor_id": "s1",
                    "entity_name": "т",
                }
                item["entity_id"] = f"p{number}"
                connection.execute(insert(table("rule_change_items", *map(column, item))).values(item))
    upgrade()
    kept = text("SELECT kept_rules FROM rule_changes ORDER BY id")
    with db.engine.begin() as connection:
        assert connection.scalars(kept).all() == [2, None, None]
        connection.execute(text("UPDATE rule_changes SET kept_rules = 1 WHERE id = 17"))
    downgrade(revision="0052")
    with db.engine.connect() as connection:
        left = text("SELECT change_id FROM rule_change_items")
        assert connection.scalars(left).all() == [19, 19]


def test_what_hangs_on_the_tables_comes_along(filled: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite builds tables anew")
    upgrade(revision="0010")
    indexes, triggers = made("index"), made("trigger")
    upgrade(revision="0011")
    assert (made("index"), made("trigger")) == (indexes, triggers)
    with db.engine.begin() as connection:
        found = text("SELECT rowid FROM product_names WHERE product_names MATCH 'улу'")
        assert connection.scalars(found).all() == [PRODUCT]
        connection.execute(text("UPDATE cached_products SET sort_name = 'сенча'"))
        assert connection.scalars(found).all() == []
    with pytest.raises(IntegrityError), db.engine.begin() as connection:
        connection.execute(text("UPDATE cached_stores SET user_id = 999"))
    downgrade(revision="0010")
    assert (made("index"), made("trigger")) == (indexes, triggers)


def test_a_filled_database_goes_through_all_later_steps_down_and_up(empty: Flask) -> None:  # noqa: F811
    upgrade()
    with Session(db.engine) as session:
        session.add(User(id=7, email="a@example.org", password_hash="x"))
        session.flush()
        fill_what_is_empty(session, 7)
        session.commit()
    before = {name: found for name, found in rows(tables()).items() if found}
    assert len(before) > 40
    downgrade(revision="0011")
    known = rows(tables() & before.keys())
    upgrade()
    after = rows(known)
    for name, found in known.items():
        lasting = before[name][0].keys() & found[0].keys()
        for rows_of_then in (found, after[name]):
            assert [{c: row[c] for c in lasting} for row in rows_of_then] == [
                {c: row[c] for c in lasting} for row in before[name]
            ], name
