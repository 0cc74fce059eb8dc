"""The product under test: settings, application, database, client, worker."""

import contextlib
import dataclasses
import functools
import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
import requests
import rq
from cryptography.fernet import Fernet
from flask import Flask
from rq.serializers import JSONSerializer
from sqlalchemy import QueuePool, event
from sqlalchemy.orm import Session

from app.config import ROOT, Settings
from app.data.db import db
from app.factory import create_app
from app.web import cloud_waits
from app.web.extensions import limiter
from app.work.jobs import OurJob
from app.work.queue import QUEUE_NAMES, queue
from sandbox.vk.world import CLIENT_ID
from tests.checking_client import CheckingClient
from tests.databases import empty
from tests.servers import HttpServer

AppMaker = Callable[..., Flask]
WorkerStarter = Callable[..., subprocess.Popen[bytes]]
ClockStarter = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
def settings(
    database_url: str, valkey_url: str, evotor_url: str, sandbox_url: str, tmp_path: Path
) -> Settings:
    """Settings that lead every connection to this test's own servers, and every file to its own folder."""
    return Settings(
        secret_key="only for tests, which nobody else can reach",
        token_keys=(Fernet.generate_key().decode(),),
        database_url=database_url,
        redis_url=valkey_url,
        public_url="http://localhost",
        evotor_api_url=evotor_url,
        evotor_app_secret="evotor-app-secret",
        vk_id_url=f"{sandbox_url}/vk-id",
        vk_api_url=f"{sandbox_url}/vk-api",
        vk_client_id=CLIENT_ID,
        media_dir=tmp_path / "media",
        # A test is quicker than any person.
        vk_calls_per_second=1000,
    )


class SharedApp:
    """The applications that tests share: one for each database, over TLS and without.

    The newest application of a process holds the connections to the queue and the limits: whichever a test
    uses gets back what it had when it was new. To build one takes longer than most tests.
    """

    def __init__(self) -> None:
        self._built: dict[tuple[object, ...], tuple[Flask, dict[str, Any], dict[str, Any]]] = {}

    def built(self, settings: Settings) -> Flask:
        """Give the application with these settings."""
        key = settings.database_url, settings.redis_url, settings.is_served_over_tls
        if key not in self._built:
            self._built[key] = _built(settings), dict(vars(queue)), dict(vars(limiter))
        app, queue_at_first, limits_at_first = self._built[key]
        vars(queue).update(queue_at_first)
        vars(limiter).update(limits_at_first)
        app.extensions["settings"] = settings
        return app

    def let_go(self) -> None:
        """Close what the applications hold open."""
        for app, *_ in self._built.values():
            _let_go(app)


@pytest.fixture(scope="session")
def shared_app() -> Iterator[SharedApp]:
    shared = SharedApp()
    yield shared
    shared.let_go()


@pytest.fixture
def make_app(settings: Settings) -> Iterator[AppMaker]:
    """Build applications of the test's own; keyword arguments replace settings."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = _built(dataclasses.replace(settings, **changes))
        made.append(app)
        return app

    yield make
    for app in made:
        _let_go(app)


@functools.cache
def queue_server(url: str) -> redis.Redis:
    """Ask a queue server as the tests do, over a connection that is kept."""
    return redis.Redis.from_url(url)


@pytest.fixture
def app(settings: Settings, shared_app: SharedApp) -> Iterator[Flask]:
    """The application on an empty database and an empty queue."""
    app = shared_app.built(settings)
    with app.app_context():
        empty(db.engine)
    queue_server(settings.redis_url).flushall()
    yield app
    _take_back_connections(app)


def _built(settings: Settings) -> Flask:
    # A machine that is busy with other tests is no cloud that hangs.
    cloud_waits.PATIENCE_SECONDS = 30
    # Limits that are off while an application is built stay off in it.
    limiter.enabled = True
    app = create_app(settings)
    app.testing = True
    app.test_client_class = CheckingClient
    # A suite signs in more often than any person; the tests of the limits switch it on.
    limiter.enabled = False
    return app


def _let_go(app: Flask) -> None:
    _take_back_connections(app)
    with app.app_context():
        db.engine.dispose()


def _take_back_connections(app: Flask) -> None:
    with app.app_context():
        pool = db.engine.pool
    if isinstance(pool, QueuePool) and pool.checkedout():
        # An answer that nobody read to its end holds a connection until it is collected.
        gc.collect()


@pytest.fixture
def limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits are on, and nothing is counted yet."""
    monkeypatch.setattr(limiter, "enabled", True)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    """Somebody who has not signed in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def db_session(app: Flask) -> Iterator[Session]:
    """A session on the application's database that writes and reads at once, outside any request.

    Call `expire_all()` to see what a request changed in objects already loaded.
    """
    with app.app_context():
        engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with Session(engine) as session:
        yield session


@pytest.fixture
def count_statements(app: Flask) -> Callable[[], contextlib.AbstractContextManager[list[str]]]:
    """Collect the SQL statements run inside: `with count_statements() as statements: …`."""
    with app.app_context():
        engine = db.engine

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", remember)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", remember)

    return collect


class BriefWorker(rq.SimpleWorker):
    """A worker for the jobs of one moment: without what one that lives long does beside them."""

    def run_maintenance_tasks(self) -> None:
        pass

    def subscribe(self) -> None:
        """Listen to no commands: the thread that does takes a second to end."""

    def unsubscribe(self) -> None:
        pass


def work_off(app: Flask, queue_names: Sequence[str]) -> None:
    """Run every job of these queues, one after the other, in this process."""
    connection = queue_server(app.extensions["settings"].redis_url)
    with app.app_context():
        worker = BriefWorker(queue_names, connection=connection, serializer=JSONSerializer, job_class=OurJob)
        worker.work(burst=True, logging_level="WARNING")


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], None]:
    """Run every queued job, one after the other, in this process."""

    def run() -> None:
        work_off(app, QUEUE_NAMES)

    return run


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The variables that give a process of its own the same settings."""
    return {
        "SECRET_KEY": settings.secret_key,
        "TOKEN_KEYS": ",".join(settings.token_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PUBLIC_URL": settings.public_url,
        "EVOTOR_API_URL": settings.evotor_api_url,
        "EVOTOR_APP_SECRET": settings.evotor_app_secret or "",
        "VK_ID_URL": settings.vk_id_url,
        "VK_API_URL": settings.vk_api_url,
        "VK_CLIENT_ID": settings.vk_client_id or "",
        "MEDIA_DIR": str(settings.media_dir),
        "VK_CALLS_PER_SECOND": str(settings.vk_calls_per_second),
    }


@pytest.fixture
def start_worker(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerStarter]:
    """Start real worker processes, `python worker.py`; keyword arguments are more of its environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **more: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"worker-{len(started)}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "worker.py", *arguments],
                cwd=ROOT,
                env={**os.environ, **environment, **more},
                stdout=log,
                stderr=subprocess.STDOUT,
                # Its own session, so that its jobs' processes can be ended with it.
                start_new_session=True,
            )
        started.append(process)
        return process

    yield start
    for process in started:
        end_session(process)


@pytest.fixture
def worker(start_worker: WorkerStarter) -> subprocess.Popen[bytes]:
    """A running worker process."""
    return start_worker()


@dataclasses.dataclass
class Web:
    """The web as the Procfile starts it."""

    process: subprocess.Popen[bytes]
    url: str


@pytest.fixture
def start_web(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Start the Procfile's `web` on a free port; keyword arguments are more of its environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**more: str) -> Web:
        log = tmp_path / f"web-{len(started)}.log"
        process = _of_procfile("web", {**environment, "PORT": "0", **more}, log)
        started.append(process)
        # The first line of gunicorn's about its port; a process of its own then loads the product.
        port = wait_until(lambda: re.search(r"Listening at: http://[\d.]+:(\d+)", log.read_text()), 40)[1]
        web = Web(process, f"http://127.0.0.1:{port}")
        assert requests.get(f"{web.url}/healthz", timeout=60).ok, log.read_text()
        return web

    yield start
    for process in started:
        end_session(process)


@pytest.fixture
def start_clock(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[ClockStarter]:
    """Start the clock as the Procfile does; keyword arguments are more of its environment."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**more: str) -> subprocess.Popen[bytes]:
        log = tmp_path / f"clock-{len(started)}.log"
        process = _of_procfile("clock", {**environment, **more}, log)
        started.append(process)
        return process

    yield start
    for process in started:
        end_session(process)


@pytest.fixture
def live_server(app: Flask) -> Iterator[HttpServer]:
    """The application served over HTTP."""
    server = HttpServer(app)
    # VK leads the owner back to this address.
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], public_url=server.url)
    yield server
    server.close()


def wait_until(condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Give the first true value of `condition`, asked again and again; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


def _of_procfile(name: str, environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    procfile = (ROOT / "Procfile").read_text()
    (command,) = re.findall(rf"^{name}: (.+)$", procfile, re.MULTILINE)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with log.open("wb") as output:
        return subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=ROOT,
            env={**os.environ, "PATH": path, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end_session(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session, and everything in that session."""
    # Again and again: one that is forked meanwhile would go on to take the jobs of other tests.
    while members := [pid for pid in psutil.pids() if _session_of(pid) == process.pid and _lives(pid)]:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
    process.wait()


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None
