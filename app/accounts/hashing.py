"""How passwords are hashed: slowly, so that who has got hold of the table can try few words on it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.words import gettext_noop

# 32 MB and a twentieth of a second for every word tried.
METHOD = "scrypt:32768:8:1"
# So many at once in a process, which would hold that much for each of its threads.
AT_ONCE = 2
PATIENCE_SECONDS = 8.0
RETRY_AFTER_SECONDS = 10
TOO_MANY = gettext_noop("Сейчас входят сразу многие. Подождите десять секунд и попробуйте ещё раз.")

_places = threading.BoundedSemaphore(AT_ONCE)


def slow_hash(password: str) -> str:
    """Give what is kept of a password: the method, a salt of its own, and the hash.

    Raises 429 when too many wait for theirs.
    """
    # Imported here, as below: it loads the web.
    from werkzeug.security import generate_password_hash

    with _place():
        return generate_password_hash(password, METHOD)


def is_of_hash(password: str, kept: str) -> bool:
    """Tell whether this is the password that `kept` was made of; raises 429 as above."""
    from werkzeug.security import check_password_hash

    with _place():
        return check_password_hash(kept, password)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=PATIENCE_SECONDS):
        from flask_babel import gettext
        from werkzeug.exceptions import TooManyRequests

        raise TooManyRequests(gettext(TOO_MANY), retry_after=RETRY_AFTER_SECONDS)
    try:
        yield
    finally:
        _places.release()
