"""Measure the CSV and the price list of all goods in a process: `python -m bench.files DATABASE_URL ROUNDS`.

Prints one line of JSON: rows, seconds of the processor in web and database, milliseconds to the first byte,
growth of memory in megabytes, and what the database's own dump of the same query takes; the same of the price
list as `feed`, and of the workbook beside openpyxl's. All are done in turn; a time is the middle of the
rounds, `ratio` the middle of what the rounds give.
"""

import json
import logging
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import psycopg
from flask import Flask
from openpyxl import Workbook  # type: ignore[import-untyped]
from sqlalchemy import make_url, select

from app.accounts.models import SignIn, User
from app.catalog.export.csv_stream import rows_of
from app.catalog.export.sheets import select_file
from app.data.db import db
from app.mirror.models import CachedStore
from app.publishing.feed.address import feed_of, open_feed, secret_of
from app.web.sheet import Sheet
from app.web.workbook import write_workbook
from bench.busy import busy_seconds, database_processes
from bench.memory import peak_mb
from bench.middle import middle
from bench.product import EMAIL, application, sign_in

# Of the CSV beside the dump, a round: both are short.
TURNS = 3
# Of the workbook: openpyxl takes half a second for so many.
WORKBOOK_ROWS = 5_000


def main() -> None:
    """Download the file as a browser would, and let the database write the same rows."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user.id)).one()
        db.session.add(SignIn.of(user))
        db.session.commit()
        user_key = user.get_id()
    with app.test_request_context():
        query = _plain_query(user.id, {"type": "products", "store_id": store_id})
    with app.app_context():
        open_feed(user.id)
        secret = secret_of(feed_of(user.id) or sys.exit("no price list"))
        with db.engine.connect() as connection:
            database = database_processes(connection)
    files, feeds, dumps, books, beside = [], [], [], [], []
    for _ in range(int(sys.argv[2])):
        address = f"/catalog/export?type=products&store_id={store_id}"
        for _ in range(TURNS):
            files.append(_download(app, user_key, address, b"\n", database, 1))
            dumps.append(_dump(sys.argv[1], query, database))
        feeds.append(_download(app, user_key, f"/feeds/{secret}.yml", b"</offer>", database))
        with app.test_request_context():
            rows, sheet = _rows(user.id, {"type": "products", "store_id": store_id})
            books.append(_workbook(rows, sheet))
            beside.append(_openpyxl(rows, sheet))
    report, feed = (_middle(times) for times in (files, feeds))
    # What the machine does besides only adds to the clock.
    for each, taken in ((report, files), (feed, feeds)):
        each["first_byte_ms"] = min(one["first_byte_ms"] for one in taken)
    # Memory grows the first time.
    report["growth_mb"], feed["growth_mb"] = files[0]["growth_mb"], feeds[0]["growth_mb"]
    seconds, feed_seconds = ([each["seconds"] for each in times] for times in (files, feeds))
    dump_seconds = [dump for dump, _ in dumps]
    report["dump_seconds"], report["dumped_by"] = middle(dump_seconds), dumps[0][1]
    report["ratio"] = _ratio(dump_seconds, seconds)
    of_round = [middle(seconds[at : at + TURNS]) for at in range(0, len(seconds), TURNS)]
    feed["ratio"] = _ratio(of_round, feed_seconds)
    book = {"rows": len(rows), "seconds": middle(books), "openpyxl_seconds": middle(beside)}
    print(json.dumps(report | {"feed": feed, "workbook": book | {"ratio": _ratio(beside, books)}}))


def _ratio(baselines: list[float], ours: list[float]) -> float:
    return middle(base / own for base, own in zip(baselines, ours, strict=True))


def _middle(times: list[dict[str, Any]]) -> dict[str, Any]:
    return sorted(times, key=lambda each: float(each["seconds"]))[len(times) // 2]


def _rows(user_id: int, args: dict[str, str]) -> tuple[list[Any], Sheet]:
    """Rows of the file as a worker gets them, and what they look like."""
    statement, sheet = select_file(user_id, args) or sys.exit("no such list")
    rows = chain.from_iterable(rows_of(db.engine, statement, sheet))
    return list(islice(rows, WORKBOOK_ROWS)), sheet


def _workbook(rows: list[Any], sheet: Sheet) -> float:
    started = time.process_time()
    with TemporaryFile() as file:
        write_workbook(file, iter([rows]), sheet)
    return time.process_time() - started


def _openpyxl(rows: list[Any], sheet: Sheet) -> float:
    """What its fastest way takes, of bare values without widths and formats."""
    started = time.process_time()
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(sheet.headers)
    for row in rows:
        page.append(
            [
                None
                if value is None
                else float(value)
                if name in sheet.decimals
                else sheet.words[name][value]
                if name in sheet.words
                else value
                for name, value in zip(sheet.columns, row, strict=True)
            ]
        )
    with TemporaryFile() as file:
        book.save(file)
    return time.process_time() - started


def _download(
    app: Flask, user_key: str, url: str, row_end: bytes, database: tuple[int, ...], headings: int = 0
) -> dict[str, Any]:
    client = sign_in(app, user_key)
    client.get("/catalog").get_data()
    before, busy = peak_mb(), _busy(database)
    started = time.perf_counter()
    answer = client.get(url, buffered=False)
    pieces = answer.iter_encoded()
    rows = next(pieces).count(row_end)
    first = time.perf_counter() - started
    rows += sum(piece.count(row_end) for piece in pieces)
    seconds = _busy(database) - busy
    answer.close()
    return {
        "rows": rows - headings,
        "seconds": seconds,
        "first_byte_ms": first * 1000,
        "growth_mb": peak_mb() - before,
    }


def _plain_query(user_id: int, args: dict[str, str]) -> str:
    """The query of the file with its columns as they are stored, before anything makes cells of them."""
    statement, sheet = select_file(user_id, args) or sys.exit("no such list")
    plain = statement.with_only_columns(*(statement.selected_columns[name] for name in sheet.columns))
    return str(plain.compile(db.engine, compile_kwargs={"literal_binds": True}))


def _busy(database: tuple[int, ...]) -> float:
    """Seconds of the processor, in this process, in those that it has waited for, and in the database."""
    waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited_for.ru_utime + waited_for.ru_stime + busy_seconds(database)


def _dump(database_url: str, query: str, database: tuple[int, ...]) -> tuple[float, str]:
    busy = _busy(database)
    if not database_url.startswith("sqlite"):
        with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
            # Bytes, because psycopg takes only texts that a program holds ready.
            with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode()) as copy:
                for _ in copy:
                    pass
            return _busy(database) - busy, "COPY"
    dumped_by = _dump_sqlite(make_url(database_url).database or "", query)
    return _busy(database) - busy, dumped_by


def _dump_sqlite(path: str, query: str) -> str:
    program = shutil.which("sqlite3")
    if program is None:
        for _ in sqlite3.connect(path).execute(query):
            pass
        return "reading the rows (no sqlite3 on PATH)"
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "query.sql"
        script.write_text(query + ";\n")
        with script.open() as statement:
            subprocess.run([program, "-csv", path], stdin=statement, stdout=subprocess.DEVNULL, check=True)
        return "sqlite3 -csv"


if __name__ == "__main__":
    main()
