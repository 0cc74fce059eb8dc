"""The HTTP session below every cloud client: time-outs, tries, rate limits, bounded bodies."""

from __future__ import annotations

import http.client
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence, Set
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter

from app.clients.errors import BadPayload, RateLimited, Unavailable
from app.clients.pacing import LONGEST_WAIT, Holds, backoff, exhausted_for, requested_wait

log = logging.getLogger(__name__)

TRIES = 4
BODY_LIMIT = 64 * 1024 * 1024
ANSWER_DEADLINE = 120.0
CHUNK = 64 * 1024
WHOLE_CLOUD = "cloud"
RETRIED_STATUSES = frozenset({408, 425, 429})
# Bodies of other errors are undocumented and may be HTML: they are not even read.
STATUSES_WITH_BODY = frozenset({200, 201, 202, 203, 400, 422})

NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


Authorize = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Answer(NamedTuple):
    """A final answer; `body` is empty unless the status is one whose body is documented."""

    status: int
    body: bytes


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class Request(NamedTuple):
    """What is asked; written out it shows no parameter, because any may be a secret."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    authorize: Authorize = _unchanged

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"


class HttpSession:
    """Ask one cloud, from any number of threads; one connection and cookie-less session each.

    statuses_with_body: answers with any other status lose their body unread.
    tries: of each call; lifetime: seconds from now after which every call gives up.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str],
        timeout: tuple[float, float] = (5, 30),
        ca_bundle: str | None = None,
        sleep: Callable[[float], object] = time.sleep,
        body_limit: int = BODY_LIMIT,
        deadline: float = ANSWER_DEADLINE,
        statuses_with_body: Set[int] = STATUSES_WITH_BODY,
        tries: int = TRIES,
        lifetime: float = math.inf,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._timeout = timeout
        self._verify = ca_bundle or True
        self._sleep = sleep
        self._body_limit = body_limit
        self._deadline = deadline
        self._statuses_with_body = statuses_with_body
        self._tries = tries
        self._ends_at = time.monotonic() + lifetime
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
    ) -> Answer:
        """Return the first final answer within the session's tries.

        authorize: adds the credentials to the request, so that they are kept nowhere here.
        budgets: names of the rate budgets this call spends, narrowest first.
        Raises RateLimited or Unavailable after the last try, BadPayload for a body over the limit.
        """
        return self._ask(Request("GET", path, params=params, authorize=authorize), budgets, self._tries)

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        budgets: Sequence[str] = (WHOLE_CLOUD,),
        tries: int | None = None,
    ) -> Answer:
        """Send a form and return the first final answer within `tries`, else the session's; raises as `get`.

        A call that must not reach the cloud twice takes one try.
        """
        return self._ask(Request("POST", path, form=form), budgets, tries or self._tries)

    def _ask(self, asked: Request, budgets: Sequence[str], tries: int) -> Answer:
        wait, problem = 0.0, ""
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
            try:
                answer, headers = self._send(asked)
            except NETWORK_ERRORS as error:
                cause, problem, wait = error, type(error).__name__, backoff(attempt)
            else:
                status, problem = answer.status, f"status {answer.status}"
                # Every answer names the end of the rate window; only a refusal makes us wait for it.
                is_asked = status == 429 or "Retry-After" in headers
                wait = max(backoff(attempt), (is_asked and requested_wait(headers)) or 0.0)
                self._note_spent(status, headers, budgets, wait)
                if status < 500 and status not in RETRIED_STATUSES:
                    return answer
            log.warning("%s: %s, try %d of %d", str(asked), problem, attempt, tries)
        failure = RateLimited if status == 429 else Unavailable
        raise failure(f"{asked}: {problem} after {attempt} tries", status=status) from cause

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
        started = time.monotonic()
        response = self._session().request(
            asked.method,
            self._base_url + asked.path,
            params=asked.params,
            data=asked.form,
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
                body = self._read(asked, response, min(started + self._deadline, self._ends_at))
            return Answer(response.status_code, body), response.headers

    def _read(self, asked: Request, response: requests.Response, deadline: float) -> bytes:
        """Read at most one network read at a time: a dripping body must not outlive the deadline."""
        body = bytearray()
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._body_limit:
                raise BadPayload(f"{asked}: the body is over {self._body_limit} bytes")
            if time.monotonic() > deadline:
                raise TimeoutError
        return bytes(body)

    def _session(self) -> requests.Session:
        session = getattr(self._mine, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update(self._headers)
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
            with self._lock:
                self._opened.append(session)
            self._mine.session = session
        return session
