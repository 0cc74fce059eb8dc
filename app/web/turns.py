"""What takes seconds of the processor, as big pages and pictures do: few at once in a process, one an owner.

Whatever else the process answers shares one processor with them: more of them at once would be ready no
sooner, and hold the threads that others' pages need. Whoever has taken least lately comes first, and takes
the place of one who waits and has taken more: two who never stop do not keep all others out.
"""

import threading
import time
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

# What somebody has taken counts half after so long, and is forgotten when it comes to next to nothing.
_HALVED_AFTER_SECONDS, _NOTHING_SECONDS = 30.0, 0.1


class _Waiting:
    """A request that waits for its turn, and whether another one has taken its place."""

    def __init__(self, whose: Hashable) -> None:
        self.whose = whose
        self.is_out = False


_change = threading.Condition()
_inside: Counter[Hashable] = Counter()
# When each one began, the line of those who wait, and the seconds that somebody had taken at a moment.
_working: dict[Hashable, float] = {}
_waiting: list[_Waiting] = []
_taken: dict[Hashable, tuple[float, float]] = {}
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
        if _inside[whose] >= OF_ONE or (_inside.total() >= INSIDE and not _makes_room(whose)):
            return False
        _inside[whose] += 1
        ours = _Waiting(whose)
        _waiting.append(ours)
        _change.wait_for(lambda: ours.is_out or _next() is ours, PATIENCE_SECONDS)
        if ours.is_out:
            return False
        is_our_turn = _next() is ours
        _waiting.remove(ours)
        if is_our_turn:
            _working[whose] = time.monotonic()
        else:
            _leave(_inside, whose)
        _change.notify_all()
        return is_our_turn


def _next() -> _Waiting | None:
    """The one whose turn it is, None while as many work as may: of equals the first in the line."""
    may_work = [each for each in _waiting if each.whose not in _working]
    if len(_working) >= WORKING or not may_work:
        return None
    return min(may_work, key=lambda each: _lately(each.whose))


def _makes_room(whose: Hashable) -> bool:
    """Send the one away who waits and has taken most lately, where that is more than `whose` has."""
    most = max(_waiting, key=lambda each: _lately(each.whose), default=None)
    if most is None or _lately(most.whose) <= _lately(whose):
        return False
    most.is_out = True
    _waiting.remove(most)
    _leave(_inside, most.whose)
    _change.notify_all()
    return True


def _lately(whose: Hashable) -> float:
    """The seconds that somebody has taken, each counted the less the longer ago it was."""
    moment = time.monotonic()
    seconds, at = _taken.get(whose, (0.0, moment))
    under_way = moment - _working.get(whose, moment)
    return seconds * 0.5 ** ((moment - at) / _HALVED_AFTER_SECONDS) + under_way


def _give_back(whose: Hashable) -> None:
    with _change:
        seconds = _lately(whose)
        del _working[whose]
        _taken[whose] = seconds, time.monotonic()
        for each in [each for each in _taken if _lately(each) < _NOTHING_SECONDS]:
            del _taken[each]
        _leave(_inside, whose)
        _change.notify_all()


def _leave(line: Counter[Hashable], whose: Hashable) -> None:
    line[whose] -= 1
    if not line[whose]:
        del line[whose]
