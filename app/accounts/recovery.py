"""Links by which an owner sets a new password or confirms an address, and the letters that carry them.

A link is signed and keeps no row. It names a state of the owner that using it changes, so it works once.
"""

import logging
from contextlib import suppress

from flask import current_app, render_template
from flask_babel import force_locale, gettext
from itsdangerous import BadSignature, URLSafeTimedSerializer
from redis.exceptions import RedisError

from app.accounts.kept_letters import enqueue_letter, keep_letter
from app.accounts.models import User
from app.data.db import db
from app.data.types import now
from app.words import gettext_noop
from app.work.jobs import job
from app.work.mail import Mailer, MailNotSent
from app.work.queue import queue

log = logging.getLogger(__name__)

RESET_SECONDS = 3600
CONFIRM_SECONDS = 7 * 24 * 3600
# Strangers can ask for letters to somebody else: they get one in a while however often that is.
SECONDS_BETWEEN_LETTERS = 300
NOBODY = 0


def reset_url(user: User) -> str:
    """Make the link by which this owner sets a new password."""
    token = _resets().dumps([user.id, user.password_mark])
    return public_url("accounts.recovery.reset", token)


def owner_of_reset(token: str) -> User | None:
    """Find the owner whose link this is; None when it expired, was used or was not given out."""
    user_id, mark = _read(_resets(), token, RESET_SECONDS)
    user = db.session.get(User, user_id) if user_id else None
    # Whoever has stolen a session can end sessions again and again: that must not end the way back as well.
    return user if user and user.password_mark == mark else None


def confirm_url(user: User) -> str:
    """Make the link by which the owner confirms the address it was mailed to."""
    return public_url("accounts.recovery.confirm", _confirmations().dumps([user.id, user.email]))


def owner_of_confirmation(token: str) -> User | None:
    """Find the owner who is to confirm; None when the link expired or was not given out."""
    user_id, email = _read(_confirmations(), token, CONFIRM_SECONDS)
    user = db.session.get(User, user_id) if user_id else None
    return user if user and user.email == email else None


def confirm_address(user: User) -> None:
    """Note that the owner reads the letters to this address; commits."""
    user.email_confirmed_at = user.email_confirmed_at or now()
    db.session.commit()


def letters_are_sent() -> bool:
    """Tell whether this installation can write letters."""
    return bool(current_app.extensions["settings"].smtp_url)


def request_reset_letter(user_id: int | None) -> None:
    """Ask a worker for the letter, also for nobody: an answer takes as long for an unknown address.

    Raises QueueUnavailable.
    """
    enqueue_letter(send_reset_letter, user_id or NOBODY)


def request_confirmation_letter(user_id: int) -> None:
    """Ask a worker for the letter; raises QueueUnavailable."""
    enqueue_letter(send_confirmation_letter, user_id)


@job
def send_reset_letter(user_id: int, tried: int = 0) -> None:
    """Mail the link for a new password; `tried` so many times before."""
    user = db.session.get(User, user_id)
    if user is not None and not _send("reset", user, gettext_noop("Витрина: новый пароль"), reset_url(user)):
        keep_letter(send_reset_letter, user_id, tried)


@job
def send_confirmation_letter(user_id: int, tried: int = 0) -> None:
    """Mail the link that confirms the address, unless it is confirmed; `tried` so many times before."""
    user = db.session.get(User, user_id)
    if user is None or user.email_confirmed_at is not None:
        return
    if not _send("confirm", user, gettext_noop("Витрина: подтвердите адрес"), confirm_url(user)):
        keep_letter(send_confirmation_letter, user_id, tried)


def _send(kind: str, user: User, subject: str, url: str) -> bool:
    with force_locale(user.language):
        subject = gettext(subject)
        return send_letter(kind, user.email, subject, mark=str(user.id), name=user.greeting, url=url)


def send_letter(
    kind: str, address: str, subject: str, *, mark: str, url: str, name: str | None = None
) -> bool:
    """Mail a letter of this kind, unless the same `mark` got one a moment ago; False when it can be later."""
    mark = f"vitrina:letter:{kind}:{mark}"
    try:
        if not queue.connection.set(mark, 1, nx=True, ex=SECONDS_BETWEEN_LETTERS):
            log.info("a letter of this kind has just been sent")
            return True
    except RedisError:
        log.warning("letters are not counted while the queue is away")
    body = render_template(f"mail/{kind}.txt", name=name, url=url)
    try:
        with Mailer(current_app.extensions["settings"]) as mailer:
            mailer.send(address, subject, body)
    except BaseException as error:
        # Whoever asks again, as when a server took longer than there was time, gets it.
        with suppress(RedisError):
            queue.connection.delete(mark)
        if not isinstance(error, MailNotSent):
            raise
        log.warning("the letter was not sent: %s", error)
        # What the server may have taken does not come once more by itself.
        return error.permanent or error.is_unanswered
    return True


def public_url(endpoint: str, token: str) -> str:
    """Build the address of a page that a letter leads to, whatever host was asked."""
    base = current_app.extensions["settings"].public_url.rstrip("/")
    return base + current_app.url_map.bind("").build(endpoint, {"token": token})


def _read(links: URLSafeTimedSerializer, token: str, max_age: int) -> tuple[int, str]:
    try:
        user_id, state = links.loads(token, max_age=max_age)
    except (BadSignature, ValueError, TypeError):
        return NOBODY, ""
    return user_id, state


def _resets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="password-reset")


def _confirmations() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="address-confirmation")
