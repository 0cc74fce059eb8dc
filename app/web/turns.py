"""What takes seconds of the processor, as big pages and pictures do: few at once in a process, one an owner.

Whatever else the process answers shares one processor with them: more of them at once would be ready no
sooner, and hold the threads that others' pages need.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from flask import g
from flask_babel import gettext
from werkzeug.exceptions import TooManyRequests

from app.words import gettext_noop

# Of the eight threads of a process so many work at such pages, and so many are in there at all.
WORKING, INSIDE = 2, 4
# An owner's second one waits for the first, a third is too much.
OF_ONE = 2
PATIENCE_SECONDS = 8.0
RETRY_AFTER_SECONDS = 10
TOO_MANY = gettext_noop(
    "Сейчас уже считается столько больших страниц, сколько сервер может разом. "
    "Ничего не изменилось. Подождите десять секунд и повторите."
)

_change = threading.Condition()
_inside: Counter[Hashable] = Counter()
_working: set[Hashable] = set()


@contextmanager
def in_turn(whose: Hashable, too_many: str = TOO_MANY) -> Iterator[None]:
    """Do what is inside when it is its turn; a 429 that says when to come again if that takes too long.

    too_many: what that says, to be translated. Within one request the second such work goes on in the turn of
    the first.
    """
    if g.get("has_turn"):
        yield
        return
    if not _take(whose):
        raise TooManyRequests(gettext(too_many), retry_after=RETRY_AFTER_SECONDS)
    g.has_turn = True
    try:
        yield
    finally:
        g.has_turn = False
        _give_back(whose)


def _take(whose: Hashable) -> bool:
    with _change:
        if _inside.total() >= INSIDE or _inside[whose] >= OF_ONE:
            return False
        _inside[whose] += 1
        is_our_turn = _change.wait_for(
            lambda: whose not in _working and len(_working) < WORKING, PATIENCE_SECONDS
        )
        if is_our_turn:
            _working.add(whose)
        else:
            _leave(whose)
        return is_our_turn


def _give_back(whose: Hashable) -> None:
    with _change:
        _working.discard(whose)
        _leave(whose)
        _change.notify_all()


def _leave(whose: Hashable) -> None:
    _inside[whose] -= 1
    if not _inside[whose]:
        del _inside[whose]
