"""What the owners were told, compared with what is kept."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select

from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.rules.models import SyncConfig, SyncFilter
from app.work.runs.row import DONE
from bench.load.figures import CLICK, PAGE, POLL, Load
from bench.load.owner import Owner


def account(visitors: Sequence[Owner], last_prepared: int, alone: float) -> Load:
    """Compare what the owners were told with what is kept."""
    rules = {
        (user_id, product): mode
        for user_id, product, mode in db.session.execute(
            select(SyncConfig.user_id, SyncFilter.entity_id, SyncFilter.filter_mode).join(SyncFilter)
        )
    }
    decided = {(each.user_id, *decision) for each in visitors for decision in each.decided.items()}
    runs = db.session.scalars(select(CatalogRefresh).where(CatalogRefresh.id > last_prepared)).all()
    times = {
        run.user_id: (run.requested_at, run.finished_at)
        for run in runs
        if run.status == DONE and run.finished_at
    }
    errors = [error for each in visitors for error in each.errors]
    if visitors[0].user_id not in times:
        raise SystemExit(f"the big refresh was not done; {len(times)} others were; {errors[:5]}")
    big_asked, big_done = times.pop(visitors[0].user_id)
    return Load(
        len(visitors) - 1,
        alone,
        {kind: [ms for each in visitors for ms in each.milliseconds[kind]] for kind in (PAGE, CLICK, POLL)},
        errors,
        len(decided),
        sum(rules.get((user_id, product)) != mode for user_id, product, mode in decided),
        len(visitors) - 1 - len(times),
        [(done - asked).total_seconds() for asked, done in times.values()],
        (big_done - big_asked).total_seconds(),
        _standstill([*times.values()], big_done),
    )


def _standstill(small: list[tuple[datetime, datetime]], big_done: datetime) -> float:
    first_asked = min(asked for asked, _ in small)
    moments = sorted(done for _, done in small if done < big_done)
    waits = pairwise([first_asked, *moments, *([big_done] if len(moments) < len(small) else [])])
    # None waits for a big one that is done before anybody else has asked.
    return max(0.0, *((after - before).total_seconds() for before, after in waits))
