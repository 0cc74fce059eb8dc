"""Rounds of checks, and a mail server that keeps what it is given."""

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session as DatabaseSession

from app.connections.jobs import check_connections
from app.connections.models import EVOTOR, CloudAccount
from app.data.types import now
from tests.owners import Owner

State = Callable[[Owner], CloudAccount]


@pytest.fixture
def round_of_checks(app: Flask, db_session: DatabaseSession) -> Callable[[], None]:
    """Run a round, as when the next one is due."""

    def run() -> None:
        db_session.execute(
            update(CloudAccount).where(CloudAccount.next_check_at.is_not(None)).values(next_check_at=now())
        )
        with app.app_context():
            check_connections()

    return run


@pytest.fixture
def state_of(db_session: DatabaseSession) -> State:
    """Read an owner's Evotor connection as it is now."""

    def read(owner: Owner) -> CloudAccount:
        db_session.expire_all()
        return db_session.scalars(select(CloudAccount).filter_by(user_id=owner.id, provider=EVOTOR)).one()

    return read


class Postbox:
    """What the mail server was given; `refusal` is its answer to every recipient, if set."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refusal: str | None = None
        self.url = ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert envelope.original_content is not None
        letter = message_from_bytes(envelope.original_content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
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
