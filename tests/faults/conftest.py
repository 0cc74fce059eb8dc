"""What the tests of bad days share."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.connections.vk.conftest import maria, stored, teahouse, vk
from tests.faults.victim import serve
from tests.mirror.refresh.conftest import goods, no_waiting, owner, refresh, runs, shop
from tests.processes import FORKS

__all__ = ["goods", "maria", "no_waiting", "owner", "refresh", "runs", "shop", "stored", "teahouse", "vk"]

# How often each piece of work is killed, on each database; KILLS=200 for a long night.
KILLS = int(os.environ.get("KILLS", "3"))


class Process:
    """Runs tests/faults/victim.py on one database and one queue server."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._orders, theirs = FORKS.Pipe()
        arguments = (theirs, {**os.environ, **environment}, log)
        self._process = FORKS.Process(target=serve, args=arguments, daemon=True)
        self._process.start()
        theirs.close()

    def obeys(self, order: dict[str, Any]) -> dict[str, Any]:
        self._orders.send(order)
        answer: dict[str, Any] = self._orders.recv()
        return answer

    def close(self) -> None:
        self._orders.close()
        self._process.join(60)
        assert self._process.exitcode == 0


@dataclass
class Victim:
    """Does work that can be killed at any statement."""

    process: Process
    environment: dict[str, str]

    def does(self, work: str, *arguments: Any, dies_at: int | None = None) -> dict[str, Any]:
        """Let it do one piece of work; give how that ended, and after how many statements."""
        order = {"work": work, "arguments": arguments, "dies_at": dies_at}
        return self.process.obeys({**order, "environment": self.environment})

    def with_settings(self, **more: str) -> "Victim":
        """Give the same in another environment."""
        return Victim(self.process, {**self.environment, **more})


@pytest.fixture(scope="session")
def process_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[dict[str, str]], Process]]:
    """Give a process on the servers of this environment, the same one as long as they are the same."""
    running: dict[tuple[str, str], Process] = {}
    folder = tmp_path_factory.mktemp("victim")

    def on(environment: dict[str, str]) -> Process:
        servers = (environment["DATABASE_URL"], environment["REDIS_URL"])
        if servers not in running:
            running[servers] = Process(environment, folder / f"{len(running)}.log")
        return running[servers]

    yield on
    for process in running.values():
        process.close()


@pytest.fixture
def victim(app: Any, environment: dict[str, str], process_on: Callable[[dict[str, str]], Process]) -> Victim:
    """A process whose work can be killed at any statement."""
    return Victim(process_on(environment), environment)


@pytest.fixture
def moments(record_property: Callable[[str, object], None]) -> Callable[[int], list[int]]:
    """Choose at which of so many statements to die: the first, the last, and others at random."""
    seed = int(os.environ.get("KILL_SEED", random.SystemRandom().randrange(10**6)))
    print(f"KILL_SEED={seed}")
    chance = random.Random(seed)

    def choose(statements: int) -> list[int]:
        between = [chance.randint(1, statements) for _ in range(KILLS - 2)]
        return [1, statements, *between][:KILLS]

    return choose
