"""Registering where letters are sent: an account begins with its letter, so nothing tells which exist.

Until the link is opened there is no row; what was typed travels in the link, encrypted and signed.
"""

from datetime import timedelta
from uuid import uuid4

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.security import generate_password_hash

from app.accounts.models import User
from app.accounts.recovery import LETTER_TIMEOUT_SECONDS, public_url, reset_url, send_letter
from app.accounts.sessions import owner_digest
from app.data import crypto
from app.data.db import db
from app.data.types import now
from app.work.jobs import job
from app.work.queue import CHECKS_QUEUE_NAME, queue

_LINK_LIVES = timedelta(days=1)


def request_registration(email: str, name: str | None, password: str) -> None:
    """Ask a worker for the letter, whoever the address belongs to; raises QueueUnavailable."""
    typed = {"email": email, "name": name, "password_hash": generate_password_hash(password)}
    queue.enqueue(
        send_registration_letter,
        crypto.encrypt(typed),
        job_id=f"letter-{uuid4().hex}",
        timeout=LETTER_TIMEOUT_SECONDS,
        queue_name=CHECKS_QUEUE_NAME,
    )


@job
def send_registration_letter(sealed: str) -> None:
    """Mail the link that begins the account, or, to who has one, the link for a new password."""
    email = crypto.decrypt(sealed)["email"]
    owner = db.session.scalar(select(User).filter_by(email=email))
    kind, url = "known", reset_url(owner) if owner else ""
    if owner is None:
        kind, url = "begin", public_url("accounts.finish_registration", _links().dumps(sealed))
    send_letter(kind, email, "Витрина: регистрация", mark=owner_digest(email), url=url)


def registration_in(token: str) -> str | None:
    """Read the address of a link that still begins an account; None for any other."""
    typed = _typed(token)
    if typed is None or db.session.scalar(select(User.id).filter_by(email=typed["email"])):
        return None
    return typed["email"]


def finish_registration(token: str) -> User | None:
    """Begin the account of a link; None when it begins none any more. Commits."""
    typed = _typed(token)
    if typed is None:
        return None
    user = User(**typed, email_confirmed_at=now())
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        # Opened twice: the account exists.
        db.session.rollback()
        return None
    return user


def _typed(token: str) -> dict[str, str] | None:
    try:
        return crypto.decrypt(_links().loads(token, max_age=int(_LINK_LIVES.total_seconds())))
    except (BadSignature, crypto.UnknownKey):
        return None


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="registration")
