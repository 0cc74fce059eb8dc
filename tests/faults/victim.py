"""A process that does one piece of the product's work at a time, each in a fork that can be told when to die.

Takes orders on its input, one JSON object a line: `{"work": …, "arguments": […], "dies_at": 7}`; a fork kills
itself at that statement (commits and rollbacks count as statements), or lives through when `dies_at` is null.
Answers each with a line: `{"ended": "done", "killed" or "failed", "statements": how many were run}`.
"""

import itertools
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import event

from app.connections.key_rotation import rotate_secrets
from app.connections.models import CloudAccount
from app.connections.vk.account import ask_vk
from app.data.db import db
from app.factory import create_app
from app.mirror.refresh.run import run_refresh
from app.publishing.run.job import run_publication
from app.rules.changes.apply import apply
from app.rules.models import RuleChange


def apply_change(change_id: int) -> None:
    apply(db.session.get_one(RuleChange, change_id))
    db.session.commit()


def exchange_token(connection_id: int) -> None:
    ask_vk(db.session.get_one(CloudAccount, connection_id), lambda client: client.user())


WORK: dict[str, Callable[..., Any]] = {
    "refresh": run_refresh,
    "publication": run_publication,
    "change of rules": apply_change,
    "exchange of tokens": exchange_token,
    "rotation of keys": rotate_secrets,
}


application = lru_cache(create_app)


def main() -> None:
    app = application()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(obey(order)), flush=True)


def obey(order: dict[str, Any]) -> dict[str, Any]:
    ours, childs = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(ours)
        work(order, childs)
    os.close(childs)
    with os.fdopen(ours) as pipe:
        statements = pipe.read()
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return {"ended": "killed", "statements": order["dies_at"]}
    return {"ended": "failed" if os.WEXITSTATUS(status) else "done", "statements": int(statements or 0)}


def work(order: dict[str, Any], pipe: int) -> None:
    """Do the work in this fork, which ends here."""
    statements = itertools.count(1)
    last = 0

    def count(*_: object) -> None:
        nonlocal last
        last = next(statements)
        if last == order["dies_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        with application().app_context():
            for moment in ("before_cursor_execute", "commit", "rollback"):
                event.listen(db.engine, moment, count)
            WORK[order["work"]](*order["arguments"])
    except Exception:
        traceback.print_exc()
        os._exit(1)
    os.write(pipe, str(last).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
