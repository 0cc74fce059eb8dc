"""The HTTP session below every cloud client: time-outs, tries, rate limits, bounded bodies."""

from __future__ import annotations

import http.client
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
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


class HttpSession:
    """GET from one cloud, from any number of threads; one connection and cookie-less session each."""

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
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._headers = dict(headers)
        self._timeout = timeout
        self._verify = ca_bundle or True
        self._sleep = sleep
        self._body_limit = body_limit
        self._deadline = deadline
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
        """Return the first final answer within four tries.

        authorize: adds the credentials to the request, so that they are kept nowhere here.
        budgets: names of the rate budgets this call spends, narrowest first.
        Raises RateLimited or Unavailable after the last try, BadPayload for a body over the limit.
        """
        wait, problem = 0.0, ""
        status: int | None = None
        cause: BaseException | None = None
        for attempt in range(1, TRIES + 1):
            wait = max(wait, self._holds.seconds_left(budgets))
            if wait > 0:
                self._sleep(min(wait, LONGEST_WAIT))
            status, cause = None, None
            try:
                answer, headers = self._send(path, params, authorize)
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
            log.warning("GET %s: %s, try %d of %d", path, problem, attempt, TRIES)
        failure = RateLimited if status == 429 else Unavailable
        raise failure(f"GET {path}: {problem} after {TRIES} tries", status=status) from cause

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

    def _send(
        self,
        path: str,
        params: Mapping[str, str] | None,
        authorize: Authorize,
    ) -> tuple[Answer, Mapping[str, str]]:
        started = time.monotonic()
        response = self._session().get(
            self._base_url + path,
            params=params,
            # A callable also keeps requests from taking credentials out of a .netrc file.
            auth=authorize,
            # Passed here because the environment would override the session's own value.
            verify=self._verify,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        )
        with response:
            body = b""
            if response.status_code in STATUSES_WITH_BODY:
                body = self._read(path, response, started + self._deadline)
            return Answer(response.status_code, body), response.headers

    def _read(self, path: str, response: requests.Response, deadline: float) -> bytes:
        """Read at most one network read at a time: a dripping body must not outlive the deadline."""
        body = bytearray()
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._body_limit:
                raise BadPayload(f"GET {path}: the body is over {self._body_limit} bytes")
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
