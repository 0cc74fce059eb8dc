"""The log: JSON for machines, lines for people, with what a line belongs to and without personal data."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO
from uuid import uuid4

from flask import Flask, Response, g, has_request_context, request, session

HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Each begins only where a run of its letters does: a long one is looked through once, not from each letter.
# Addresses of people come in with the texts of others' errors; PostgreSQL quotes the whole row.
_EMAIL = re.compile(r"(?<![^\s@<>\"'()=])[^\s@<>\"'()=]+@[^\s@<>\"')]+\.[^\s@<>\"')]+")
# gunicorn and Flask name whole addresses: a mailed link opens an account, a feed's is a secret, and a query
# tells what was searched.
_LINK = re.compile(r"(/password/reset/|/email/confirm/|/register/|/feeds/)[^\s<?'\"]+")
_QUERY = re.compile(r"(?<![\w/.-])([\w.-]*/[\w/.-]*\?)[^\s'\"]+")
# gunicorn quotes a line that is no header: a token, if a colon has been forgotten.
_NO_HEADER = re.compile(r"(Invalid HTTP [Hh]eader[^:]*: ).*")
_QUOTED_ROW = re.compile(r"(?m)^([^\w\n]*)DETAIL:.*$")
_SILENT = {"health.alive", "health.ready", "health.metrics", "static"}

_work: ContextVar[dict[str, object]] = ContextVar("work", default={})  # noqa: B039 (never changed in place)

requests_log = logging.getLogger("app.requests")


@contextmanager
def belonging_to(**ids: object) -> Iterator[None]:
    """Put these ids, such as `run=7, owner=3`, on every line logged inside."""
    token = _work.set({**_work.get(), **ids})
    try:
        yield
    finally:
        _work.reset(token)


def configure_logging(stream: TextIO | None = None) -> None:
    """Send every log of this process to `stream`, stderr if not given: JSON unless it is a terminal."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ForPeople() if stream.isatty() else ForMachines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # It lists its parts at every start.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)


def init_request_log(app: Flask) -> None:
    """Give every request an id, which its answer, its error page and its log lines carry."""

    @app.before_request
    def begin() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex[:16]
        g.began = time.perf_counter()

    # First in, so that it runs last and sees the answer as it leaves.
    @app.after_request
    def note(response: Response) -> Response:
        if "request_id" not in g:
            return response
        response.headers[HEADER] = g.request_id
        if request.endpoint not in _SILENT:
            milliseconds = round((time.perf_counter() - g.began) * 1000, 1)
            what = {"method": request.method, "route": route(), "status": response.status_code}
            requests_log.info(
                "%s %s %s in %s ms", *what.values(), milliseconds, extra={**what, "ms": milliseconds}
            )
        return response

    @app.context_processor
    def for_error_pages() -> dict[str, object]:
        return {"request_id": request_id()}


def request_id() -> str | None:
    """Give the id of the running request."""
    return g.get("request_id") if has_request_context() else None


def route() -> str:
    """Give the rule of the running request, such as `/password/reset/<token>`; a dash when there is none.

    Lines name it and not the address: what people search for, and links that open accounts, are theirs.
    """
    return request.url_rule.rule if request.url_rule else "-"


def _ids() -> dict[str, object]:
    found = dict(_work.get())
    if has_request_context():
        found["request"] = request_id()
        # From the cookie: a line that is logged because the database is away must not ask it.
        found.setdefault("owner", str(session.get("_user_id", "")).partition(":")[0] or None)
    return {name: value for name, value in found.items() if value is not None}


def _masked(text: str) -> str:
    for secret in (_LINK, _QUERY, _NO_HEADER):
        text = secret.sub(r"\1(hidden)", text)
    return _QUOTED_ROW.sub(r"\1DETAIL: (hidden)", _EMAIL.sub("(address)", text))


class ForMachines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{record.msecs:03.0f}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _masked(record.getMessage()),
            **_ids(),
        }
        for name in ("method", "route", "status", "ms"):
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["error"] = _masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


class ForPeople(logging.Formatter):
    """Time, level, logger, message, and the ids at the end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        first, *rest = _masked(super().format(record)).split("\n")
        ids = " ".join(f"{name}={value}" for name, value in _ids().items())
        return "\n".join([f"{first}  [{ids}]" if ids else first, *rest])
