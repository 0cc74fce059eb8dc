"""Encryption of the clouds' secrets at rest."""

import json
from collections.abc import Iterable
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class UnknownKey(Exception):
    """None of TOKEN_KEYS decrypts the stored secret."""


def encrypt(secret: dict[str, Any]) -> str:
    """Encrypt a JSON object with the first of TOKEN_KEYS."""
    return _keys().encrypt(json.dumps(secret).encode()).decode()


def decrypt(text: str, token_keys: Iterable[str] | None = None) -> dict[str, Any]:
    """Decrypt what `encrypt` made under any of TOKEN_KEYS; raise UnknownKey when none fits.

    Outside the application the keys are given.
    """
    keys = _keys() if token_keys is None else MultiFernet([Fernet(key) for key in token_keys])
    try:
        return json.loads(keys.decrypt(text.encode()))
    except InvalidToken as error:
        raise UnknownKey from error


def _keys() -> MultiFernet:
    from flask import current_app

    return MultiFernet([Fernet(key) for key in current_app.extensions["settings"].token_keys])
