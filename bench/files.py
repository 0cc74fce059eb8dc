"""Measure the CSV of all goods, in a process of its own: `python -m bench.files DATABASE_URL`.

Prints one line of JSON: rows, seconds, milliseconds to the first byte, growth of memory in megabytes, and how
long the database's own dump of the same query takes.
"""

import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, make_url, select

from app.accounts.models import User
from app.catalog.models import CachedStore
from app.extensions import db
from bench.memory import peak_mb
from bench.product import EMAIL, application


def main() -> None:
    """Download the file as a browser would, and let the database write the same rows."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    executed: list[tuple[str, Any]] = []
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user.id)).one()
        user_key, engine = user.get_id(), db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: executed.append((call[2], call[3])))
    report = _download(app, user_key, f"/catalog/export?type=products&store_id={store_id}")
    statement, parameters = executed[-1]
    report["dump_seconds"], report["dumped_by"] = _dump(sys.argv[1], statement, parameters)
    print(json.dumps(report))


def _download(app: Flask, user_key: str, url: str) -> dict[str, Any]:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user_key, True
    client.get("/catalog").get_data()
    before = peak_mb()
    started = time.perf_counter()
    answer = client.get(url, buffered=False)
    pieces = answer.iter_encoded()
    lines = next(pieces).count(b"\n")
    first = time.perf_counter() - started
    lines += sum(piece.count(b"\n") for piece in pieces)
    seconds = time.perf_counter() - started
    answer.close()
    return {
        "rows": lines - 1,
        "seconds": seconds,
        "first_byte_ms": first * 1000,
        "growth_mb": peak_mb() - before,
    }


def _dump(database_url: str, statement: str, parameters: Any) -> tuple[float, str]:
    if database_url.startswith("sqlite"):
        return _dump_sqlite(make_url(database_url).database or "", statement, parameters)
    with psycopg.connect(database_url) as connection, psycopg.ClientCursor(connection) as cursor:
        query = cursor.mogrify(statement, parameters)
        started = time.perf_counter()
        with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
            for _ in copy:
                pass
        return time.perf_counter() - started, "COPY"


def _dump_sqlite(path: str, statement: str, parameters: Any) -> tuple[float, str]:
    import sqlite3

    program = shutil.which("sqlite3")
    if program is None:
        started = time.perf_counter()
        for _ in sqlite3.connect(path).execute(statement, parameters):
            pass
        return time.perf_counter() - started, "reading the rows (no sqlite3 on PATH)"
    expanded: list[str] = []
    connection = sqlite3.connect(path)
    connection.set_trace_callback(expanded.append)
    connection.execute(statement, parameters).close()
    with tempfile.TemporaryDirectory() as directory:
        script = Path(directory) / "query.sql"
        script.write_text(expanded[-1] + ";\n")
        started = time.perf_counter()
        with script.open() as query:
            subprocess.run([program, "-csv", path], stdin=query, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started, "sqlite3 -csv"


if __name__ == "__main__":
    main()
