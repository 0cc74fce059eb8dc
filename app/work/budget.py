"""A budget of calls that all processes share, kept by the queue server."""

from __future__ import annotations

import logging

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError

from app.clients.pacing import ARRIVAL, WINDOW, Budget, LocalBudget
from app.work.queue import queue

log = logging.getLogger(__name__)

MILLION = 1_000_000

# Times are microseconds of the server's clock, so that no two processes have to agree on theirs. Each slot is
# a member whose score is when it is free again. Returns 0, or microseconds until one may be free: what is
# under way can be free a window from now at the soonest. A clock that was set back starts everything anew.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local calls, window, arrival = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + window + arrival + 1, '+inf')
if redis.call('ZCARD', KEYS[1]) < calls then
  redis.call('ZADD', KEYS[1], now + window + arrival, ARGV[1])
  redis.call('PEXPIRE', KEYS[1], math.ceil((window + arrival) / 1000))
  return 0
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, math.min(window, first[2] - now))
"""
_SETTLE = """
local time = redis.call('TIME')
local free_at = time[1] * 1000000 + time[2] + tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], 'XX', 'LT', free_at, ARGV[1])
return 0
"""


class SharedBudget(Budget):
    """So many calls in any second for each key, counted over all processes.

    While the queue server is away every process keeps to a third of it by itself.
    """

    def __init__(self, connection: Redis, calls: int, *, name: str) -> None:
        self._calls = calls
        self._name = name
        self._take_script = connection.register_script(_TAKE)
        self._settle_script = connection.register_script(_SETTLE)
        self._alone = LocalBudget(max(1, calls // 3))

    def _take(self, key: str, slot: str) -> float:
        arguments: list[str | int] = [slot, self._calls, int(WINDOW * MILLION), int(ARRIVAL * MILLION)]
        try:
            return int(self._take_script(keys=[self._key(key)], args=arguments)) / MILLION
        except RedisError as error:
            log.warning("the queue server keeps no budget: %s", type(error).__name__)
            return self._alone._take(key, slot)

    def _settle(self, key: str, slot: str) -> None:
        self._alone._settle(key, slot)
        try:
            self._settle_script(keys=[self._key(key)], args=[slot, int(WINDOW * MILLION)])
        except RedisError:
            # The slot frees itself a little later.
            log.info("a slot of the budget was not given back")

    def _key(self, key: str) -> str:
        return f"vitrina:budget:{self._name}:{key}"


def budget_of(app: Flask, name: str, calls: int) -> SharedBudget:
    """Return the application's budget of this name, one for all its threads."""
    budgets: dict[str, SharedBudget] = app.extensions.setdefault("budgets", {})
    if name not in budgets:
        budgets[name] = SharedBudget(queue.connection, calls, name=name)
    return budgets[name]
