"""A refresh as its fragment shows it: one state, with only what is valid in it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, ScalarSelect, Select, bindparam, func, literal, select

from app.connections.models import EVOTOR, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import FETCHING, GUARDED, STORE_DONE, STORE_FAILED, StoreOutcome
from app.mirror.refresh.run import CONNECTION, refreshes
from app.mirror.refresh.told import unsaid_stock
from app.web.formatting import MINUS, number, plural
from app.work.runs.row import PARTIAL, QUEUED, RUNNING, SUCCESSFUL

NEVER = "never"
INTERRUPTED_STATE = "interrupted"
# Before this share is done an estimate of the rest would only jump about.
_ESTIMATE_FROM = 0.05
# Of more stores a page tells the state of so many, first of those that need attention.
STORES_SHOWN = 20
_FIRST_SHOWN = (STORE_FAILED, GUARDED, FETCHING, STORE_DONE)
# As long is it said that goods were brought in, or that nothing has changed; afterwards the time is enough.
_NEWS = timedelta(minutes=10)


@dataclass(frozen=True)
class RefreshView:
    """`state` is NEVER, INTERRUPTED_STATE or a status of the row; `error` is a sentence or None.

    `is_unattended` tells that no worker is there to begin, `gave_way` that it waits for its next turn,
    `is_refused` that the connection needs the owner.
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
    gave_way: bool = False
    is_refused: bool = False
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    stores: list[StoreOutcome] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What the run did, in a few words; of stores that are all new it only tells how much came.

        That nothing has changed is said of stores that were brought in alone; empty where none was.
        """
        if self.stores and all(store.is_first for store in self.stores):
            goods = plural(self.added, "товар", "товара", "товаров")
            return gettext("Загружено %(goods)s", goods=goods)
        if said := self.difference:
            return gettext("Обновлено: %(changes)s", changes=said)
        if self.state == PARTIAL:
            return gettext("В остальных магазинах изменений нет") if self.stores_in(STORE_DONE) else ""
        return gettext("Изменений нет")

    @property
    def difference(self) -> str:
        """How many goods came, went and changed: `+12, −3, изменено 40`; empty when none did."""
        counts = (
            (self.added, f"+{number(self.added)}"),
            (self.removed, f"{MINUS}{number(self.removed)}"),
            (self.changed, gettext("изменено %(count)s", count=number(self.changed))),
        )
        return ", ".join(words for count, words in counts if count)

    @property
    def shown_stores(self) -> list[StoreOutcome]:
        """The stores whose state is told."""
        if len(self.stores) <= STORES_SHOWN:
            return self.stores
        place = {state: place for place, state in enumerate(_FIRST_SHOWN)}
        return sorted(self.stores, key=lambda store: place.get(store.state, len(place)))[:STORES_SHOWN]

    def first_in(self, state: str) -> list[StoreOutcome]:
        """The first stores in a state: for each by itself, that no other crowds out those we ask about."""
        return [store for store in self.stores if store.state == state][:STORES_SHOWN]

    def stores_in(self, state: str) -> int:
        """How many stores are in a state."""
        return sum(store.state == state for store in self.stores)

    @property
    def waiting_elsewhere(self) -> int:
        """How many new goods wait for the word on another store's."""
        return sum(
            store.would_add for store in self.stores if store.state != GUARDED and not store.wait_for_stores
        )

    @property
    def waiting_for_stores(self) -> list[StoreOutcome]:
        """The first stores whose new goods wait until other stores can be read."""
        return [store for store in self.stores if store.wait_for_stores][:STORES_SHOWN]

    @property
    def unsaid_stock(self) -> str:
        """Of how many goods no stock came, in words; empty where it came of all."""
        return unsaid_stock(self.stores)

    @property
    def has_changes(self) -> bool:
        """Whether there is something to list: what comes with a whole new store is no change."""
        return any(
            store.added or store.changed or store.removed for store in self.stores if not store.is_first
        )

    @property
    def is_news(self) -> bool:
        """Whether it ended so lately that its end itself is worth a word."""
        return self.finished_at is not None and now() - self.finished_at < _NEWS

    @property
    def is_active(self) -> bool:
        return self.state in (QUEUED, RUNNING)


def refresh_context(user_id: int, run: CatalogRefresh | None = None) -> dict[str, Any]:
    """What the fragment of the owner's last run, or of `run`, is made of; one query.

    To be read before the rows beside it: rows may be newer than what is said of them, never older.
    """
    found = db.session.execute(_last_run_statement(), {"user_id": user_id})
    last, refreshed_at, is_connected = found.one()
    return context_of(run or last, refreshed_at, is_connected=is_connected)


@cache
def _last_run_statement() -> Select[Any]:
    user_id = bindparam("user_id", type_=CatalogRefresh.user_id.type)
    # One row, so that an owner who has had no run has one, too.
    owner = select(literal(1).label("one")).subquery("owner")
    return (
        select(CatalogRefresh, *freshness_of(user_id))
        .select_from(owner)
        .outerjoin(CatalogRefresh, CatalogRefresh.id == last_run_id(user_id))
    )


def last_run_id(user_id: Any) -> ScalarSelect[Any]:
    """The key of the last run of an owner (a value or a parameter), as SQL."""
    return select(func.max(CatalogRefresh.id)).filter_by(user_id=user_id).scalar_subquery()


def freshness_of(user_id: Any) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """When the owner's catalogue was last brought in, and whether it can be, as SQL."""
    refreshed = (
        select(CatalogRefresh.finished_at)
        .where(CatalogRefresh.user_id == user_id, CatalogRefresh.status.in_(SUCCESSFUL))
        .where(CatalogRefresh.only_store.is_(None))
        .order_by(CatalogRefresh.id.desc())
        .limit(1)
    )
    connection = select(CloudAccount.id).filter_by(user_id=user_id, provider=EVOTOR)
    return refreshed.scalar_subquery(), connection.exists()


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
        gave_way=refresh.gave_way,
        is_unattended=refreshes.is_unattended(refresh),
        is_refused=refresh.problem == CONNECTION,
        requested_at=refresh.requested_at,
        finished_at=refresh.finished_at,
        stores=[StoreOutcome.read(outcome) for outcome in refresh.stores],
    )


def _seconds_left(refresh: CatalogRefresh, total: int | None) -> int | None:
    if not total or refresh.status != RUNNING or refresh.started_at is None:
        return None
    if refresh.done < total * _ESTIMATE_FROM:
        return None
    spent = (now() - refresh.started_at).total_seconds()
    return round(spent * (total - refresh.done) / refresh.done)
