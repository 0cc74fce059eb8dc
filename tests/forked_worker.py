"""What a forked process does to be a worker."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_worker(arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be `python worker.py` with these arguments, in a session of its own, until it ends."""
    os.setsid()
    with log.open("wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["worker.py", *arguments]
    # Loaded before the fork; not where this module is imported to be named.
    import worker

    worker.main()
