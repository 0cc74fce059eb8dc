"""Refreshes beside their baselines: `python -m bench.refreshes DATABASE_URL CLOUD_URL FIRST SAME DONE`.

The shop has been refreshed for the first time by a process of its own: DONE is its line of JSON. FIRST times
it is put in by one statement, and in between taken out and refreshed again; then SAME refreshes that find
nothing new are done, each beside the client alone, and then, half as often, those of the other day and back.
Prints a line of JSON: for each of the three, and both baselines, what it took, for refreshes also `ratio`:
the middle of what the pairs give.
"""

import json
import logging
import math
import sys
from collections.abc import Sequence
from typing import Any

import psycopg
from sqlalchemy import create_engine

from app.config import with_psycopg
from app.data.db import db
from bench import cloud, copied, fetched
from bench.emptied import empty
from bench.middle import middle
from bench.product import application, connect, prepare
from bench.refresh import measure

Measures = Sequence[dict[str, Any]]


def main() -> None:
    """Do all in turn, in this process."""
    database_url, cloud_url, *times, done = sys.argv[1:]
    firsts, sames = map(int, times)
    logging.disable(logging.INFO)
    first, put_in = [json.loads(done)], [_put_in(database_url)]
    with application(database_url, cloud_url).app_context():
        user_id = prepare()
        connect(user_id, cloud.TODAY)
        for _ in range(firsts - 1):
            # To empty a table of PostgreSQL waits for everybody who reads it, this process's session too.
            db.session.remove()
            empty(database_url)
            first.append(measure(user_id))
            put_in.append(_put_in(database_url))
        _settle(database_url)
        same, alone = _refreshed(user_id, cloud_url, [cloud.TODAY] * sames)
        later, beside = _refreshed(user_id, cloud_url, [cloud.LATER, cloud.TODAY] * math.ceil(sames / 4))
    found = {"first": _paired(first, put_in), "same": _paired(same, alone), "later": _paired(later, beside)}
    print(json.dumps(found | {"copied": _middle(put_in), "fetched": _middle(alone)}))


def _refreshed(user_id: int, cloud_url: str, days: Sequence[str]) -> tuple[Measures, Measures]:
    """Refresh day after day; give what that took, and what the client alone took each time."""
    ours, alone = [], []
    for day in days:
        connect(user_id, day)
        ours.append(measure(user_id))
        alone.append(fetched.measure(cloud_url, day))
    return ours, alone


def _put_in(database_url: str) -> dict[str, float]:
    engine = create_engine(with_psycopg(database_url))
    with engine.connect() as connection:
        took = copied.measure(connection)
        connection.rollback()
    engine.dispose()
    return took


def _settle(url: str) -> None:
    """Do what PostgreSQL's autovacuum does within a minute of a big change."""
    if url.startswith("postgresql"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def _paired(ours: Measures, baselines: Measures) -> dict[str, Any]:
    pairs = zip(ours, baselines, strict=True)
    return _middle(ours) | {
        "ratio": middle(base["busy_seconds"] / own["busy_seconds"] for own, base in pairs)
    }


def _middle(measures: Measures) -> dict[str, Any]:
    """The measure whose time is the median."""
    return sorted(measures, key=lambda each: float(each["busy_seconds"]))[len(measures) // 2]


if __name__ == "__main__":
    main()
