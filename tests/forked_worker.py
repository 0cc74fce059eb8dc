"""What a forked process does to be a process of its own, or a worker."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def stand_alone(environment: Mapping[str, str], log: Path) -> None:
    """Lead a session in this environment, and write into the log."""
    os.setsid()
    with log.open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)


def run_worker(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be `python worker.py` with these arguments until it ends."""
    stand_alone(environment, log)
    sys.argv = ["worker.py", *arguments]
    # Loaded before the fork; not where this module is imported to be named.
    import worker

    worker.main()
