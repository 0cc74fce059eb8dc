"""The time that an answer may take, head and body together: no byte is waited for beyond it.

A socket's own time-out counts anew with each byte, so that a cloud which sends one now and then, be it of a
header or of one "100 Continue" after another, would be listened to for ever.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter


class AnswerTime:
    """What is left of the time of the answer that is awaited now, by one thread.

    seconds: for each answer, from when it is awaited; ends_at: when none is awaited any longer, by
    `time.monotonic()`.
    """

    def __init__(self, seconds: float, ends_at: float) -> None:
        self._seconds = seconds
        self._ends_at = ends_at
        self._until = math.inf

    def begin(self) -> None:
        """Await another answer from now on."""
        self._until = min(time.monotonic() + self._seconds, self._ends_at)

    def prolong(self, seconds: float) -> None:
        """Give the answer back what it had to wait for us, but nothing beyond the end of all."""
        self._until = min(self._until + seconds, self._ends_at)

    @property
    def left(self) -> float:
        """Seconds that there are left; none or fewer than none when it is over."""
        return self._until - time.monotonic()


class TimedAdapter(HTTPAdapter):
    """Answers of one thread's session, none of which takes longer than its time; one connection."""

    def __init__(self, answer_time: AnswerTime) -> None:
        self._answer_time = answer_time
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> urllib3.HTTPConnectionPool:
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool.ConnectionCls = partial(_connect, type(pool).ConnectionCls, self._answer_time)
        return pool


def _connect(kind: Any, answer_time: AnswerTime, **options: Any) -> Any:
    connection = kind(**options)
    connection.response_class = partial(_Response, answer_time)
    return connection


class _Response(http.client.HTTPResponse):
    def __init__(self, answer_time: AnswerTime, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        answer_time.begin()
        self.fp = io.BufferedReader(TimedBytes(sock, self.fp.detach(), answer_time))


class TimedBytes(io.RawIOBase):
    """The bytes of a socket, as `raw` reads them; each read ends with the answer's time at the latest."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, answer_time: AnswerTime) -> None:
        self._sock = sock
        self._raw = raw
        self._answer_time = answer_time
        self._timeout = sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._answer_time.left
        if left <= 0:
            raise TimeoutError
        if self._timeout is None or left < self._timeout:
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            # The next answer comes by the same socket, unless it has been closed.
            with suppress(OSError):
                self._sock.settimeout(self._timeout)
            self._raw.close()
        super().close()
