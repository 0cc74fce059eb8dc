"""A strategy of limits that counts an attempt before it is judged, so that many at once cannot slip through.

Flask-Limiter asks `test` before a view whose attempts count only under a condition, and `hit` after it when
the condition holds. Between the two any number of others would be tested as well: here `test` counts, `hit`
confirms, and what nobody has confirmed by the end of the request is given back.
"""

import logging

from flask import Flask, Response, g
from flask_limiter import Limiter
from limits import RateLimitItem
from limits.errors import StorageError
from limits.strategies import STRATEGIES, FixedWindowRateLimiter
from redis.exceptions import RedisError

COUNTED_FIRST = "counted-first"

log = logging.getLogger(__name__)


class CountedFirst(FixedWindowRateLimiter):
    """A fixed window in which an attempt takes its place at once."""

    def test(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Take a place and tell whether there was one."""
        is_free = super().hit(item, *identifiers, cost=cost)
        _open_places()[item.key_for(*identifiers)] = (self, item, cost)
        return is_free

    def hit(self, item: RateLimitItem, *identifiers: str, cost: int = 1) -> bool:
        """Keep the place that `test` took in this request, else take one; tell whether there was one."""
        if _open_places().pop(item.key_for(*identifiers), None) is not None:
            return True
        return super().hit(item, *identifiers, cost=cost)

    def give_back(self, item: RateLimitItem, key: str, cost: int) -> None:
        """Free a place again."""
        self.storage.incr(key, item.get_expiry(), amount=-cost)


STRATEGIES[COUNTED_FIRST] = CountedFirst


class PatientLimiter(Limiter):
    """Flask-Limiter, which counts in memory while the queue server is away.

    Of many requests that find it away at one moment that goes for the first alone: the others would fail.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except (RedisError, StorageError):
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


def init_attempts(app: Flask) -> None:
    """Give back what was not confirmed; call it before the limiter's `init_app`, so as to come after it."""

    @app.after_request
    def give_back(response: Response) -> Response:
        for key, (strategy, item, cost) in g.pop("open_places", {}).items():
            try:
                strategy.give_back(item, key, cost)
            except (RedisError, StorageError) as error:
                # The window ends by itself.
                log.warning("an attempt stays counted: %s", error)
        return response


def _open_places() -> dict[str, tuple[CountedFirst, RateLimitItem, int]]:
    if "open_places" not in g:
        g.open_places = {}
    places: dict[str, tuple[CountedFirst, RateLimitItem, int]] = g.open_places
    return places
