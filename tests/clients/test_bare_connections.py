"""What can go wrong below JSON: bytes on the wire, one scripted answer after another."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import requests

from app.clients.errors import BadPayload, RateLimited, Unavailable
from app.clients.http import HttpSession

PAGE = b'{"items":[]}'
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE)

Script = list[bytes | Callable[[socket.socket], None]]


class Wire:
    """A server that answers the n-th connection with the n-th script, then closes it."""

    def __init__(self) -> None:
        self.scripts: Script = []
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536))
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                try:
                    if callable(script):
                        script(connection)
                    else:
                        connection.sendall(script)
                except OSError:
                    pass


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def session(wire: Wire, waits: list[float]) -> Iterator[HttpSession]:
    session = HttpSession(wire.url, headers={}, sleep=waits.append, body_limit=100_000)
    yield session
    session.close()


@pytest.fixture
def hasty(wire: Wire, waits: list[float]) -> Iterator[HttpSession]:
    """A session that soon gives up its first try, and has all patience for the next ones."""

    def be_patient(seconds: float) -> None:
        waits.append(seconds)
        impatient._timeout, impatient._mine.answer_time._seconds = (60, 60), 60

    impatient = HttpSession(
        wire.url, headers={}, timeout=(60, 60), sleep=be_patient, body_limit=100_000, deadline=0.4
    )
    yield impatient
    impatient.close()


def anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def get(session: HttpSession, path: str = "/stores") -> bytes:
    return session.get(path, authorize=anonymous, budgets=("account",)).body


def answer(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.0 {status}", *headers, "Content-Length: 0", "", ""]).encode()


def drip(connection: socket.socket, *, begin: bytes, drop: bytes) -> None:
    """Send a drop often enough never to run into the read time-out."""
    connection.sendall(begin)
    for _ in range(1000):
        connection.sendall(drop)
        time.sleep(0.05)


DRIPPING = {
    "body": partial(drip, begin=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", drop=b" "),
    "chunks": partial(
        drip, begin=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", drop=b"1\r\n \r\n"
    ),
    "head": partial(drip, begin=b"HTTP/1.1 200 OK\r\nX: ", drop=b"x"),
    "put off": partial(drip, begin=b"", drop=b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("slow", DRIPPING.values(), ids=DRIPPING.keys())
def test_a_dripping_answer_ends_at_the_deadline(
    wire: Wire, hasty: HttpSession, slow: Callable[[socket.socket], None]
) -> None:
    wire.scripts = [slow, OK]
    assert get(hasty) == PAGE
    # It would have been the first answer, had that been waited for.
    assert len(wire.requests) == 2


def test_a_cloud_that_drips_twice_is_not_listened_to_again(wire: Wire, waits: list[float]) -> None:
    wire.scripts = [DRIPPING["head"]]
    session = HttpSession(wire.url, headers={}, sleep=waits.append, body_limit=1000, deadline=0.3)
    with pytest.raises(Unavailable):
        get(session)
    session.close()
    assert len(waits) == 1, "between two tries"


def test_chunked_and_compressed_bodies_are_read(wire: Wire, session: HttpSession) -> None:
    packed = gzip.compress(PAGE)
    wire.scripts = [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"5\r\n%b\r\n7\r\n%b\r\n0\r\n\r\n" % (PAGE[:5], PAGE[5:]),
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed),
        b"HTTP/1.0 200 OK\r\n\r\n" + PAGE,
    ]
    assert [get(session) for _ in range(3)] == [PAGE] * 3


@pytest.mark.parametrize("size", [100_001, 20_000_000])
def test_a_body_over_the_limit_is_given_up(wire: Wire, session: HttpSession, size: int) -> None:
    packed = gzip.compress(b" " * size, 9)
    wire.scripts = [
        b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b" % (len(packed), packed)
    ]
    with pytest.raises(BadPayload):
        get(session)
    assert len(wire.requests) == 1


BROKEN = {
    "closed": b"",
    "not http": b"SSH-2.0-OpenSSH\r\n",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    "cut chunk": b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n{",
    "bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "bad gzip": b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
    "endless header": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n",
}


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_asked_for_again(
    wire: Wire, session: HttpSession, waits: list[float], script: bytes
) -> None:
    wire.scripts = [script, OK]
    assert get(session) == PAGE
    assert len(waits) == 1


@pytest.mark.parametrize("script", BROKEN.values(), ids=BROKEN.keys())
def test_after_four_broken_answers_the_cloud_is_unavailable(
    wire: Wire, session: HttpSession, waits: list[float], script: bytes
) -> None:
    wire.scripts = [script]
    with pytest.raises(Unavailable) as failure:
        get(session)
    assert (failure.value.status, failure.value.permanent) == (None, False)
    assert len(wire.requests) == 4
    assert len(waits) == 3 and waits == sorted(waits) and waits[-1] <= 2


def test_silence_is_a_time_out(wire: Wire, hasty: HttpSession) -> None:
    given_up: list[bytes] = []
    # Silent until who has asked is gone.
    wire.scripts = [lambda connection: given_up.append(connection.recv(1)), OK]
    hasty._timeout, hasty._deadline = (60, 0.3), 60
    assert get(hasty) == PAGE
    assert given_up == [b""]


def test_nobody_there_is_unavailable(waits: list[float]) -> None:
    session = HttpSession("http://127.0.0.1:9", headers={}, body_limit=1000, sleep=waits.append)
    with pytest.raises(Unavailable):
        get(session)
    assert len(waits) == 3


@pytest.mark.parametrize("status", ["500 Oops", "502 Oops", "503 Oops", "504 Oops", "408 Slow", "425 Early"])
def test_passing_failures_are_tried_again(
    wire: Wire, session: HttpSession, waits: list[float], status: str
) -> None:
    wire.scripts = [answer(status), answer(status), OK]
    assert get(session) == PAGE
    assert len(waits) == 2


@pytest.mark.parametrize(
    "headers",
    [
        ["Retry-After: 20"],
        ["X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 20"],
        ["X-RateLimit-Reset: 20", "Retry-After: gibberish"],
    ],
)
def test_a_refusal_is_waited_out(
    wire: Wire, session: HttpSession, waits: list[float], headers: list[str]
) -> None:
    wire.scripts = [answer("429 Too Many", *headers), OK]
    assert get(session) == PAGE
    assert waits == [pytest.approx(20, abs=10)]


def test_no_wait_is_longer_than_a_minute(wire: Wire, session: HttpSession, waits: list[float]) -> None:
    wire.scripts = [answer("429 Too Many", "Retry-After: 100000")]
    with pytest.raises(RateLimited) as failure:
        get(session)
    assert (failure.value.status, failure.value.permanent) == (429, False)
    assert len(wire.requests) == 4 and max(waits) <= 60


def test_the_next_call_waits_when_nothing_is_left_in_the_window(
    wire: Wire, session: HttpSession, waits: list[float]
) -> None:
    spent = OK.replace(b"OK\r\n", b"OK\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 9\r\n")
    wire.scripts = [spent, OK]
    get(session)
    assert waits == []
    get(session)
    assert waits == [pytest.approx(9, abs=5)]


def test_redirects_are_not_followed(wire: Wire, session: HttpSession) -> None:
    wire.scripts = [answer("302 Found", f"Location: {wire.url}/elsewhere")]
    result = session.get("/stores", authorize=anonymous, budgets=("account",))
    assert (result.status, len(wire.requests)) == (302, 1)


def test_error_bodies_nobody_documents_are_not_read(wire: Wire, session: HttpSession) -> None:
    wire.scripts = [b"HTTP/1.1 403 No\r\nContent-Length: 1000000\r\n\r\n<html>"]
    result = session.get("/stores", authorize=anonymous, budgets=("account",))
    assert (result.status, result.body) == (403, b"")


def test_cookies_are_not_kept(wire: Wire, session: HttpSession) -> None:
    wire.scripts = [OK.replace(b"OK\r\n", b"OK\r\nSet-Cookie: visitor=1; Path=/\r\n")]
    get(session)
    get(session)
    assert b"visitor" not in wire.requests[1]


def test_a_wait_may_end_the_call(wire: Wire) -> None:
    class Cancelled(Exception):
        pass

    def cancel(seconds: float) -> None:
        raise Cancelled

    wire.scripts = [answer("503 Oops")]
    session = HttpSession(wire.url, headers={}, body_limit=1000, sleep=cancel)
    with pytest.raises(Cancelled):
        get(session)
    session.close()
    assert len(wire.requests) == 1
