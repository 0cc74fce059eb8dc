"""What a page showed, told again by its form: an answer about all is about what was seen and no more."""

import hashlib
from collections.abc import Iterable

from app.words import gettext_noop

CHANGED = gettext_noop("Список изменился, пока вы на него смотрели. Проверьте его ещё раз.")


def mark_of(things: Iterable[object]) -> str:
    """A short mark of a set of things, whatever their order; another one for another set."""
    text = "\x1f".join(sorted(map(str, things)))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_as_seen(mark: str | None, things: Iterable[object]) -> bool:
    """Tell whether these are the things that a form has seen; one that says nothing of it is believed."""
    return not mark or mark == mark_of(things)
