"""Registering where letters are sent: an account begins with its letter, so nothing tells which exist.

Until the link is opened there is no row; what was typed travels in the link, encrypted and signed. Anybody
can type an address: a password begins the account only in the browser that typed it, and whoever opens the
link in another one chooses a password there.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any, NamedTuple

from flask import current_app, session
from flask_babel import force_locale, gettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.hashing import slow_hash
from app.accounts.kept_letters import enqueue_letter, keep_letter
from app.accounts.models import User
from app.accounts.recovery import public_url, reset_url, send_letter
from app.accounts.sessions import owner_digest
from app.data import crypto
from app.data.db import db
from app.data.types import now
from app.web.language import SOURCE, language, offer
from app.work.jobs import job

_LINK_LIVES = timedelta(days=1)
# In the session of the browser that has registered: how it is known again.
_BROWSER = "registering"


class Begun(NamedTuple):
    """A registration whose link was opened; `is_same_browser`: by the browser that typed it."""

    email: str
    is_same_browser: bool


def request_registration(email: str, name: str | None, password: str) -> None:
    """Ask a worker for the letter, whoever the address belongs to; raises QueueUnavailable."""
    browser = session.setdefault(_BROWSER, secrets.token_hex(16))
    typed = {"email": email, "name": name, "password_hash": slow_hash(password)}
    typed |= {"browser": browser, "language": language()}
    enqueue_letter(send_registration_letter, crypto.encrypt(typed))


@job
def send_registration_letter(sealed: str, tried: int = 0) -> None:
    """Mail the link that begins the account, or, to who has one, the link for a new password.

    `tried` so many times before.
    """
    typed = crypto.decrypt(sealed)
    email = typed["email"]
    owner = db.session.scalar(select(User).filter_by(email=email))
    kind, url = "known", reset_url(owner) if owner else ""
    if owner is None:
        kind, url = "begin", public_url("accounts.finish_registration", _links().dumps(sealed))
    with force_locale(owner.language if owner else typed.get("language", SOURCE)):
        subject = gettext("Витрина: регистрация")
        is_done = send_letter(kind, email, subject, mark=owner_digest(email), url=url)
    if not is_done:
        keep_letter(send_registration_letter, sealed, tried)


def registration_in(token: str) -> Begun | None:
    """Read a link that still begins an account, and go on in its language; None for any other."""
    typed = _typed(token)
    if typed is None or db.session.scalar(select(User.id).filter_by(email=typed["email"])):
        return None
    offer(typed.get("language", SOURCE))
    return Begun(typed["email"], _is_same_browser(typed))


def finish_registration(token: str, password: str | None = None) -> User | None:
    """Begin the account of a link; None when it begins none any more. Commits.

    password: chosen by who opened the link, in place of all that was typed; in another browser it is needed.
    """
    typed = _typed(token)
    if typed is None:
        return None
    kept = {name: value for name, value in typed.items() if name not in ("browser", "language")}
    if password is not None:
        kept |= {"name": None, "password_hash": slow_hash(password)}
    elif not _is_same_browser(typed):
        return None
    user = User(**kept, language=language(), email_confirmed_at=now())
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        # Opened twice: the account exists.
        db.session.rollback()
        return None
    return user


def is_begun_here(token: str) -> bool:
    """Tell whether a link has begun its account in the browser that registered, by another click."""
    typed = _typed(token)
    if typed is None or not _is_same_browser(typed):
        return False
    return db.session.scalar(select(User.id).filter_by(email=typed["email"])) is not None


def _is_same_browser(typed: dict[str, Any]) -> bool:
    known, typed_in = session.get(_BROWSER, ""), typed.get("browser", "")
    return bool(known and typed_in) and hmac.compare_digest(known, typed_in)


def _typed(token: str) -> dict[str, Any] | None:
    try:
        return crypto.decrypt(_links().loads(token, max_age=int(_LINK_LIVES.total_seconds())))
    except (BadSignature, crypto.UnknownKey):
        return None


def _links() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="registration")
