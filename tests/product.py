"""The product under test: settings, application, database and client."""

import contextlib
import dataclasses
import functools
import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from cryptography.fernet import Fernet
from flask import Flask
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import QueuePool
from sqlalchemy.orm import Session

from app.accounts import hashing
from app.config import Settings
from app.data.db import db
from app.factory import create_app
from app.publishing.photos.card_picture import draw_card
from app.publishing.run import uploads
from app.web import cloud_waits
from app.web.extensions import limiter
from app.work.queue import queue
from sandbox.vk.world import CLIENT_ID
from tests.checking_client import CheckingClient
from tests.databases import empty, listening
from tests.servers import HttpServer

AppMaker = Callable[..., Flask]
_drawn_once = functools.lru_cache(maxsize=500)(draw_card)
CHEAP_HASH = "scrypt:128:1:1"


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
        # The sandbox shows at once what it has.
        vk_shows_within_seconds=0,
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """The templates that any application of this run has compiled; with one's source goes what it became."""
    folder = tmp_path_factory.getbasetemp()
    # Above the folder of each process is that of the run.
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    folder = folder / "templates"
    folder.mkdir(exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


class SharedApp:
    """The applications that tests share: one for each database, over TLS and without.

    The newest application of a process holds the connections to the queue and the limits: whichever a test
    uses gets back what it had when it was new. To build one takes longer than most tests.
    """

    def __init__(self, compiled_templates: BytecodeCache) -> None:
        self._compiled_templates = compiled_templates
        self._built: dict[tuple[object, ...], tuple[Flask, dict[str, Any], dict[str, Any]]] = {}

    def built(self, settings: Settings) -> Flask:
        """Give the application with these settings."""
        key = settings.database_url, settings.redis_url, settings.is_served_over_tls
        if key not in self._built:
            app = _built(settings, self._compiled_templates)
            self._built[key] = app, dict(vars(queue)), dict(vars(limiter))
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
def shared_app(compiled_templates: BytecodeCache) -> Iterator[SharedApp]:
    shared = SharedApp(compiled_templates)
    yield shared
    shared.let_go()


@pytest.fixture
def make_app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[AppMaker]:
    """Build applications of the test's own; keyword arguments replace settings."""
    made: list[Flask] = []

    def make(**changes: Any) -> Flask:
        app = _built(dataclasses.replace(settings, **changes), compiled_templates)
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


def _built(settings: Settings, compiled_templates: BytecodeCache) -> Flask:
    # A machine that is busy with other tests is no cloud that hangs.
    cloud_waits.PATIENCE_SECONDS = 30
    # It makes hundreds of owners, and has no use for a slow hash.
    hashing.METHOD = CHEAP_HASH
    # The same few goods are sent again and again, and a card is the same each time.
    uploads.draw_card = _drawn_once
    # Limits that are off while an application is built stay off in it.
    limiter.enabled = True
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = compiled_templates
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

        with listening(engine, "before_cursor_execute", remember):
            yield statements

    return collect


@pytest.fixture
def live_server(app: Flask) -> Iterator[HttpServer]:
    """The application served over HTTP."""
    server = HttpServer(app)
    # VK leads the owner back to this address.
    app.extensions["settings"] = dataclasses.replace(app.extensions["settings"], public_url=server.url)
    yield server
    server.close()
