"""The journal: what the sandbox was asked lately. Tokens are never written down."""

from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import Any

KEPT = 5000


@dataclass(frozen=True)
class Entry:
    """One request; `time` in UTC, `duration_ms` up to the start of the answer."""

    time: datetime
    method: str
    path: str
    query: dict[str, str]
    accept: str
    auth: str
    merchant: str | None
    status: int
    fault: str | None
    duration_ms: float

    def as_json(self) -> dict[str, Any]:
        """Return the entry as plain data."""
        return {**asdict(self), "time": self.time.isoformat(timespec="milliseconds")}


class Journal:
    """Keep the last requests, newest last."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._entries: deque[Entry] = deque(maxlen=KEPT)

    def add(self, entry: Entry) -> None:
        """Write one request down."""
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Entry]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
