"""The HTTP session below every cloud client: time-outs, tries, rate limits, bounded bodies."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from http.cookiejar import DefaultCookiePolicy
from io import BytesIO

import requests

from app.clients.answer_time import AnswerTime, TimedAdapter
from app.clients.errors import BadPayload, RateLimited, Unavailable
from app.clients.network_errors import NETWORK_ERRORS, was_connecting
from app.clients.pacing import LONGEST_WAIT, Holds, backoff, exhausted_for, requested_wait
from app.clients.request import Answer, Authorize, File, Request, no_turns
from app.clients.turn import LONG_ANSWER

log = logging.getLogger(__name__)

TRIES = 4
ANSWER_DEADLINE = 60.0
# A cloud that has let so many answers of a call run out of time will not do better.
LATE_ANSWERS = 2
CHUNK = 64 * 1024
WHOLE_CLOUD = "cloud"
RETRIED_STATUSES = frozenset({408, 425, 429})
# Bodies of other errors are undocumented and may be HTML: they are not even read.
STATUSES_WITH_BODY = frozenset({200, 201, 202, 203, 400, 422})

# Is entered around each sending, with the seconds there are to wait before it.
Pace = Callable[[float], AbstractContextManager[None]]
# Seconds after which an answer is asked for again; None when it is final.
AgainAfter = Callable[[Answer], float | None]


def _unpaced(seconds: float) -> AbstractContextManager[None]:
    return nullcontext()


def _final(answer: Answer) -> float | None:
    return None


class HttpSession:
    """Ask one cloud, from any number of threads; one connection and cookie-less session each.

    body_limit: bytes, of a longer answer not even that much is kept.
    statuses_with_body: answers with any other status lose their body unread.
    tries: of each call; lifetime: seconds from now after which every call gives up.
    pace: keeps to a budget of calls; it may wait, and whatever it raises ends the call.
    look: called before each sending; whatever it raises ends the call.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        body_limit: int,
        timeout: tuple[float, float] = (5, 30),
        ca_bundle: str | None = None,
        sleep: Callable[[float], object] = time.sleep,
        deadline: float = ANSWER_DEADLINE,
        statuses_with_body: Set[int] = STATUSES_WITH_BODY,
        tries: int = TRIES,
        lifetime: float = math.inf,
        pace: Pace = _unpaced,
        look: Callable[[], object] = no_turns,
    ) -> None:
        self._base_url = base_url
        self._headers = dict(headers)
        self._timeout = timeout
        self._verify = ca_bundle or True
        self._sleep = sleep
        self._body_limit = body_limit
        self._deadline = deadline
        self._statuses_with_body = statuses_with_body
        self._tries = tries
        self._ends_at = time.monotonic() + lifetime
        self._pace = pace
        self._look = look
        self._holds = Holds()
        self._lock = threading.Lock()
        self._opened: list[requests.Session] = []
        self._mine = threading.local()

    def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        authorize: Authorize,
        budgets: Sequence[str],
        when_long: Callable[[], None] = no_turns,
    ) -> Answer:
        """Return the first final answer within the session's tries.

        authorize: adds the credentials to the request, so that they are kept nowhere here.
        budgets: names of the rate budgets this call spends, narrowest first.
        when_long: see `Request`; the time it takes is not the answer's.
        Raises RateLimited or Unavailable after the last try, BadPayload for a body over the limit.
        """
        asked = Request("GET", path, params=params, authorize=authorize, when_long=when_long)
        return self._ask(asked, budgets, self._tries)

    def post(
        self,
        path: str,
        form: Mapping[str, str] | None = None,
        *,
        files: Mapping[str, File] | None = None,
        budgets: Sequence[str] = (WHOLE_CLOUD,),
        tries: int | None = None,
        again_after: AgainAfter = _final,
    ) -> Answer:
        """Send a form, or files, and return the first final answer within `tries`, else the session's.

        A call that must not reach the cloud twice takes one try. An empty path asks the base URL itself.
        again_after: looks into an answer; seconds after which to try again, None when it is final. The
        answer to the last try is returned whatever it says. Raises as `get`.
        """
        asked = Request("POST", path, form=form, files=files)
        return self._ask(asked, budgets, tries or self._tries, again_after)

    def _ask(
        self, asked: Request, budgets: Sequence[str], tries: int, again_after: AgainAfter = _final
    ) -> Answer:
        wait, problem, is_sent, late = 0.0, "", False, 0
        status: int | None = None
        cause: BaseException | None = None
        for attempt in range(1, tries + 1):
            wait = max(wait, self._holds.seconds_left(budgets))
            if time.monotonic() + wait >= self._ends_at:
                problem = problem or "no time left"
                break
            if wait > 0:
                self._sleep(min(wait, LONGEST_WAIT))
            status, cause = None, None
            self._look()
            try:
                with self._pace(self._ends_at - time.monotonic()):
                    answer, headers = self._send(asked)
            except NETWORK_ERRORS as error:
                cause, problem, wait = error, type(error).__name__, backoff(attempt)
                is_sent = not was_connecting(error)
                late += self._mine.answer_time.left <= 0
            else:
                is_sent = True
                status, problem = answer.status, f"status {answer.status}"
                # Every answer names the end of the rate window; only a refusal makes us wait for it.
                is_asked = status == 429 or "Retry-After" in headers
                wait = max(backoff(attempt), (is_asked and requested_wait(headers)) or 0.0)
                self._note_spent(status, headers, budgets, wait)
                if status < 500 and status not in RETRIED_STATUSES:
                    asked_wait = again_after(answer)
                    if asked_wait is None or attempt == tries:
                        return answer
                    problem, wait = "refused for now", max(wait, asked_wait)
            log.warning("%s: %s, try %d of %d", str(asked), problem, attempt, tries)
            if late == LATE_ANSWERS:
                break
        said = f"{asked}: {problem} after {attempt} tries"
        if status == 429:
            raise RateLimited(said, status=status) from cause
        failure = Unavailable(said, status=status)
        failure.is_sent = is_sent
        raise failure from cause

    def look(self) -> None:
        """Raise when a call must not wait on: what `look` raises, or TimeoutError without time left."""
        self._look()
        if time.monotonic() >= self._ends_at:
            raise TimeoutError

    def close(self) -> None:
        """Close the connections of all threads; a later call opens new ones."""
        with self._lock:
            opened, self._opened = self._opened, []
            self._mine = threading.local()
        for session in opened:
            session.close()

    def _note_spent(
        self, status: int, headers: Mapping[str, str], budgets: Sequence[str], wait: float
    ) -> None:
        """Hold the budgets that this answer shows to be spent, so that other threads wait as well."""
        spent_for = exhausted_for(headers)
        if status == 429:
            self._holds.hold(budgets, max(wait, spent_for or 0.0), refused=True)
        elif spent_for:
            self._holds.hold(budgets, spent_for, refused=False)

    def _send(self, asked: Request) -> tuple[Answer, Mapping[str, str]]:
        session = self._session()
        # Else an error before there is an answer would be taken for the end of the last one's time.
        self._mine.answer_time.begin()
        response = session.request(
            asked.method,
            self._base_url.rstrip("/") + asked.path if asked.path else self._base_url,
            params=asked.params,
            data=asked.form,
            files=asked.files,
            # A callable also keeps requests from taking credentials out of a .netrc file.
            auth=asked.authorize,
            # Passed here because the environment would override the session's own value.
            verify=self._verify,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            body = b""
            if response.status_code in self._statuses_with_body:
                body = self._read(asked, response)
            return Answer(response.status_code, body), response.headers

    def _read(self, asked: Request, response: requests.Response) -> bytes:
        # Unlike a bytearray it gives its bytes away without a second copy of them.
        body, length = BytesIO(), 0
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            is_long_now = length <= LONG_ANSWER < length + len(chunk)
            length += body.write(chunk)
            if length > self._body_limit:
                raise BadPayload(f"{asked}: the body is over {self._body_limit} bytes")
            if is_long_now:
                began = time.monotonic()
                asked.when_long()
                self._mine.answer_time.prolong(time.monotonic() - began)
        return body.getvalue()

    def _session(self) -> requests.Session:
        session = getattr(self._mine, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update(self._headers)
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            answer_time = AnswerTime(self._deadline, self._ends_at)
            for scheme in ("http://", "https://"):
                session.mount(scheme, TimedAdapter(answer_time))
            with self._lock:
                self._opened.append(session)
            self._mine.session, self._mine.answer_time = session, answer_time
        return session
