"""SIGKILL at any statement of the migrations: they are run again, and end where they would have ended."""

import os
import random
import signal
from itertools import count

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import event

from app.data.db import db
from tests.data.test_migrations import differences, empty, tables
from tests.databases import listening
from tests.thoroughness import examples

__all__ = ["empty"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index"),
    pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index"),
]


def statements_of_upgrade() -> int:
    """Upgrade, and count the statements."""
    numbers = count()

    def note(*_: object) -> None:
        next(numbers)

    with listening(db.engine, "before_cursor_execute", note):
        upgrade()
    return next(numbers)


def upgrade_and_die(moment: int) -> None:
    """Upgrade in a process of its own, which is killed before this statement or commit."""
    db.engine.dispose()
    pid = os.fork()
    if not pid:
        numbers = count(1)

        def die(*_: object) -> None:
            if next(numbers) == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        for name in ("before_cursor_execute", "commit"):
            event.listen(db.engine, name, die)
        try:
            upgrade()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def test_what_was_killed_is_run_again(empty: Flask) -> None:
    total = statements_of_upgrade()
    downgrade(revision="base")
    chance = random.SystemRandom()
    for _ in range(examples(3)):
        moment = chance.randint(1, total)
        upgrade_and_die(moment)
        upgrade()
        assert tables() == set(db.metadata.tables), moment
        assert differences() == [], moment
        downgrade(revision="base")
