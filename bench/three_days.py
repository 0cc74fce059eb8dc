"""Publish more goods than VK takes in a day: `python -m bench.three_days DATABASE_URL GOODS DAILY`.

Days pass at once, and calls are made as fast as they can be: they are counted, and it is told how long VK's
three a second would take. Nobody clicks after the first plan has been approved: the clock's round lets the
run go on. Prints one line of JSON.
"""

import json
import math
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.data.db import db
from app.data.types import now
from app.publishing.run.auto import look_for_changes
from app.publishing.run.job import run_publication
from app.publishing.run.models import Publication
from app.work.runs.row import QUEUED
from bench.at_vk import BATCH, CALLS_A_SECOND, AtVk, at_vk, run
from bench.shop import put_goods
from bench.time_travel import let_pass

UNHURRIED = 10**6
MOST_DAYS = 10
# So that what was added at the end of a day is a day old as well.
A_DAY = timedelta(hours=25)


def main() -> None:
    """Publish day by day, and print what it took."""
    database_url, goods, daily = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with at_vk(database_url, vk_calls_per_second=UNHURRIED, vk_daily_limit=daily) as shop:
        shop.vk.calls_per_second = UNHURRIED
        shop.vk.limits.new_items_a_day = daily
        print(json.dumps(publish_over_days(shop, goods)))


def publish_over_days(shop: AtVk, goods: int) -> dict[str, Any]:
    """Approve the plan of so many goods once, and let days pass until all are in VK."""
    put_goods(shop.user_id, goods)
    shop.vk.calls.clear()
    market = shop.vk.market(shop.community_id)
    seconds, publication = run(shop.user_id, shop.community_id)
    promised = publication.ends_at and publication.ends_at - now()
    days, calls = [len(market.items)], [shop.vk.calls.total]
    while publication.is_active and len(days) < MOST_DAYS:
        let_pass(A_DAY, shop.vk)
        look_for_changes()
        publication = _carried_out(publication.id)
        days.append(len(market.items))
        calls.append(shop.vk.calls.total)
    by_day = [after - before for before, after in zip([0, *days], days, strict=False)]
    # One look at the empty shop; a day: one upload address, one call a picture, 25 goods a call.
    least = 1 + sum(1 + new + math.ceil(new / BATCH) for new in by_day)
    return {
        "goods": goods,
        "each_once": len({item.sku for item in market.items.values()}) == len(market.items) == goods,
        "status": publication.status,
        "new_by_day": by_day,
        "promised_days": promised and round(promised / timedelta(days=1), 2),
        "calls": calls[-1],
        "least_calls": least,
        "ratio": round(calls[-1] / least, 4),
        "hours_at_three_a_second": round(calls[-1] / CALLS_A_SECOND / 3600, 2),
        "first_day_seconds_here": round(seconds, 1),
    }


def _carried_out(run_id: int) -> Publication:
    db.session.expire_all()
    waiting = db.session.scalars(select(Publication.id).filter_by(status=QUEUED)).all()
    for each in waiting:
        run_publication(each)
    db.session.expire_all()
    return db.session.get_one(Publication, run_id)


if __name__ == "__main__":
    main()
