"""Measure the page of goods beside a bare answer, through HTTP: `python -m bench.over_http DATABASE_URL`.

One gunicorn serves both, in turn, so that a slow moment of the machine meets both. Prints one line of JSON:
the median milliseconds of each, their ratio, and the bytes of the page.
"""

import http.client
import json
import logging
import os
import signal
import socket
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from sqlalchemy import select

from app.accounts.models import SignIn, User
from app.data.db import db
from app.mirror.models import CachedStore
from bench.product import EMAIL, application

REPEATS = 300
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Server(BaseApplication):
    """Gunicorn as the Procfile starts it, with one process, on a socket of its own."""

    def __init__(self, wsgi: Wsgi, path: str) -> None:
        self._wsgi, self._path = wsgi, path
        super().__init__()

    def load_config(self) -> None:
        """Set what the command line of the Procfile sets."""
        for name, value in (("bind", f"unix:{self._path}"), ("worker_class", "gthread"), ("threads", 8)):
            self.cfg.set(name, value)
        self.cfg.set("loglevel", "error")

    def load(self) -> Wsgi:
        """Give what is served."""
        return self._wsgi


def main() -> None:
    """Serve in a process of its own, ask, and print."""
    logging.disable(logging.INFO)
    app = application(sys.argv[1])
    page, cookie = _signed_in(app)
    body = app.test_client(use_cookies=False).get(page, headers={"Cookie": cookie}).data
    bare = Flask("bare")
    bare.add_url_rule("/bare", view_func=lambda: body)

    def wsgi(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        return (bare if environ["PATH_INFO"] == "/bare" else app)(environ, start)

    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "web.sock")
        if (served_by := os.fork()) == 0:
            Server(wsgi, path).run()
            os._exit(0)
        try:
            medians = _medians(path, {page: cookie, "/bare": ""})
        finally:
            os.kill(served_by, signal.SIGTERM)
            os.waitpid(served_by, 0)
    ms, bare_ms = medians
    print(json.dumps({"ms": ms, "bare_ms": bare_ms, "ratio": ms / bare_ms, "bytes": len(body)}))


def _signed_in(app: Flask) -> tuple[str, str]:
    """The address of the page and the cookie of the owner who owns the goods."""
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(email=EMAIL)).one()
        store_id = db.session.scalars(select(CachedStore.evotor_id).filter_by(user_id=user.id)).one()
        db.session.add(SignIn.of(user))
        db.session.commit()
        key = user.get_id()
        db.engine.dispose()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = key, True
    page = f"/catalog/products?store_id={store_id}"
    # The first page writes the secret of the forms into the cookie; the pages after it have nothing to write.
    client.get(page)
    cookie = client.get_cookie("session")
    return page, f"session={cookie.value if cookie else ''}"


def _medians(path: str, asked: dict[str, str]) -> list[float]:
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = _reached(path)
    times: list[list[float]] = [[] for _ in asked]
    for _ in range(REPEATS):
        for (address, cookie), taken in zip(asked.items(), times, strict=True):
            started = time.perf_counter()
            connection.request("GET", address, headers={"Cookie": cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.client.OK:
                raise SystemExit(f"{address}: status {answer.status}")
            taken.append((time.perf_counter() - started) * 1000)
    return [statistics.median(taken) for taken in times]


def _reached(path: str) -> socket.socket:
    reached = socket.socket(socket.AF_UNIX)
    for _ in range(200):
        try:
            reached.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            time.sleep(0.1)
        else:
            return reached
    raise SystemExit("the server does not answer")


if __name__ == "__main__":
    main()
