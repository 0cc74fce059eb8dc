"""For whoever watches the process: alive, and able to work."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db, limiter, queue
from app.work_queue import QueueUnavailable

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
