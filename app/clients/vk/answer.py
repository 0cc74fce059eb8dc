"""Take an answer of VK's API apart: the result unread, the error of the call, the errors inside an execute.

An answer may hold thousands of goods, so that only the pieces that are asked for become objects.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec

from app.clients.errors import BadPayload, CloudError, ConfirmationNeeded, Told
from app.clients.json_bounds import refuse_too_many_values
from app.clients.request import Answer
from app.clients.vk.fields import web_address
from app.clients.vk.meanings import row_of

TEXT_LENGTH = 500
# Errors quote what was sent, the code of an execute with it.
ERRORS_LENGTH = 1024 * 1024
PIECE_VALUES = 250_000
EXECUTE = "execute"
UPLOAD_SERVER = "market.getProductPhotoUploadServer"


class Failure(msgspec.Struct):
    """An error as VK sent it; which of it can be used is not known yet."""

    error_code: Any = None
    error_subcode: Any = None
    error_msg: Any = None
    method: Any = None
    redirect_uri: Any = None


class Answered(NamedTuple):
    """What came: the JSON of `response`, or the error of the whole call; and the errors of calls inside."""

    response: bytes
    error: CloudError | None = None
    inside: tuple[Failure, ...] = ()


class _Envelope(msgspec.Struct):
    response: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()
    execute_errors: msgspec.Raw = msgspec.Raw()


_open = msgspec.json.Decoder(_Envelope).decode
_failure = msgspec.json.Decoder(Failure).decode
_failures = msgspec.json.Decoder(list[Failure]).decode


def read_answer(method: str, answer: Answer, *, writes: bool) -> Answered:
    """Take the answer to a call of `method` apart, or raise BadPayload."""
    if not answer.body:
        raise BadPayload(f"{method}: status {answer.status}", status=answer.status)
    try:
        opened = _open(answer.body)
        if opened.error:
            return Answered(b"", refusal(method, _failure(_bounded(opened.error)), writes=writes))
        inside = tuple(_failures(_bounded(opened.execute_errors))) if opened.execute_errors else ()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # The decoder's error may quote the body, tokens and all.
        raise BadPayload(f"{method}: the body cannot be read", status=answer.status) from None
    if answer.status != 200 or not opened.response:
        raise BadPayload(f"{method}: no response", status=answer.status)
    return Answered(bytes(opened.response), inside=inside)


def decode(method: str, piece: bytes) -> Any:
    """Return a piece of JSON as objects, or raise BadPayload."""
    refuse_too_many_values(piece, PIECE_VALUES)
    try:
        return json.loads(piece)
    except (ValueError, RecursionError):
        raise BadPayload(f"{method}: the response cannot be read") from None


def refusal(method: str, failure: Failure, *, writes: bool) -> CloudError:
    """Return the error that VK means; its words and parameters stay out, since they may quote the token."""
    code, subcode, text = failure.error_code, failure.error_subcode, failure.error_msg
    if type(code) is not int:
        return BadPayload(f"{method}: an error without a code")
    row = row_of(
        code,
        subcode=subcode if type(subcode) is int else None,
        text=text[:TEXT_LENGTH] if isinstance(text, str) else "",
        # Where pictures are to be sent nobody is told but who leads the community.
        writes=writes or method == UPLOAD_SERVER,
    )
    detail, told = f"{method}: error {code} ({row.meaning})", Told(code, row.meaning, row.action)
    if row.kind is ConfirmationNeeded:
        address = web_address(failure.redirect_uri)
        return ConfirmationNeeded(detail, status=200, told=told, address=address)
    return row.kind(detail, status=200, told=told)


def _bounded(piece: msgspec.Raw) -> bytes:
    if len(bytes(piece)) > ERRORS_LENGTH:
        raise msgspec.DecodeError
    return bytes(piece)
