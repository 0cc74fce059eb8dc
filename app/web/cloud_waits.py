"""Pages that need a cloud's answer: a thread asks for it, and the page waits a second at most."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from flask import Flask, current_app
from flask_babel import force_locale

from app.data.db import db
from app.logs import belonging_to, request_id
from app.web.language import language

# Threads of a process, beside the eight that answer requests: a cloud that hangs fills these alone.
AT_ONCE = 16
PATIENCE_SECONDS = 1.0

Answer = TypeVar("Answer")

_places = threading.BoundedSemaphore(AT_ONCE)


class NoPlace(Exception):
    """As many threads as may wait for a cloud are waiting already; nothing was begun."""


class StillAsking(Exception):
    """The answer takes longer than a page may wait for it; the work goes on to its end."""


def ask_beside(work: Callable[[], Answer]) -> Answer:
    """Call `work` in a thread with a session of its own; return what it returns, raise what it raises.

    Commits before, so that no database connection is held. Raises NoPlace at once, StillAsking in a second.
    A process that is told to stop ends when the work has ended.
    """
    if not _places.acquire(blocking=False):
        raise NoPlace
    answer: Future[Answer] = Future()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    asked_by, spoken = request_id(), language()

    def run() -> None:
        try:
            with belonging_to(request=asked_by), app.app_context(), force_locale(spoken):
                answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)
        finally:
            _places.release()

    try:
        db.session.commit()
        threading.Thread(target=run, name="cloud").start()
    except BaseException:
        _places.release()
        raise
    if not wait([answer], PATIENCE_SECONDS).done:
        raise StillAsking
    return answer.result()
