"""A mail server that keeps what it is given."""

import socket
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """What the mail server was given; `refusal` is its answer to every recipient, or to those `refused`.

    `hangs_up`: it takes a letter and does not say so.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal: str | None = None
        self.refused: set[str] = set()
        self.hangs_up = False
        self.url = ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal and (not self.refused or address in self.refused):
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert envelope.original_content is not None
        letter = message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        if self.hangs_up and server.transport:
            server.transport.close()
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A real mail server on this machine."""
    postbox = Postbox()
    with socket.socket() as probe:
        # The server cannot pick a free port itself.
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    postbox.url = f"smtp://127.0.0.1:{port}"
    yield postbox
    server.stop()
