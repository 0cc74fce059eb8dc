"""What `make demo` starts ends together, whatever ends first."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.config import ROOT
from run.processes import ProcessDied, Processes
from tests.processes import wait_until

SLEEP = "import time; time.sleep(60)"
# A child that leaves its parent's process group, as the process of a queued job does.
BREAK_OUT = f"""
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import os; os.setpgrp(); {SLEEP}"])
{SLEEP}
"""
SUPERVISOR = f"""
import sys
from pathlib import Path
from run.processes import Processes, StopRequested
try:
    with Processes(Path(sys.argv[1])) as processes:
        processes.start("child", [sys.executable, "-c", {BREAK_OUT!r}])
        processes.wait()
except StopRequested:
    sys.exit(7)
"""


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_process_that_dies_is_named_with_its_last_words(tmp_path: Path) -> None:
    before = psutil.Process().children()
    with (
        pytest.raises(ProcessDied, match=r"web ended with code 3:\n  no port left"),
        Processes(tmp_path) as all_of_them,
    ):
        all_of_them.start("queue", [sys.executable, "-c", SLEEP])
        all_of_them.start("web", [sys.executable, "-c", "import sys; print('no port left'); sys.exit(3)"])
        all_of_them.wait()
    assert psutil.Process().children() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_children_and_theirs(number: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path)], cwd=ROOT) as supervisor:
        family = psutil.Process(supervisor.pid)
        wait_until(lambda: len(family.children(recursive=True)) == 2)
        descendants = family.children(recursive=True)
        supervisor.send_signal(number)
        assert supervisor.wait(20) == 7
    # What is killed goes when the system has time for it, long before it would have gone by itself.
    wait_until(lambda: not any(map(_is_alive, descendants)), 20)


def _is_alive(process: psutil.Process) -> bool:
    # One that only waits for the system to read its exit code has ended.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
