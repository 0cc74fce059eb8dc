"""Letters, sent over SMTP."""

import io
import math
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from app.clients.answer_time import AnswerTime, TimedBytes
from app.config import Settings

# For each reply of the server, and the bytes that one may have.
TIMEOUT_SECONDS = 10
LONGEST_REPLY = 64 * 1024


class MailNotSent(Exception):
    """A letter was not taken. `permanent`: this address will not take the next one either.

    `only_this`: the server takes others all the same. `is_unanswered`: it was given the letter and has not
    said what became of it.
    """

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool = False,
        only_this: bool = False,
        is_unanswered: bool = False,
    ) -> None:
        super().__init__(detail)
        self.permanent = permanent
        self.only_this = only_this
        self.is_unanswered = is_unanswered


class _Reply(io.BufferedReader):
    """What the server says to one command: smtplib would listen, and keep every line, as long as it talks."""

    def __init__(self, sock: socket.socket) -> None:
        self._time = AnswerTime(TIMEOUT_SECONDS, math.inf)
        self._length = 0
        super().__init__(TimedBytes(sock, sock.makefile("rb", buffering=0), self._time))

    def begin(self) -> None:
        self._time.begin()
        self._length = 0

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self._length += len(line)
        if self._length > LONGEST_REPLY:
            raise OSError("the reply does not end")
        return line


class _Server(smtplib.SMTP):
    is_unanswered = False

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            # After STARTTLS it is None again.
            self.file = _Reply(self.sock)  # type: ignore[arg-type]
        self.file.begin()
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError):
            self.is_unanswered = True
            raise


class _SecureServer(_Server, smtplib.SMTP_SSL):
    """The same, encrypted from the start."""


class Mailer:
    """One connection to the mail server of `SMTP_URL`, opened by the first letter.

    `smtps://` is encrypted from the start, `smtp://` as soon as the server offers it.
    """

    def __init__(self, settings: Settings) -> None:
        if not settings.smtp_url:
            raise ValueError("there is no SMTP_URL to send to")
        self._url = urlsplit(settings.smtp_url)
        host = urlsplit(settings.public_url).hostname or "localhost"
        self._sender = settings.mail_from or f"no-reply@{host}"
        self._domain = host
        self._server: _Server | None = None

    def __enter__(self) -> "Mailer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    def greet(self) -> None:
        """Open the connection and sign in, and send nothing; raises MailNotSent."""
        self._greeted()

    def _greeted(self) -> _Server:
        try:
            self._server = self._server or self._connect()
        except (smtplib.SMTPException, OSError) as error:
            code = getattr(error, "smtp_code", "")
            raise MailNotSent(f"{type(error).__name__} {code}".rstrip()) from None
        return self._server

    def send(self, to: str, subject: str, body: str) -> None:
        """Hand a letter of plain text to the server; raises MailNotSent."""
        letter = EmailMessage()
        try:
            letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        except ValueError:
            # What it says encoded is no address; a message that quotes it would name its owner.
            raise MailNotSent("it cannot be addressed", permanent=True, only_this=True) from None
        letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain=self._domain)
        # Keeps holiday answers from coming back.
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(body)
        # What the server cannot do for anybody says nothing of this letter.
        server = self._greeted()
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            is_permanent = min(codes) >= 500
            raise MailNotSent(
                f"the address was refused: {codes}", permanent=is_permanent, only_this=True
            ) from error
        except smtplib.SMTPDataError as error:
            answer = error.smtp_code
            # 421 says that the server closes the connection.
            raise MailNotSent(
                f"SMTPDataError {answer}", permanent=answer >= 500, only_this=answer != 421
            ) from None
        except smtplib.SMTPNotSupportedError:
            # The server cannot write this address: it has letters that are not ASCII.
            raise MailNotSent("SMTPNotSupportedError", permanent=True, only_this=True) from None
        except (smtplib.SMTPException, OSError) as error:
            # The text of an SMTP error may quote what was sent, the password with it.
            code = getattr(error, "smtp_code", "")
            detail = f"{type(error).__name__} {code}".rstrip()
            raise MailNotSent(detail, is_unanswered=server.is_unanswered) from None

    def _connect(self) -> _Server:
        host, port = self._url.hostname or "localhost", self._url.port or 0
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: _Server = _SecureServer(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = _Server(host, port, timeout=TIMEOUT_SECONDS)
        try:
            self._introduce(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        if self._url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
