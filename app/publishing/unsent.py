"""How many goods wait to be sent: what the run under way has left, else what the plan of this moment has.

A plan takes too long to be made for a line above every page. Its number is kept in the memory of the process
with a mark of all that it came from: see `app.publishing.remembered`.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from flask import Flask, current_app
from sqlalchemy import ScalarSelect, String, cast, func, select

from app.connections.may_publish import chosen_community_id
from app.mirror.models import CachedStore
from app.publishing.planning.plan import DONE_BY_RUN, Plan
from app.publishing.remembered import Kept
from app.publishing.run.models import MarketReading, Publication
from app.work.runs.row import DONE

# As many as VK takes: a plan of these is made in a moment.
PLANNED_AT_MOST = 15_000


def init_waiting(app: Flask) -> None:
    """Give the application a memory of its own."""
    app.extensions["waiting"] = Kept[int]()


def select_mark(user_id: Any) -> tuple[ScalarSelect[Any], ...]:
    """Of what a plan is made of, what the statement of the line does not read for itself."""
    # Each of them: of the latest alone a store that goes leaves no trace.
    changed = cast(CachedStore.id, String) + ":" + func.coalesce(cast(CachedStore.changed_at, String), "")
    each = (
        select(changed.label("changed"))
        .where(CachedStore.user_id == user_id)
        .order_by(CachedStore.id)
        .subquery("each_store")
    )
    of_stores = select(func.aggregate_strings(each.c.changed, " "))
    was_read = select(func.max(MarketReading.id)).where(
        MarketReading.user_id == user_id, MarketReading.status == DONE
    )
    return of_stores.scalar_subquery(), was_read.scalar_subquery(), chosen_community_id(user_id)


def mark_of(values: Sequence[Any]) -> str:
    """The mark of what was read."""
    return blake2b(" ".join(map(str, values)).encode(), digest_size=16).hexdigest()


def waiting_of(user_id: int, mark: str, status: str | None, left: int | None) -> int | None:
    """How many goods wait; None where it would take a plan to know. `left` is of the last run."""
    if status in Publication.active_statuses and left:
        return left
    return _kept().get(user_id, mark)


def keep_waiting(user_id: int, mark: str, plan: Plan) -> None:
    """Remember the number of a plan; `mark` was read before the plan was made."""
    _kept().put(user_id, mark, sum(plan.counts[kind] for kind in DONE_BY_RUN))


def _kept() -> Kept[int]:
    kept: Kept[int] = current_app.extensions["waiting"]
    return kept
