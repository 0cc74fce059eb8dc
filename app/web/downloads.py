"""What holds a thread for long, as files that are sent piece by piece do: few at once for one owner."""

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, make_response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from app.words import gettext_noop

# In one process, which answers eight requests at once.
AT_ONCE = 2
RETRY_AFTER_SECONDS = 10
TOO_MANY = gettext_noop(
    "У вас уже скачиваются файлы. Дождитесь, пока они докачаются, или отмените их и повторите."
)

Arguments = ParamSpec("Arguments")

_lock = threading.Lock()
_open: Counter[Hashable] = Counter()


class _Place:
    """One of somebody's downloads, from the request to the last piece."""

    def __init__(self, whose: Hashable) -> None:
        self._whose = whose
        self._is_held = False

    def take(self) -> bool:
        with _lock:
            self._is_held = _open[self._whose] < AT_ONCE
            _open[self._whose] += self._is_held
        return self._is_held

    def give_back(self) -> None:
        with _lock:
            _open[self._whose] -= self._is_held
            self._is_held = False
            if not _open[self._whose]:
                del _open[self._whose]


def download(view: Callable[Arguments, ResponseReturnValue]) -> Callable[Arguments, Response]:
    """Let an owner have only so many answers of such views under way; goes below `login_required`."""

    @wraps(view)
    def bounded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        return bounded_download(current_user.id, lambda: view(*args, **kwargs))

    return bounded


def bounded_download(whose: Hashable, answer: Callable[[], ResponseReturnValue]) -> Response:
    """Make the answer, unless as many of the same `whose` are under way as there may be: then it is a 429."""
    place = _Place(whose)
    if not place.take():
        raise TooManyRequests(gettext(TOO_MANY), retry_after=RETRY_AFTER_SECONDS)
    try:
        response = make_response(answer())
    except BaseException:
        place.give_back()
        raise
    response.response = _UntilRead(response.response, place)
    return response


class _UntilRead:
    """The pieces of a file; its place is free once they are read, or closed, be it before the first."""

    def __init__(self, pieces: Iterable[Any], place: _Place) -> None:
        self._pieces = pieces
        self._rest = iter(pieces)
        self._place = place

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._rest)
        except BaseException:
            self._place.give_back()
            raise

    def close(self) -> None:
        if close := getattr(self._pieces, "close", None):
            close()
        self._place.give_back()

    def __del__(self) -> None:
        # Whatever kept the server from closing it.
        self._place.give_back()
