"""What takes seconds of the processor, as big pages and pictures do: few at once in a process, one an owner.

Whatever else the process answers shares one processor with them: more of them at once would be ready no
sooner, and hold the threads that others' pages need.
"""

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from flask import g, has_request_context
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
# So many of an owner's requests wait for what another one of theirs holds in the database.
IN_LINE = 4
TOO_LONG_LINE = gettext_noop(
    "Ваши прошлые изменения ещё не закончены, это не сделано. Подождите десять секунд и повторите."
)

_change = threading.Condition()
_inside: Counter[Hashable] = Counter()
_working: set[Hashable] = set()
_in_line: Counter[Hashable] = Counter()


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


@contextmanager
def in_line(whose: Hashable) -> Iterator[None]:
    """Wait inside for what requests of the same `whose` hold one after the other until their end.

    A 429 where as many wait as there may; a request that has come through waits no more, a job in no line.
    """
    if not has_request_context() or g.get("was_in_line"):
        yield
        return
    with _change:
        if _in_line[whose] >= IN_LINE:
            raise TooManyRequests(gettext(TOO_LONG_LINE), retry_after=RETRY_AFTER_SECONDS)
        _in_line[whose] += 1
    g.was_in_line = True
    try:
        yield
    finally:
        with _change:
            _leave(_in_line, whose)


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
            _leave(_inside, whose)
        return is_our_turn


def _give_back(whose: Hashable) -> None:
    with _change:
        _working.discard(whose)
        _leave(_inside, whose)
        _change.notify_all()


def _leave(line: Counter[Hashable], whose: Hashable) -> None:
    line[whose] -= 1
    if not line[whose]:
        del line[whose]
