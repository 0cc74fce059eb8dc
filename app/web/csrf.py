"""CSRF tokens that differ from page to page, so that compressed lengths give nothing away (BREACH)."""

import binascii
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import Flask, current_app, g, session
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

_KEY = "csrf_token"
_SECRET_BYTES = 20
# A page has the token some fifty times: with these it is 27 bytes, which are 36 letters and no padding.
_SALT_BYTES = 7


class MaskedCSRF(CSRFProtect):
    """Flask-WTF's protection; a page carries the session's secret under a mask that no other page has."""

    def init_app(self, app: Flask) -> None:
        """Check every POST, and let templates write `csrf_token()`."""
        super().init_app(app)
        # Templates look in the context first; macros that they import know the globals only.
        app.context_processor(lambda: {_KEY: masked_token})
        app.jinja_env.globals[_KEY] = masked_token

    def _get_csrf_token(self) -> str | None:
        given: str | None = super()._get_csrf_token()
        secret = _unmasked(given or "")
        # Signed, as Flask-WTF expects it; whether it is the session's secret is then for Flask-WTF to see.
        return given if secret is None else _signed(secret)


def masked_token() -> str:
    """Give this page's token: the salt of a mask, and the session's secret under that mask."""
    if "masked_token" not in g:
        if _KEY not in session:
            session[_KEY] = secrets.token_hex(_SECRET_BYTES)
        salt = secrets.token_bytes(_SALT_BYTES)
        g.masked_token = urlsafe_b64encode(salt + _masked(salt, bytes.fromhex(session[_KEY]))).decode()
    token: str = g.masked_token
    return token


def _unmasked(token: str) -> str | None:
    """The secret under the mask, written as the session has it; None for what is no such token."""
    try:
        content = urlsafe_b64decode(token.encode())
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(content) != _SALT_BYTES + _SECRET_BYTES:
        return None
    return _masked(content[:_SALT_BYTES], content[_SALT_BYTES:]).hex()


def _masked(salt: bytes, content: bytes) -> bytes:
    """Put a mask on, or take the same one off; without our key no salt says what its mask is."""
    key = str(current_app.secret_key).encode()
    mask = hmac.digest(key, b"csrf mask " + salt, hashlib.sha256)[: len(content)]
    return bytes(a ^ b for a, b in zip(content, mask, strict=True))


def _signed(secret: str) -> str:
    signed = URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token").dumps(secret)
    return signed if isinstance(signed, str) else signed.decode()
