"""A mail server that talks without end is not listened to, nor kept in memory."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from app.config import Settings
from app.work import mail
from app.work.mail import Mailer, MailNotSent

Talk = Callable[[socket.socket], None]


def pour(connection: socket.socket) -> None:
    """Say one line of a long greeting after another."""
    for _ in range(100_000):
        connection.sendall(b"220-" + b"x" * 2000 + b"\r\n")


def drip(connection: socket.socket) -> None:
    for _ in range(1000):
        connection.sendall(b"2")
        time.sleep(0.05)


@pytest.fixture
def talker(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server that greets so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                request.param(connection)

        thread = threading.Thread(target=talk)
        thread.start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize("talker", [pour, drip], indirect=True)
def test_a_reply_that_does_not_end_is_given_up(talker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.4)
    began = time.monotonic()
    settings = Settings(secret_key="", token_keys=(), smtp_url=talker)
    with pytest.raises(MailNotSent), Mailer(settings) as mailer:
        mailer.greet()
    assert time.monotonic() - began < 10
