"""Time of the processor: what a measure costs, without what the machine does besides."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
from sqlalchemy import Connection, text


def busy_seconds(roots: Iterable[int]) -> float:
    """Seconds of the processor that these processes, and all under them, have had so far.

    One that has ended counts none.
    """
    return busy_of(with_children(roots))


def busy_of(processes: Iterable[int]) -> float:
    """Seconds of the processor that these processes alone have had so far."""
    return sum(map(_busy_ns, processes)) / 1e9


def database_processes(connection: Connection) -> tuple[int, ...]:
    """The process that all of PostgreSQL's belong to, when it runs on this machine; SQLite has none."""
    if connection.dialect.name != "postgresql":
        return ()
    own = connection.scalar(text("SELECT pg_backend_pid()"))
    with suppress(psutil.NoSuchProcess):
        return (psutil.Process(own).ppid(),)
    return ()


def with_children(roots: Iterable[int]) -> Iterator[int]:
    """These processes and all under them; to look for them takes longer than a page does."""
    for root in roots:
        yield root
        with suppress(psutil.NoSuchProcess):
            yield from (child.pid for child in psutil.Process(root).children(recursive=True))


def _busy_ns(pid: int) -> int:
    busy = 0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError):
                busy += int((thread / "schedstat").read_text().split()[0])
    return busy
