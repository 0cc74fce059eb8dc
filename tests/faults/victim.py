"""A process that does one piece of the product's work at a time, each in a fork that can be told when to die.

Takes orders: `{"work": …, "arguments": […], "dies_at": 7, "environment": {…}}`; a fork kills itself at that
statement (commits and rollbacks count as statements). When `dies_at` is None the process does the work
itself. The environment replaces settings, but neither the database nor the queue server.
Answers each: `{"ended": "done", "killed" or "failed", "statements": how many were run}`.
"""

import itertools
import json
import os
import signal
import traceback
from collections.abc import Callable, Mapping
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app.config import Settings
from app.connections.key_rotation import rotate_secrets
from app.connections.models import CloudAccount
from app.connections.vk.account import ask_vk
from app.data.db import db
from app.factory import create_app
from app.mirror.refresh.run import run_refresh
from app.publishing.run.job import run_publication
from app.rules.changes.apply import apply
from app.rules.models import RuleChange
from tests.forked_worker import stand_alone


def apply_change(change_id: int) -> None:
    apply(db.session.get_one(RuleChange, change_id))
    db.session.commit()


def exchange_token(connection_id: int) -> None:
    ask_vk(db.session.get_one(CloudAccount, connection_id), lambda client: client.user())


MOMENTS = ("before_cursor_execute", "commit", "rollback")
WORK: dict[str, Callable[..., Any]] = {
    "refresh": run_refresh,
    "publication": run_publication,
    "change of rules": apply_change,
    "exchange of tokens": exchange_token,
    "rotation of keys": rotate_secrets,
}


application = lru_cache(create_app)


def serve(orders: Connection, environment: Mapping[str, str], log: Path) -> None:
    """Obey until nobody is left to give orders."""
    stand_alone(environment, log)
    while True:
        try:
            order = orders.recv()
        except EOFError:
            return
        application().extensions["settings"] = Settings.from_env(order["environment"])
        # Done here, it leaves what is loaded and compiled to the forks that come after it.
        ended = in_fork(order) if order["dies_at"] else work(order)
        with application().app_context():
            # No fork may inherit a connection.
            db.engine.dispose()
        orders.send(ended)


def in_fork(order: dict[str, Any]) -> dict[str, Any]:
    ours, childs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        os.write(childs, json.dumps(work(order)).encode())
        os._exit(0)
    os.close(childs)
    with os.fdopen(ours) as pipe:
        ended = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"ended": "killed", "statements": order["dies_at"]}
    return json.loads(ended)


def work(order: dict[str, Any]) -> dict[str, Any]:
    """Do the work; the process kills itself at the statement at which it has to die."""
    statements = itertools.count(1)
    last = 0

    def count(*_: object) -> None:
        nonlocal last
        last = next(statements)
        if last == order["dies_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    with application().app_context():
        engine = db.engine
        for moment in MOMENTS:
            event.listen(engine, moment, count)
        try:
            WORK[order["work"]](*order["arguments"])
            return {"ended": "done", "statements": last}
        except Exception:
            traceback.print_exc()
            return {"ended": "failed", "statements": last}
        finally:
            for moment in MOMENTS:
                event.remove(engine, moment, count)
