"""A refresh as its fragment shows it: one state, with only what is valid in it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.connections.models import EVOTOR
from app.connections.state import connection_of
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome
from app.mirror.refresh.requests import last_success
from app.mirror.refresh.run import CONNECTION, refreshes
from app.web.formatting import MINUS, number
from app.work.runs.row import QUEUED, RUNNING, SUCCESSFUL

NEVER = "never"
INTERRUPTED_STATE = "interrupted"
# Before this share is done an estimate of the rest would only jump about.
_ESTIMATE_FROM = 0.05


@dataclass(frozen=True)
class RefreshView:
    """`state` is NEVER, INTERRUPTED_STATE or a status of the row; `error` is a sentence or None.

    `is_unattended` tells that no worker is there to begin; `is_refused` that the connection needs the owner.
    """

    state: str
    id: int | None = None
    step: str = ""
    done: int = 0
    total: int | None = None
    seconds_left: int | None = None
    poll_seconds: int = 1
    added: int = 0
    changed: int = 0
    removed: int = 0
    error: str | None = None
    is_first: bool = False
    is_unattended: bool = False
    is_refused: bool = False
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    stores: list[StoreOutcome] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What the run changed: `+12, −3, изменено 40`."""
        return f"+{number(self.added)}, {MINUS}{number(self.removed)}, изменено {number(self.changed)}"

    @property
    def has_changes(self) -> bool:
        """Whether there is something to list: what comes with a whole new store is no change."""
        return any(
            store.added or store.changed or store.removed for store in self.stores if not store.is_first
        )

    @property
    def is_active(self) -> bool:
        return self.state in (QUEUED, RUNNING)


def refresh_context(user_id: int, run: CatalogRefresh | None = None) -> dict[str, Any]:
    """What the fragment of the owner's last run, or of `run`, is made of.

    To be read before the rows beside it: rows may be newer than what is said of them, never older.
    """
    run = run or refreshes.latest(user_id)
    is_whole = run is not None and run.only_store is None
    succeeded = run if run is not None and is_whole and run.status in SUCCESSFUL else last_success(user_id)
    is_connected = connection_of(user_id, EVOTOR) is not None
    return context_of(run, succeeded.finished_at if succeeded else None, is_connected=is_connected)


def context_of(
    run: CatalogRefresh | None, refreshed_at: datetime | None, *, is_connected: bool
) -> dict[str, Any]:
    """The same of a run that is at hand, when the catalogue was last brought in, and whether it can be."""
    return {
        "refresh": view_of(refreshes.closed_if_dead(run), is_first=refreshed_at is None),
        "last_refreshed_at": refreshed_at,
        "connected": is_connected,
    }


def view_of(refresh: CatalogRefresh | None, *, is_first: bool) -> RefreshView:
    """Describe a run; `is_first` tells that no run has brought anything in yet."""
    if refresh is None:
        return RefreshView(NEVER, is_first=is_first)
    total = max(refresh.total, refresh.done) if refresh.total else None
    return RefreshView(
        state=INTERRUPTED_STATE if refresh.was_interrupted else refresh.status,
        id=refresh.id,
        step=refresh.step,
        done=refresh.done,
        total=total,
        seconds_left=_seconds_left(refresh, total),
        poll_seconds=refreshes.poll_seconds(refresh),
        added=refresh.added,
        changed=refresh.changed,
        removed=refresh.removed,
        error=refresh.error,
        is_first=is_first,
        is_unattended=refreshes.is_unattended(refresh),
        is_refused=refresh.problem == CONNECTION,
        requested_at=refresh.requested_at,
        finished_at=refresh.finished_at,
        stores=[StoreOutcome(**outcome) for outcome in refresh.stores],
    )


def _seconds_left(refresh: CatalogRefresh, total: int | None) -> int | None:
    if not total or refresh.status != RUNNING or refresh.started_at is None:
        return None
    if refresh.done < total * _ESTIMATE_FROM:
        return None
    spent = (now() - refresh.started_at).total_seconds()
    return round(spent * (total - refresh.done) / refresh.done)
