"""What faults do to a call of VK: to its answer on the wire, and to what is in it."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

from flask import Response, request

from sandbox.error_answers import HTML_PAGE, html_error
from sandbox.vk.faults import ERROR, VkFault, VkFaults
from sandbox.vk.method import Call
from sandbox.vk.refused import Refused

OPTIONAL = (
    *("sku", "url", "thumb_photo", "albums_ids", "photos", "category", "category_v2", "description", "date"),
    *("is_main", "is_hidden", "photo", "updated_time", "icon_name", "view", "stock_amount", "reject_info"),
)
TEXTS = ("title", "description", "name")
NEW_NUMBERS = ("market_item_id", "market_album_id")


class Spoiled(Exception):
    """The answer does not arrive as it was meant; `body` is its JSON, None when nothing was done."""

    def __init__(self, fault: VkFault, body: Any = None) -> None:
        super().__init__(fault.name)
        self.fault = fault
        self.body = body


def struck(fault: VkFault, body: Any = None) -> Exception:
    """Return what to raise in place of an answer."""
    return Refused(fault.code, fault.message) if fault.name == ERROR else Spoiled(fault, body)


def spoiled_response(spoiled: Spoiled, faults: VkFaults) -> Response:
    """Build what the client gets instead of the answer."""
    body = json.dumps(spoiled.body, ensure_ascii=False).encode()
    return RESPONSES[spoiled.fault.name](body, spoiled.fault, faults)


def bent(call: Call, fault: VkFault | None) -> Call:
    """Move the page that is asked for, as if somebody had changed the shop in between."""
    offset = call.params.get("offset", "")
    if fault and offset.isdecimal() and int(offset):
        step = {"page_repeats_item": -1, "page_skips_item": 1}.get(fault.name, 0)
        call.params["offset"] = str(int(offset) + step)
    return call


def reshaped(answer: Any, fault: VkFault) -> Any:
    """Return the answer with the fault in it."""
    if fault.name == "foreign_upload_url":
        return {**answer, "upload_url": fault.url} if "upload_url" in answer else answer
    if fault.name == "number_of_another":
        return _everywhere(answer, lambda name, value: fault.number if name in NEW_NUMBERS else value)
    if fault.name == "false_numbers":
        return _everywhere(answer, lambda name, value: fault.false if _is_number(name, value) else value)
    if fault.name in ("lying_count", "empty_page"):
        if not isinstance(answer, dict) or "count" not in answer:
            return answer
        return (
            {**answer, "count": answer["count"] + 7}
            if fault.name == "lying_count"
            else {**answer, "items": []}
        )
    return _everywhere(answer, FIELDS[fault.name]) if fault.name in FIELDS else answer


def escaped(answer: Any) -> Any:
    """Return the answer with its texts escaped for HTML, as VK does at times."""
    return _everywhere(answer, FIELDS["escaped_texts"])


def _everywhere(value: Any, change: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, list):
        return [_everywhere(each, change) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {name: change(name, _everywhere(each, change)) for name, each in value.items()}
    return {name: each for name, each in changed.items() if each is not ...}


def _escaped(name: str, value: Any) -> Any:
    return escape(value) if name in TEXTS and isinstance(value, str) else value


def _id(change: Callable[[int], Any]) -> Callable[[str, Any], Any]:
    def changed(name: str, value: Any) -> Any:
        is_id = name == "id" or name.endswith("_id")
        return change(value) if is_id and isinstance(value, int) else value

    return changed


def _is_number(name: str, value: Any) -> bool:
    is_counted = name in ("id", "count", "stock_amount", "size") or name.endswith("_id")
    return is_counted and name != "owner_id" and type(value) is int


FIELDS: dict[str, Callable[[str, Any], Any]] = {
    "escaped_texts": _escaped,
    "absent_fields": lambda name, value: ... if name in OPTIONAL else value,
    "ids_as_strings": _id(str),
    "ids_not_numbers": _id(lambda number: f"item{number}"),
}


Respond = Callable[[bytes, VkFault, VkFaults], Response]


def _status(status: int, title: str) -> Respond:
    return lambda body, fault, faults: html_error(status, title)


def _silence(body: bytes, fault: VkFault, faults: VkFaults) -> Response:
    def nothing() -> Iterator[bytes]:
        faults.wait(fault.seconds)
        raise ConnectionAbortedError("nothing was answered")
        yield b""

    return _json(nothing())


def _cut(body: bytes, fault: VkFault, faults: VkFaults) -> Response:
    connection: socket.socket | None = request.environ.get("sandbox.connection")

    def nothing() -> Iterator[bytes]:
        if connection is not None:
            # Closing with a zero linger sends RST; the server's own shutdown would send FIN first.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())
        raise ConnectionResetError("the answer was cut")
        yield b""

    return _json(nothing())


def _truncated(body: bytes, fault: VkFault, faults: VkFaults) -> Response:
    return _json(body[: len(body) * 2 // 3])


def _gigantic(body: bytes, fault: VkFault, faults: VkFaults) -> Response:
    def parts() -> Iterator[bytes]:
        yield b" " * 1024
        for _ in range(fault.megabytes * 16):
            yield b" " * 65_536
        yield body

    return _json(parts())


def _json(body: bytes | Iterator[bytes]) -> Response:
    return Response(body, content_type="application/json; charset=utf-8")


RESPONSES: dict[str, Respond] = {
    "status_500": _status(500, "Internal Server Error"),
    "status_502": _status(502, "Bad Gateway"),
    "silence": _silence,
    "html_body": lambda body, fault, faults: Response(
        HTML_PAGE.format("Технические работы"), content_type="text/html;charset=UTF-8"
    ),
    "garbage": lambda body, fault, faults: _json(b'{"response": 1, \xff\xfe not json'),
    "cut": _cut,
    "truncated": _truncated,
    "gigantic": _gigantic,
}
