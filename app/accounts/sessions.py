"""Sessions of owners, and the browsers that have had one."""

import hashlib
import hmac
import secrets
from functools import cache

from flask import Response, after_this_request, current_app, request, session
from flask_login import current_user, login_user, logout_user
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import Select, bindparam, delete, select

from app.accounts.models import SignIn, User
from app.data.db import db
from app.web.language import choose, language

COOKIE = "known_browser"
COOKIE_SECONDS = 365 * 24 * 3600
# A browser in the shop may serve several owners; a cookie has to stay small.
REMEMBERED_OWNERS = 5
# In so many an owner may be signed in at a time; more than anybody has.
BROWSERS = 50
_LONGEST_KEY = 18


def begin_session(user: User) -> None:
    """Sign the owner in with nothing of the visitor's session, and know the browser as theirs. Commits."""
    _open_sign_in(user)
    # What somebody else planted there, a CSRF token of theirs above all, must not outlive the sign-in.
    session.clear()
    login_user(user)
    choose(user.language)
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
    """Sign the visitor out and forget all that their session held but the language. Commits."""
    spoken = language()
    if current_user.is_authenticated:
        db.session.execute(delete(SignIn).filter_by(token=current_user.sign_in_token))
        db.session.commit()
    logout_user()
    session.clear()
    choose(spoken)


def owner_of_session(session_id: str) -> User | None:
    """Find the owner whose session this is, None when it has ended; one query."""
    user_id, _, rest = session_id.partition(":")
    token = rest.partition(":")[2]
    if not user_id.isdecimal() or not user_id.isascii() or len(user_id) > _LONGEST_KEY:
        return None
    user = db.session.scalar(_signed_in(), {"user_id": int(user_id), "token": token})
    if user is None:
        return None
    user.sign_in_token = token
    return user if hmac.compare_digest(user.get_id().encode(), session_id.encode()) else None


@cache
def _signed_in() -> Select[User]:
    """The statement with which every page begins."""
    user_id, token = bindparam("user_id", type_=User.id.type), bindparam("token", type_=SignIn.token.type)
    signed_in = select(User).join(SignIn, SignIn.user_id == User.id)
    return signed_in.where(User.id == user_id, SignIn.token == token)


def known_browser_of(email: str) -> str:
    """Name the browser if this owner has signed in from it before, else ""."""
    name, owners = _known()
    return name if owner_digest(email) in owners else ""


def owner_digest(email: str) -> str:
    """Stand for an address where the address itself has no business to be."""
    key = str(current_app.secret_key)
    return hashlib.sha256(f"{key} {email.strip().lower()}".encode()).hexdigest()[:24]


def _open_sign_in(user: User) -> None:
    """Note the new sign-in; of those before, the newest stay."""
    db.session.add(SignIn.of(user))
    kept = select(SignIn.token).filter_by(user_id=user.id).order_by(SignIn.begun_at.desc()).limit(BROWSERS)
    older = db.session.scalars(
        select(SignIn.token).filter_by(user_id=user.id).where(SignIn.token.not_in(kept))
    ).all()
    db.session.execute(delete(SignIn).where(SignIn.token.in_(older)))
    db.session.commit()


def _known() -> tuple[str, list[str]]:
    try:
        name, owners = _serializer().loads(request.cookies.get(COOKIE, ""))
    except (BadSignature, ValueError, TypeError):
        return "", []
    return name, owners


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="known-browser")
