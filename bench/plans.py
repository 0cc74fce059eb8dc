"""Measure what plans cost: `python -m bench.plans DATABASE_URL [GOODS LISTED COUNTED]`.

No cloud is asked: GOODS are all new, then all in VK as they should be; then COUNTED goods stand beside LISTED
listings that are as they should be. Prints one line of JSON a case: the least of some goes in milliseconds of
the processor, in this process and in the database, and of the clock; and by how many megabytes the memory of
a process peaks that makes this plan alone.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from app.data.db import db
from app.publishing.current import current_plan
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.comparing import all_fields
from app.publishing.planning.existing import LIVE, PHOTO_IDS
from app.publishing.planning.plan import CREATE, Plan
from bench.busy import busy_seconds, database_processes
from bench.product import application, prepare
from bench.run import run
from bench.shop import COMMUNITY, put_goods, set_up

GOES = 5


def main() -> None:
    """Print what each kind of plan costs."""
    url = sys.argv[1]
    goods, listed, counted = [int(each) for each in (sys.argv[2:] or ("15000", "15000", "100000"))]
    with application(url).app_context():
        user_id = prepare()
        set_up(user_id, COMMUNITY)
        put_goods(user_id, goods)
        _measure("new", goods, user_id, lambda plan: plan.digest)
        list_all(user_id)
        _measure("as it should be", goods, user_id, lambda plan: plan.digest)
        put_goods(user_id, listed)
        list_all(user_id)
        put_goods(user_id, counted, first=listed)
        _measure("counted", counted, user_id, lambda plan: plan.counts)


def _measure(case: str, goods: int, user_id: int, look: Callable[[Plan], Any]) -> None:
    db.session.remove()
    with db.engine.connect() as connection:
        database = database_processes(connection)
    found = []
    for _ in range(GOES):
        at, on_clock = time.process_time() + busy_seconds(database), time.perf_counter()
        plan = current_plan(user_id, COMMUNITY)
        look(plan)
        busy = time.process_time() + busy_seconds(database) - at
        found.append((busy, time.perf_counter() - on_clock))
        counts = {kind: count for kind, count in plan.counts.items() if count}
        del plan
        db.session.remove()
    processor, clock = (round(1000 * min(each)) for each in zip(*found, strict=True))
    peak = run("plan_peak", sys.argv[1])["peak_mb"]
    figures = {"case": case, "goods": goods, "processor_ms": processor, "ms": clock, "peak_mb": peak}
    print(json.dumps(figures | counts))


def list_all(user_id: int) -> None:
    """Let every new good of the plan be in VK, known to be as it should be."""
    db.session.execute(delete(ListingGood))
    db.session.execute(delete(Listing))
    plan = current_plan(user_id, COMMUNITY)
    listings, behind = [], []
    for number, item in enumerate(plan.items[CREATE], 1):
        if item.want is None:
            continue
        sent = all_fields(item.want) | {PHOTO_IDS: [number]}
        where = {"user_id": user_id, "community_id": COMMUNITY, "state": LIVE}
        seen = {"name": sent["name"], "price": sent["price"], "available": True, PHOTO_IDS: [number]}
        listings.append(
            {"id": number, "sku": item.sku, "item_id": number, "sent": sent, "seen": seen} | where
        )
        store_id, product_id = item.key
        behind.append(
            {"listing_id": number, "user_id": user_id, "store_evotor_id": store_id, "evotor_id": product_id}
        )
    db.session.execute(insert(Listing), listings)
    db.session.execute(insert(ListingGood), behind)
    db.session.commit()
    marks = current_plan(user_id, COMMUNITY).settled
    noted = update(Listing.__table__).where(Listing.__table__.c.id == bindparam("listing"))
    rows = [{"listing": listing_id, "mark": mark} for listing_id, mark in marks.items()]
    db.session.connection().execute(noted.values(settled=bindparam("mark")), rows)
    db.session.commit()


if __name__ == "__main__":
    main()
