"""Files and folders that only the product's own user of the system may open."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy import make_url

_OTHERS = 0o077


def close_to_others(*paths: Path) -> None:
    """Take everybody else's rights to what is there; what is not ours to change stays as it is."""
    # What is written from here on.
    os.umask(_OTHERS)
    for path in paths:
        with suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & _OTHERS:
                path.chmod(mode & ~_OTHERS)


def files_of(database_url: str) -> Iterator[Path]:
    """Name the files of an SQLite database, whether they are there or not; none of a server's."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        yield from (Path(url.database + suffix) for suffix in ("", "-wal", "-shm"))
