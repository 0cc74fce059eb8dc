"""Encryption of the clouds' secrets at rest."""

import json
import logging
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

log = logging.getLogger(__name__)


class UnknownKey(Exception):
    """None of TOKEN_KEYS decrypts the stored secret."""


def encrypt(secret: dict[str, Any]) -> str:
    """Encrypt a JSON object with the first of TOKEN_KEYS."""
    return _keys()[0].encrypt(json.dumps(secret).encode()).decode()


def decrypt(text: str, token_keys: Iterable[str] | None = None) -> dict[str, Any]:
    """Decrypt what `encrypt` made under any of TOKEN_KEYS; raise UnknownKey when none fits.

    Outside the application the keys are given.
    """
    return json.loads(_decrypt(text, token_keys))


def rotated(text: str) -> str | None:
    """Encrypt anew under the first of TOKEN_KEYS; None when it is so already; raise UnknownKey."""
    first = _keys()[0]
    try:
        first.decrypt(text.encode())
    except InvalidToken:
        return first.encrypt(_decrypt(text)).decode()
    return None


def _decrypt(text: str, token_keys: Iterable[str] | None = None) -> bytes:
    try:
        return MultiFernet(_keys(token_keys)).decrypt(text.encode())
    except InvalidToken as error:
        log.error("none of TOKEN_KEYS decrypts a stored secret: was a key removed before rotate-token-keys?")
        raise UnknownKey from error


def _keys(token_keys: Iterable[str] | None = None) -> list[Fernet]:
    if token_keys is None:
        # Imported here: a shell script that brings its own keys must not wait for the web.
        from flask import current_app

        token_keys = current_app.extensions["settings"].token_keys
    return [Fernet(key) for key in token_keys or ()]
