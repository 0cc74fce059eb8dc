"""Run several processes as one: they start together, and none outlives the others."""

import os
import select
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil

from app.work.orphans import end_with

GRACE_SECONDS = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """Somebody pressed Ctrl-C, closed the terminal or sent SIGTERM."""


class ProcessDied(Exception):
    """A process ended by itself; the message names it and quotes its last lines."""


class Processes:
    """Child processes, each in a session of its own and with a log file of its own.

    Use as a context manager: leaving it ends every child with everything the child started.
    """

    def __init__(self, log_directory: Path) -> None:
        self._log_directory = log_directory
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stop_requested = False
        self._terminal = select.poll()
        if sys.stdout.isatty():
            self._terminal.register(sys.stdout, select.POLLHUP)

    def start(self, name: str, command: list[str], **options: object) -> None:
        """Start `command`; its output goes to `<log_directory>/<name>.log`."""
        with self._log_path(name).open("wb") as log:
            # A session of its own keeps Ctrl-C from the child, which is ended in order instead.
            self._running[name] = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=partial(end_with, os.getpid()),
                **options,  # type: ignore[call-overload]
            )

    def check(self) -> None:
        """Raise StopRequested when a signal came, ProcessDied when a process has ended."""
        # A closing terminal sends SIGHUP to its session's leader only, which may be `make` waiting for us.
        if self._stop_requested or self._terminal.poll(0):
            raise StopRequested
        for name, process in self._running.items():
            if process.poll() is not None:
                raise ProcessDied(f"{name} ended with code {process.returncode}:\n{self._last_lines(name)}")

    def wait(self) -> None:
        """Block until a signal comes or a process ends by itself, then raise as `check` does."""
        while True:
            self.check()
            time.sleep(0.3)

    def __enter__(self) -> "Processes":
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)
        return self

    def __exit__(self, *exception: object) -> None:
        # A second Ctrl-C must not leave half of them running.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        sessions = {process.pid for process in self._running.values()}
        for process in reversed(self._running.values()):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and any(p.poll() is None for p in self._running.values()):
            time.sleep(0.05)
        _kill_sessions(sessions)
        for process in self._running.values():
            process.wait()

    def _request_stop(self, number: int, frame: object) -> None:
        self._stop_requested = True

    def _log_path(self, name: str) -> Path:
        return self._log_directory / f"{name}.log"

    def _last_lines(self, name: str) -> str:
        lines = self._log_path(name).read_text(errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:])


def _kill_sessions(sessions: set[int]) -> None:
    # A job's process leaves its worker's process group, but not its session.
    for pid in psutil.pids():
        try:
            if os.getsid(pid) in sessions:
                os.kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
