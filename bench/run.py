"""Run one measure in a process of its own, so that nothing of another one counts."""

import json
import subprocess
import sys
from typing import Any

# What takes longer hangs.
MOST_SECONDS = 4 * 3600


def run(module: str, *arguments: str) -> Any:
    """Run `python -m bench.<module>` and give what it prints last.

    Raises RuntimeError with its last words.
    """
    return run_all(module, *arguments)[-1]


def run_all(module: str, *arguments: str) -> list[Any]:
    """The same, with every line that it prints."""
    command = [sys.executable, "-m", f"bench.{module}", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    if ended.returncode != 0:
        raise RuntimeError(f"bench.{module} failed:\n{ended.stderr[-3000:]}")
    return [json.loads(line) for line in ended.stdout.splitlines()]
