"""The way to VK's API with one owner's token: what reads is tried again, what writes is sent once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar, cast

from app.clients.errors import Action, BadPayload, Unavailable, UnknownOutcome
from app.clients.http import TRIES, HttpSession
from app.clients.pacing import WINDOW, Budget, LocalBudget
from app.clients.request import Answer
from app.clients.vk.answer import Answered, decode, read_answer
from app.clients.vk.call import Call

T = TypeVar("T")

VERSION = "5.199"
# What VK allows to one person's token in a second.
CALLS_PER_SECOND = 3
STATUSES_WITH_BODY = frozenset({200, 400, 401, 403, 422})
# A page of goods times 25 is some 10 MB; VK itself sends no more at once.
BODY_LIMIT = 32 * 1024 * 1024
BUDGET_PATIENCE = 60.0
# What is tried again at once says only that something went wrong.
LONGEST_REFUSAL = 256 * 1024
_WAITS = {Action.RETRY: 0.0, Action.SLOW_DOWN: WINDOW}


class VkSession:
    """Make calls with one owner's token; may be used from several threads at once.

    budget, budget_key: a slot of it is taken before each call; VK counts by person. None: one of its own.
    renew: exchanges a token that VK has refused for a new one; a call that reads is then made once more, one
    that writes is an UnknownOutcome: the token may have died while VK did it. sleep, tries, lifetime,
    body_limit: as in HttpSession.
    """

    def __init__(
        self,
        base_url: str,
        access_token: str,
        *,
        ca_bundle: str | None = None,
        timeout: tuple[float, float] = (5, 30),
        sleep: Callable[[float], object] = time.sleep,
        tries: int = TRIES,
        lifetime: float = math.inf,
        body_limit: int = BODY_LIMIT,
        budget: Budget | None = None,
        budget_key: str = "",
        renew: Callable[[str], str] | None = None,
    ) -> None:
        self.base_url = base_url
        self.ca_bundle = ca_bundle
        self._token = access_token
        self._budget = budget or LocalBudget(CALLS_PER_SECOND)
        self._budget_key = budget_key
        self._sleep = sleep
        self._renew = renew
        self._http = HttpSession(
            base_url,
            headers={"Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=timeout,
            ca_bundle=ca_bundle,
            sleep=sleep,
            tries=tries,
            lifetime=lifetime,
            body_limit=body_limit,
            statuses_with_body=STATUSES_WITH_BODY,
            pace=self._slot,
        )

    def close(self) -> None:
        """Close the connections of all threads."""
        self._http.close()

    def ask(self, call: Call[T]) -> T:
        """Make a call and return its result.

        One that reads is tried again while that may help. One that writes is sent once: UnknownOutcome
        means that VK may have done it, any other error that it says it has not. Raises CloudError.
        """
        answered = self.answer(call.method, call.params, writes=call.writes)
        if answered.error:
            if answered.error.meaning in call.done:
                return cast(T, None)
            raise answered.error
        return result_of(call, answered)

    def answer(self, method: str, params: dict[str, str], *, writes: bool) -> Answered:
        """Return what VK answered, an error of the whole call within it; raises as `ask` for all else."""
        answered = self._sent(method, params, writes=writes)
        if self._renew and answered.error and answered.error.action is Action.REFRESH_TOKEN:
            self._token = self._renew(self._token)
            if writes:
                raise UnknownOutcome(answered.error.detail, status=answered.error.status) from answered.error
            answered = self._sent(method, params, writes=writes)
        error = answered.error
        if writes and error and error.action is Action.RETRY:
            raise UnknownOutcome(error.detail, status=error.status) from error
        return answered

    def _sent(self, method: str, params: dict[str, str], *, writes: bool) -> Answered:
        form = {**params, "access_token": self._token, "v": VERSION}

        def again_after(answer: Answer) -> float | None:
            return None if writes else _wait_of(method, answer)

        try:
            answer = self._http.post(
                f"/method/{method}", form, tries=1 if writes else None, again_after=again_after
            )
            return read_answer(method, answer, writes=writes)
        except (Unavailable, BadPayload) as error:
            if not writes or (isinstance(error, Unavailable) and not error.is_sent):
                raise
            raise UnknownOutcome(error.detail, status=error.status) from error

    def _slot(self, seconds: float) -> AbstractContextManager[None]:
        return self._budget.acquire(self._budget_key, min(seconds, BUDGET_PATIENCE), self._sleep)


def result_of(call: Call[T], answered: Answered) -> T:
    """Read the result; of a call that writes, one that cannot be read is an UnknownOutcome."""
    try:
        return call.read(decode(call.method, answered.response))
    except BadPayload as error:
        if not call.writes:
            raise
        raise UnknownOutcome(error.detail, status=error.status) from error


def _wait_of(method: str, answer: Answer) -> float | None:
    """Return how long to wait at least before a reading call is made again, None when that is no use."""
    if len(answer.body) > LONGEST_REFUSAL:
        return None
    try:
        error = read_answer(method, answer, writes=False).error
    except BadPayload:
        return None
    return _WAITS.get(error.action) if error and error.code else None
