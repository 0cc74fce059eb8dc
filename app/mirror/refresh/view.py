"""A refresh as its fragment shows it: one state, with only what is valid in it."""

from dataclasses import dataclass, field
from datetime import datetime

from app.data.types import now
from app.mirror.models import FAILED, QUEUED, RUNNING, CatalogRefresh
from app.mirror.refresh.progress import StoreOutcome
from app.mirror.refresh.requests import INTERRUPTED, poll_seconds
from app.web.formatting import MINUS, number

NEVER = "never"
INTERRUPTED_STATE = "interrupted"
# Before this share is done an estimate of the rest would only jump about.
_ESTIMATE_FROM = 0.05


@dataclass(frozen=True)
class RefreshView:
    """`state` is NEVER, INTERRUPTED_STATE or a status of the row; `error` is a sentence or None."""

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


def view_of(refresh: CatalogRefresh | None, *, is_first: bool) -> RefreshView:
    """Describe a run; `is_first` tells that no run has brought anything in yet."""
    if refresh is None:
        return RefreshView(NEVER, is_first=is_first)
    interrupted = refresh.status == FAILED and refresh.error == INTERRUPTED
    total = max(refresh.total, refresh.done) if refresh.total else None
    return RefreshView(
        state=INTERRUPTED_STATE if interrupted else refresh.status,
        id=refresh.id,
        step=refresh.step,
        done=refresh.done,
        total=total,
        seconds_left=_seconds_left(refresh, total),
        poll_seconds=poll_seconds(refresh),
        added=refresh.added,
        changed=refresh.changed,
        removed=refresh.removed,
        error=refresh.error,
        is_first=is_first,
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
