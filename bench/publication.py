"""Measure publication in a process of its own: `python -m bench.publication DATABASE_URL NEW LISTED`.

A sandbox at VK's limits is asked: NEW goods are added, each with a picture; then LISTED listings are read and
compared. Prints one line of JSON: calls made beside the least possible, the seconds of the run, and of
comparing those of the processor, the sandbox's too, with what its calls wait.
"""

import json
import math
import sys
import time
from typing import Any

from sqlalchemy import select

from app.data.db import db
from app.publishing.current import current_plan
from app.publishing.ledger.models import ForeignListing, Listing, ListingGood
from app.publishing.planning.existing import LIVE
from bench.at_vk import BATCH, CALLS_A_SECOND, at_vk, read, run
from bench.busy import busy_seconds, database_processes
from bench.shop import STORE, put_goods
from sandbox.vk.filling import fill
from sandbox.vk.world import VkWorld

PAGE, PAGES_A_CALL = 200, 25


def least_calls(listed: int) -> int:
    """The fewest calls that so many listings are read with, and what the community is."""
    return math.ceil(listed / PAGE / PAGES_A_CALL) + 1


def main() -> None:
    """Publish, read and compare, and print what it took."""
    database_url, new, listed = sys.argv[1:]
    with at_vk(database_url) as shop:
        found = _publish(shop.user_id, shop.community_id, shop.vk, int(new))
        found |= _compare(shop.user_id, shop.community_id, shop.vk, int(listed))
    print(json.dumps(found))


def _publish(user_id: int, community_id: int, vk: VkWorld, goods: int) -> dict[str, Any]:
    put_goods(user_id, goods)
    vk.calls.clear()
    seconds, made_by = run(user_id, community_id)
    # One look at the empty shop, one upload address, one call a picture, 25 goods a call.
    least = 1 + 1 + goods + math.ceil(goods / BATCH)
    made, wrote = vk.calls.total, len(vk.calls.writing)
    nothing, _ = run(user_id, community_id)
    return {
        "new": goods,
        "status": made_by.status,
        "done": made_by.done,
        "seconds": seconds,
        "calls": made,
        "least_calls": least,
        "least_seconds": least / CALLS_A_SECOND,
        "busiest_second": vk.calls.busiest_second(),
        "refused": vk.calls.refused_as_too_often,
        "nothing_seconds": nothing,
        "nothing_writes": len(vk.calls.writing) - wrote,
    }


def _compare(user_id: int, community_id: int, vk: VkWorld, listed: int) -> dict[str, Any]:
    """Make so many listings ours, then read and compare them."""
    fill(vk, community_id, listed, sku="old-{}")
    read(user_id, community_id)
    foreign = list(db.session.scalars(select(ForeignListing).filter_by(user_id=user_id)))
    _adopt(user_id, community_id, foreign)
    vk.calls.clear()
    with db.engine.connect() as connection:
        database = database_processes(connection)
    started = time.process_time() + busy_seconds(database)
    read(user_id, community_id)
    plan = current_plan(user_id, community_id)
    seconds = time.process_time() + busy_seconds(database) - started
    return {
        "listed": len(foreign),
        "compare_seconds": seconds + vk.calls.total / CALLS_A_SECOND,
        "compare_calls": vk.calls.total,
        "least_compare_calls": least_calls(listed),
        "compare_writes": len(vk.calls.writing),
        "still_to_do": plan.counts["create"],
    }


def _adopt(user_id: int, community_id: int, foreign: list[ForeignListing]) -> None:
    for row in foreign:
        listing = Listing(
            user_id=user_id,
            community_id=community_id,
            sku=row.sku or f"none-{row.item_id}",
            item_id=row.item_id,
            state=LIVE,
            sent=dict(row.seen),
        )
        db.session.add(listing)
        db.session.flush()
        good = ListingGood(
            listing_id=listing.id, user_id=user_id, store_evotor_id=STORE, evotor_id=f"item-{row.item_id}"
        )
        db.session.add(good)
    db.session.commit()


if __name__ == "__main__":
    main()
