"""For whoever watches the process, alive and able to work; and for the proxy that stands before it."""

import hmac

from flask import Blueprint, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.data.db import db
from app.web.extensions import limiter
from app.work.metrics import exposition
from app.work.queue import QueueUnavailable, queue

health = Blueprint("health", __name__)
limiter.exempt(health)


@health.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> ResponseReturnValue:
    parts = {"database": _database_answers(), "queue": _queue_answers()}
    all_answer = all(parts.values())
    words = {name: "ok" if answers else "unavailable" for name, answers in parts.items()}
    return jsonify(status="ok" if all_answer else "unavailable", **words), 200 if all_answer else 503


@health.get("/signed-in")
def signed_in() -> ResponseReturnValue:
    """Tell the proxy who sends a long body, before it takes any of that in: 204 for owners, else 401."""
    return "", 204 if current_user.is_authenticated else 401


@health.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Answer Prometheus, if METRICS_TOKEN is set and known."""
    expected = current_app.extensions["settings"].metrics_token
    if not expected:
        abort(404)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    return Response(exposition(), mimetype="text/plain; version=0.0.4")


def _database_answers() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True


def _queue_answers() -> bool:
    try:
        queue.ping()
    except QueueUnavailable:
        return False
    return True
