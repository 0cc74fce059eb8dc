"""The processes of the product under test: worker, web and clock, started as the Procfile does."""

import contextlib
import dataclasses
import multiprocessing
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from flask import Flask

import app as product
from app.config import ROOT, Settings
from tests.forked_worker import run_worker

# To load the product takes most of a worker's start: all are forked off one process that has loaded it.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "tests.forked_worker",
        "worker",
        *(each.name for each in pkgutil.walk_packages(product.__path__, "app.")),
    ]
)


class WorkerProcess:
    """A worker at work, with what a `subprocess.Popen` has; it leads a session."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        log.touch()
        self._process = FORKS.Process(target=run_worker, args=(arguments, environment, log), daemon=True)
        self._process.start()
        assert self._process.pid
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Give the exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Give the exit code once there is one; fail after `seconds`."""
        self._process.join(seconds)
        code = self.poll()
        assert code is not None, f"the worker runs on after {seconds} s"
        return code

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


WorkerStarter = Callable[..., WorkerProcess]
ClockStarter = Callable[..., subprocess.Popen[bytes]]


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
        "VK_SHOWS_WITHIN_SECONDS": str(settings.vk_shows_within_seconds),
    }


@pytest.fixture
def start_worker(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[WorkerStarter]:
    """Start real workers, `worker.py` with arguments; keyword arguments are more of its environment."""
    started: list[WorkerProcess] = []

    def start(*arguments: str, **more: str) -> WorkerProcess:
        log = tmp_path / f"worker-{len(started)}.log"
        process = WorkerProcess(arguments, {**os.environ, **environment, **more}, log)
        started.append(process)
        return process

    yield start
    for process in started:
        end_session(process)
    # Shown by pytest beside what failed.
    for log in sorted(tmp_path.glob("worker-*.log")):
        print(log.name, log.read_text(errors="replace"), sep="\n")


@pytest.fixture
def worker(start_worker: WorkerStarter) -> WorkerProcess:
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
        port = wait_until(lambda: re.search(r"Listening at: http://[\d.]+:(\d+)", log.read_text()))[1]
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


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Give the first true value of `condition`, asked again and again; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


def is_alive(process: psutil.Process) -> bool:
    """Tell whether a process still runs: one that has ended may wait long for somebody to take note of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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


def end_session(process: subprocess.Popen[bytes] | WorkerProcess) -> None:
    """End a process that leads a session, and everything in that session."""
    # Again and again: one that is forked meanwhile would go on to take the jobs of other tests.
    while members := [pid for pid in psutil.pids() if _session_of(pid) == process.pid and _lives(pid)]:
        for pid in members:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.poll()
        # To die takes the kernel a moment, and other tests want the processor meanwhile.
        time.sleep(0.01)
    process.wait()


def _lives(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        # While a thread of it is still ending its connections stand: the queue could give it a job.
        return process.status() != psutil.STATUS_ZOMBIE or process.num_threads() > 1
    except psutil.NoSuchProcess:
        return False


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except (ProcessLookupError, PermissionError):
        return None
