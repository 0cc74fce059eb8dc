"""The baseline of a first refresh: `python -m bench.copied DATABASE_URL` prints one line of JSON.

The rows that a refresh has brought are taken out of the catalogue and put back by one `INSERT … SELECT`, into
the same table with the same indexes. Nothing of it is kept.
"""

import json
import sys
import time

from sqlalchemy import Connection, create_engine, text

from app.config import with_psycopg
from bench.busy import busy_seconds, database_processes


def main() -> None:
    """Copy, and print how many goods that were and how long the database took."""
    engine = create_engine(with_psycopg(sys.argv[1]))
    with engine.connect() as connection:
        print(json.dumps(measure(connection)))
        connection.rollback()


def measure(connection: Connection) -> dict[str, float]:
    """Time the statement alone, in seconds and in those of the processor."""
    connection.execute(text("CREATE TEMPORARY TABLE brought AS SELECT * FROM cached_products"))
    connection.execute(text("DELETE FROM cached_products"))
    database = database_processes(connection)
    started, busy = time.perf_counter(), time.process_time() + busy_seconds(database)
    copied = connection.execute(text("INSERT INTO cached_products SELECT * FROM brought ORDER BY id"))
    seconds, busy = time.perf_counter() - started, time.process_time() + busy_seconds(database) - busy
    return {"goods": copied.rowcount, "seconds": seconds, "busy_seconds": busy}


if __name__ == "__main__":
    main()
