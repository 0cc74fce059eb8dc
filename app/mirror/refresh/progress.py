"""How far a running refresh has come, written to its row at most once a second."""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, update
from sqlalchemy.exc import SQLAlchemyError

from app.data.types import now
from app.mirror.models import RUNNING, CatalogRefresh

log = logging.getLogger(__name__)

WRITE_SECONDS = 1.0

WAITING = "waiting"
FETCHING = "fetching"
STORE_DONE = "done"
STORE_FAILED = "failed"
GUARDED = "guarded"


class RefreshStopped(Exception):
    """The run was cancelled, or taken for dead: it must not touch the catalogue any more."""


@dataclass
class StoreOutcome:
    """How one store fares. `error` is a sentence for the owner; `would_remove` goods await a confirmation;
    `is_first` tells that the store was not known before."""

    store_id: str
    name: str
    state: str = WAITING
    groups: int = 0
    products: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    would_remove: int = 0
    error: str | None = None
    is_first: bool = False


class Progress:
    """The live state of one run, shared by its threads.

    A background thread of its own keeps the row and its heartbeat fresh.

    As a context manager it starts and ends that thread.
    """

    def __init__(self, engine: Engine, refresh_id: int, total: int | None) -> None:
        self._engine = engine
        self._refresh_id = refresh_id
        self._stopped = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_writing, name="progress", daemon=True)
        self.step = "Магазины"
        self.total = total
        self.outcomes: list[StoreOutcome] = []

    def __enter__(self) -> "Progress":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than the run may go on."""
        if self._stopped.wait(seconds):
            raise RefreshStopped

    def check(self) -> None:
        """Raise RefreshStopped when the run must end."""
        self.sleep(0)

    def stop(self) -> None:
        """Let every thread of the run end at its next step."""
        self._stopped.set()

    def claim(self, connection: Connection) -> None:
        """Make sure, as the last step of a transaction, that the run may still commit it.

        Last, because the row stays locked from here on: the heartbeat goes on while a big store is applied.
        """
        if not self._write(connection):
            self.stop()
            raise RefreshStopped

    def snapshot(self) -> dict[str, Any]:
        """The columns of the run's row that show how far it is."""
        return {
            "step": self.step[:300],
            "done": self._sum(lambda outcome: outcome.products),
            "total": self.total,
            "stores": [asdict(outcome) for outcome in self.outcomes],
            "added": self._sum(lambda outcome: outcome.added),
            "changed": self._sum(lambda outcome: outcome.changed),
            "removed": self._sum(lambda outcome: outcome.removed),
        }

    def _sum(self, figure: Callable[[StoreOutcome], int]) -> int:
        return sum(map(figure, self.outcomes))

    def _keep_writing(self) -> None:
        while not self._closing.wait(WRITE_SECONDS):
            try:
                with self._engine.begin() as connection:
                    if not self._write(connection):
                        self.stop()
                        return
            except SQLAlchemyError:
                # A missed heartbeat is no reason to give up: the next one may get through.
                log.warning("progress of refresh %s was not written", self._refresh_id, exc_info=True)

    def _write(self, connection: Connection) -> bool:
        statement = (
            update(CatalogRefresh)
            .where(CatalogRefresh.id == self._refresh_id, CatalogRefresh.status == RUNNING)
            .values(self.snapshot() | {"heartbeat_at": now()})
        )
        return connection.execute(statement).rowcount == 1
