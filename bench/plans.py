"""Measure what plans cost: `python -m bench.plans DATABASE_URL [GOODS LISTED COUNTED]`.

No cloud is asked: GOODS are all in VK as they should be, then all new; then COUNTED goods stand beside LISTED
listings that are as they should be. Prints one line of JSON a case: the least of some goes in milliseconds of
this process's processor and of the clock, and by how many megabytes its memory peaked above what it had.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, delete, insert, update

from app.connections.models import EVOTOR, ONLINE, VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.publishing.current import current_plan
from app.publishing.ledger.models import Listing, ListingGood
from app.publishing.planning.comparing import all_fields
from app.publishing.planning.existing import LIVE, PHOTO_IDS
from app.publishing.planning.plan import CREATE, Plan
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT
from bench.memory import peak_mb
from bench.product import application, prepare

COMMUNITY, STORE, GROUPS, GOES = 2001, "bench-store", 40, 5
WORDS = ("листовой", "зелёный", "молочный", "с чабрецом", "высшего сорта", "в пакетиках")


def main() -> None:
    """Print what each kind of plan costs."""
    url = sys.argv[1]
    goods, listed, counted = [int(each) for each in (sys.argv[2:] or ("15000", "15000", "100000"))]
    with application(url).app_context():
        user_id = prepare()
        _settle(user_id)
        put_goods(user_id, goods)
        _measure("new", user_id, lambda plan: plan.digest)
        list_all(user_id)
        _measure("as it should be", user_id, lambda plan: plan.digest)
        put_goods(user_id, listed)
        list_all(user_id)
        put_goods(user_id, counted, first=listed)
        _measure("counted", user_id, lambda plan: plan.counts)


def _measure(case: str, user_id: int, look: Callable[[Plan], Any]) -> None:
    db.session.remove()
    _reset_peak()
    before = peak_mb()
    found = []
    for _ in range(GOES):
        at, on_clock = time.process_time(), time.perf_counter()
        plan = current_plan(user_id, COMMUNITY)
        look(plan)
        found.append((time.process_time() - at, time.perf_counter() - on_clock))
        counts = {kind: count for kind, count in plan.counts.items() if count}
        del plan
        db.session.remove()
    processor, clock = (round(1000 * min(each)) for each in zip(*found, strict=True))
    peak = round(peak_mb() - before)
    print(json.dumps({"case": case, "processor_ms": processor, "ms": clock, "peak_mb": peak} | counts))


def _reset_peak() -> None:
    if sys.platform == "linux":
        # Reference: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
        Path("/proc/self/clear_refs").write_text("5")


def _settle(user_id: int) -> None:
    for table in (ListingGood, Listing, CachedProduct, CachedGroup, CachedStore, CloudAccount):
        db.session.execute(delete(table))
    db.session.execute(delete(PublicationSettings))
    till = CloudAccount(user_id=user_id, provider=EVOTOR, profile={}, status=ONLINE, is_online=True)
    profile = {"community": {"id": COMMUNITY, "name": "Чайная"}}
    vk = CloudAccount(user_id=user_id, provider=VK, profile=profile, status=ONLINE, is_online=True)
    till.secret, vk.secret = {"token": "bench"}, {"access_token": "bench"}
    values = {name: getattr(Settings(), name) for name in KEPT}
    values |= {"default_category_id": 40_011, "photo_fallback": "card", "store_order": []}
    db.session.add_all([till, vk, PublicationSettings(user_id=user_id, configured_at=now(), **values)])
    db.session.add(CachedStore(user_id=user_id, evotor_id=STORE, name="Чайная", fetched_at=now()))
    for number in range(GROUPS):
        named = {"evotor_id": f"group-{number}", "name": f"Группа {number}", "fetched_at": now()}
        db.session.add(CachedGroup(user_id=user_id, store_evotor_id=STORE, **named))
    db.session.commit()


def put_goods(user_id: int, goods: int, first: int = 0) -> None:
    """Let the till hold so many goods; those before `first` are there already."""
    if not first:
        db.session.execute(delete(CachedProduct).filter_by(user_id=user_id))
    rows = [
        {
            "user_id": user_id,
            "store_evotor_id": STORE,
            "evotor_id": f"00000000-0000-4000-8000-{number:012}",
            "group_evotor_id": f"group-{number % GROUPS}",
            "name": f"Чай {WORDS[number % len(WORDS)]} № {number}",
            "sort_name": f"чай {WORDS[number % len(WORDS)]} № {number}",
            "product_type": "NORMAL",
            "price": 100 + number % 900,
            "quantity": 5 + number % 7,
            "measure_name": "шт",
            "allow_to_sell": True,
            "code": str(number),
            "article_number": f"N-{number}",
            "barcodes": f"{2_000_000_000_000 + number}",
            "description": f"Собран вручную весной, партия {number}" if number % 3 else None,
            "fetched_at": now(),
        }
        for number in range(first, goods)
    ]
    db.session.execute(insert(CachedProduct), rows)
    db.session.commit()


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
