"""Sessions of owners, and the browsers that have had one."""

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request, session
from flask_login import login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer

from app.accounts.models import User

COOKIE = "known_browser"
COOKIE_SECONDS = 365 * 24 * 3600
# A browser in the shop may serve several owners; a cookie has to stay small.
REMEMBERED_OWNERS = 5


def begin_session(user: User) -> None:
    """Sign the owner in with nothing of the visitor's session, and remember the browser as theirs."""
    # What somebody else planted there, a CSRF token of theirs above all, must not outlive the sign-in.
    session.clear()
    login_user(user)
    name, owners = _known()
    digest = owner_digest(user.email)
    owners = [digest, *(other for other in owners if other != digest)][:REMEMBERED_OWNERS]
    cookie = _serializer().dumps([name or secrets.token_hex(8), owners])

    @after_this_request
    def remember(response: Response) -> Response:
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=COOKIE_SECONDS,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
        return response


def end_session() -> None:
    """Sign the visitor out and forget everything that their session held."""
    logout_user()
    session.clear()


def known_browser_of(email: str) -> str:
    """Name the browser if this owner has signed in from it before, else ""."""
    name, owners = _known()
    return name if owner_digest(email) in owners else ""


def owner_digest(email: str) -> str:
    """Stand for an address where the address itself has no business to be."""
    key = str(current_app.secret_key)
    return hashlib.sha256(f"{key} {email.strip().lower()}".encode()).hexdigest()[:24]


def _known() -> tuple[str, list[str]]:
    try:
        name, owners = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return name, owners


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="known-browser")
