"""The product behind gunicorn beside bare answers of as many bytes: `python -m bench.over_http DATABASE_URL`.

One gunicorn serves both, in turn, so that a slow moment of the machine meets both. Prints one line of JSON:
the milliseconds of the first page of goods and of the bare answer, their ratio, and the page's bytes;
then the same of the processor's time, which other work on the machine disturbs much less.
"""

import http.client
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from sqlalchemy import select

from app.accounts.models import SignIn, User
from app.data.db import db
from app.mirror.models import CachedStore
from bench.busy import busy_of, database_processes, with_children
from bench.middle import middle
from bench.product import EMAIL, application, sign_in

REPEATS = 300
# What the server does once the answer is out takes a part of a millisecond; PostgreSQL may be busy for long.
_LOOK_SECONDS, _MOST_LOOKS = 0.0005, 40
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Asked(NamedTuple):
    """A request: `form` is what a POST sends, None for a GET."""

    address: str
    headers: Mapping[str, str] = {}
    form: str | None = None


class Took(NamedTuple):
    """The milliseconds of an answer: by the clock, and of the processor in web and database."""

    ms: float
    busy_ms: float


class Served(NamedTuple):
    """A running server: a connection to it, the ids of its process and of the database's, if it has one."""

    connection: http.client.HTTPConnection
    roots: tuple[int, ...]

    def processes(self) -> tuple[int, ...]:
        """The server's and the database's processes of this moment."""
        return tuple(with_children(self.roots))


class Server(BaseApplication):
    """Gunicorn as the Procfile starts it, with one process, on a socket of its own."""

    def __init__(self, wsgi: Wsgi, path: str) -> None:
        self._wsgi, self._path = wsgi, path
        super().__init__()

    def load_config(self) -> None:
        """Set what the command line of the Procfile sets."""
        for name, value in (("bind", f"unix:{self._path}"), ("worker_class", "gthread"), ("threads", 8)):
            self.cfg.set(name, value)
        # On a busy machine seconds may pass between two questions: neither the connection nor the process,
        # which gives no sign of life meanwhile, may be let go for that.
        self.cfg.set("keepalive", 600)
        self.cfg.set("timeout", 600)
        self.cfg.set("loglevel", "error")

    def load(self) -> Wsgi:
        """Give what is served."""
        return self._wsgi


def main() -> None:
    """Serve in a process of its own, ask, and print."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    page, cookie = signed_in(app)
    size = len(app.test_client(use_cookies=False).get(page, headers={"Cookie": cookie}).data)
    with serving(app) as served:
        page_took, bare_took = middles(served, REPEATS, Asked(page, {"Cookie": cookie}), bare(size))
    print(
        json.dumps(
            {
                **{"ms": page_took.ms, "bare_ms": bare_took.ms, "ratio": page_took.ms / bare_took.ms},
                **{"busy_ms": page_took.busy_ms, "bare_busy_ms": bare_took.busy_ms},
                **{"busy_ratio": page_took.busy_ms / bare_took.busy_ms, "bytes": size},
            }
        )
    )


def signed_in(app: Flask) -> tuple[str, str]:
    """The address of the page of goods and the cookie of the owner who owns them."""
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user.id)).one()
        db.session.add(SignIn.of(user))
        db.session.commit()
        key = user.get_id()
    page = f"/catalog/products?store_id={store_id}"
    return page, cookie_of(app, key, page)


def cookie_of(app: Flask, user_key: str, page: str) -> str:
    """The cookie of an owner who has asked for a page; `user_key` is what the session calls them."""
    client = sign_in(app, user_key)
    # The first page writes the secret of the forms into the cookie; the pages after it have nothing to write.
    client.get(page)
    cookie = client.get_cookie("session")
    return f"session={cookie.value if cookie else ''}"


def bare(size: int) -> Asked:
    """Ask for so many bytes of an empty Flask application."""
    return Asked(f"/bare/{size}")


@contextmanager
def serving(app: Flask) -> Iterator[Served]:
    """Serve the product and bare answers from one process."""
    empty = Flask("bare")
    empty.add_url_rule("/bare/<int:size>", view_func=lambda size: b"x" * size)

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return (empty if environ["PATH_INFO"].startswith("/bare/") else app)(environ, start)

    with app.app_context():
        with db.engine.connect() as database:
            beside = database_processes(database)
        # Its connections are this process's own.
        db.engine.dispose()
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "web.sock")
        if (served_by := os.fork()) == 0:
            try:
                Server(wsgi, path).run()
            finally:
                # Not by way of the parent's code, which would throw its files away.
                os._exit(0)
        try:
            connection = http.client.HTTPConnection("localhost", timeout=60)
            connection.sock = reached(path)
            yield Served(connection, (served_by, *beside))
        finally:
            os.kill(served_by, signal.SIGTERM)
            os.waitpid(served_by, 0)


def middles(served: Served, repeats: int, *asked: Asked) -> list[Took]:
    """What each takes, asked in turn, so that a slow moment of the machine meets them all."""
    return [Took(*map(middle, zip(*taken, strict=True))) for taken in in_turn(served, repeats, *asked)]


def in_turn(served: Served, repeats: int, *asked: Asked) -> list[list[Took]]:
    """What each takes each time, all asked in turn; the first time is thrown away."""
    times: list[list[Took]] = [[] for _ in asked]
    for each in asked:
        _ask(served.connection, each)
    processes = served.processes()
    for turn in range(-1, repeats):
        for each, taken in zip(asked, times, strict=True):
            busy, started = busy_of(processes), time.perf_counter()
            _ask(served.connection, each)
            seconds, busy = time.perf_counter() - started, _busy_when_still(processes) - busy
            if turn >= 0:
                taken.append(Took(seconds * 1000, busy * 1000))
    return times


def _busy_when_still(processes: tuple[int, ...]) -> float:
    """Seconds that they have had, once they rest: what comes after an answer is no cost of the next."""
    before = busy = busy_of(processes)
    for _ in range(_MOST_LOOKS):
        time.sleep(_LOOK_SECONDS)
        busy = busy_of(processes)
        if busy == before:
            break
        before = busy
    return busy


def _ask(connection: http.client.HTTPConnection, asked: Asked) -> None:
    method = "GET" if asked.form is None else "POST"
    connection.request(method, asked.address, body=asked.form, headers=dict(asked.headers))
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.client.OK:
        raise SystemExit(f"{asked.address}: status {answer.status}")


def reached(path: str) -> socket.socket:
    """Connect to a server that may be about to start."""
    connection = socket.socket(socket.AF_UNIX)
    for _ in range(600):
        try:
            connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.1)
        else:
            return connection
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    main()
