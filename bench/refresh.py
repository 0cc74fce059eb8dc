"""Measure refreshes in a process of their own: `python -m bench.refresh DATABASE_URL CLOUD_URL TOKEN…`.

Prints a line of JSON for each: seconds, peak memory of the process until then in megabytes, what the run did.
"""

import json
import logging
import sys
import time
from typing import Any

from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.run import run_refresh
from app.work.memory import give_memory_back
from bench.busy import busy_seconds, database_processes
from bench.memory import peak_mb
from bench.product import application, connect, prepare


def main() -> None:
    """Run the refreshes as a worker would, one after the other in this process."""
    database_url, cloud_url, *tokens = sys.argv[1:]
    logging.disable(logging.INFO)
    give_memory_back()
    with application(database_url, cloud_url).app_context():
        user_id = prepare()
        for token in tokens:
            connect(user_id, token)
            print(json.dumps(measure(user_id)))


def measure(user_id: int) -> dict[str, Any]:
    """Run one refresh of this owner."""
    run = CatalogRefresh(user_id=user_id)
    db.session.add(run)
    db.session.commit()
    run_id, idle = run.id, peak_mb()
    with db.engine.connect() as connection:
        database = database_processes(connection)
    # The thread that a store was read in has ended by then: not by threads.
    started, busy, beside = time.perf_counter(), time.process_time(), busy_seconds(database)
    run_refresh(run_id)
    seconds, busy = (
        time.perf_counter() - started,
        time.process_time() - busy + busy_seconds(database) - beside,
    )
    db.session.expire_all()
    run = db.session.get_one(CatalogRefresh, run_id)
    return {
        "seconds": seconds,
        "busy_seconds": busy,
        "idle_mb": idle,
        "peak_mb": peak_mb(),
        "status": run.status,
        "error": run.error,
        "goods": run.done,
        "added": run.added,
        "changed": run.changed,
        "removed": run.removed,
        "written": run.added + run.changed + run.removed,
    }


if __name__ == "__main__":
    main()
