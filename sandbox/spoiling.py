"""Good answers spoiled, each in one way: what is sent instead of what the cloud would have answered."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from flask import Response, request

from sandbox.error_answers import HTML_PAGE, error, html_error
from sandbox.fault import Fault
from sandbox.paging import Answer, envelope

# Waits so many seconds, or until faults are switched off.
Wait = Callable[[float], None]
Spoil = Callable[[Answer, Fault, Wait], Response]


def _good(answer: Answer) -> Response:
    return Response(answer.body(), content_type=answer.content_type)


def _with_body(answer: Answer, body: bytes) -> Response:
    return Response(body, content_type=answer.content_type)


def error_status(status: int, title: str) -> Spoil:
    def spoil(answer: Answer, fault: Fault, wait: Wait) -> Response:
        if status in (400, 422):
            response = error(
                status,
                "invalid_format",
                "invalid value format for field",
                ("недействительное значение", "since"),
            )
        else:
            response = html_error(status, title)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = fault.retry_after
        return response

    return spoil


def redirect(answer: Answer, fault: Fault, wait: Wait) -> Response:
    response = html_error(302, "Found")
    response.headers["Location"] = "http://elsewhere.invalid/"
    return response


def silence(answer: Answer, fault: Fault, wait: Wait) -> Response:
    def say_nothing(_: bytes) -> bytes:
        wait(fault.seconds)
        raise ConnectionAbortedError("nothing was answered")

    return Response(map(say_nothing, [b""]), content_type=answer.content_type)


def late(answer: Answer, fault: Fault, wait: Wait) -> Response:
    wait(fault.seconds)
    return _good(answer)


def cut(*, reset: bool) -> Spoil:
    def spoil(answer: Answer, fault: Fault, wait: Wait) -> Response:
        body = answer.body()
        connection: socket.socket | None = request.environ.get("sandbox.connection")
        flush: Callable[[], None] = request.environ.get("sandbox.flush", lambda: None)

        def half() -> Iterator[bytes]:
            yield body[: len(body) // 2]
            flush()
            if reset and connection is not None:
                # Closing with a zero linger sends RST; the server's own shutdown would send FIN first.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(connection.detach())
            raise ConnectionResetError("the answer was cut")

        response = Response(half(), content_type=answer.content_type)
        response.headers["Content-Length"] = str(len(body))
        return response

    return spoil


def html_page(answer: Answer, fault: Fault, wait: Wait) -> Response:
    return Response(HTML_PAGE.format("Технические работы"), content_type="text/html;charset=UTF-8")


def invalid_json(answer: Answer, fault: Fault, wait: Wait) -> Response:
    body = answer.body()
    return _with_body(answer, body[: len(body) * 2 // 3])


def nested_body(answer: Answer, fault: Fault, wait: Wait) -> Response:
    deep = 100_000
    return _with_body(answer, b'{"items":' + b"[" * deep + b"]" * deep + b',"paging":{}}')


def wrong_types(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _with_body(answer, b'["not an object"]')
    wrong = {
        "id": None, "name": ["не", "строка"], "price": "дорого", "quantity": {"value": 1},
        "parent_id": 42, "barcodes": "2000000000060", "allow_to_sell": "да",
    }  # fmt: skip
    spoiled = [{**item, **wrong} if place % 2 == 0 else item for place, item in enumerate(_items(answer))]
    return _with_body(answer, envelope(_joined(spoiled), answer.paging))


def items_not_list(answer: Answer, fault: Fault, wait: Wait) -> Response:
    return _with_body(answer, b'{"items":{"0":{}},"paging":{}}')


def empty_page(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    after = answer.cursor._replace(number=answer.cursor.number + 1)
    return _with_body(answer, envelope(b"", {"next_cursor": after.encode()}))


def repeated_cursor(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    same = answer.asked_cursor or answer.cursor.encode()
    return _with_body(answer, envelope(answer.items, {"next_cursor": same}))


def missing_paging(answer: Answer, fault: Fault, wait: Wait) -> Response:
    return _good(replace(answer, paging=None))


def nothing(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return html_error(404, "Not Found")
    return _with_body(answer, envelope(b"", {}))


def unknown_store(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    store = {"id": "20200101-0000-4000-8000-000000000000", "name": "?"}
    return _with_body(answer, envelope(_joined([store]), {}))


def other_ids(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    renamed = [{**item, "id": f"N{item['id']}"} for item in _items(answer)]
    return _with_body(answer, envelope(_joined(renamed), answer.paging))


def other_parents(parent_of: Callable[[str], str | None]) -> Spoil:
    def spoil(answer: Answer, fault: Fault, wait: Wait) -> Response:
        if answer.cursor is None:
            return _good(answer)
        items = _items(answer)
        for item in items:
            if item.get("parent_id"):
                item["parent_id"] = parent_of(item["parent_id"])
        return _with_body(answer, envelope(_joined(items), answer.paging))

    return spoil


def without(name: str) -> Spoil:
    return everywhere(name, None)


def everywhere(name: str, value: Any) -> Spoil:
    def spoil(answer: Answer, fault: Fault, wait: Wait) -> Response:
        if answer.cursor is None:
            return _good(answer)
        items = [{**item, name: value} for item in _items(answer)]
        return _with_body(answer, envelope(_joined(items), answer.paging))

    return spoil


def of_next_store(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    return _with_body(answer, envelope(answer.of_next_store(), {}))


def repeated_item(answer: Answer, fault: Fault, wait: Wait) -> Response:
    if answer.cursor is None:
        return _good(answer)
    items = _items(answer)
    return _with_body(answer, envelope(_joined([*items, *items[:1]]), answer.paging))


def gigantic_body(answer: Answer, fault: Fault, wait: Wait) -> Response:
    def body() -> Iterator[bytes]:
        yield b'{"items":['
        blanks = b" " * 65_536
        for _ in range(fault.megabytes * 16):
            yield blanks
        yield answer.items + b'],"paging":{}}'

    return Response(body(), content_type=answer.content_type)


def _items(answer: Answer) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(b"[" + answer.items + b"]")
    return items


def _joined(items: list[dict[str, Any]]) -> bytes:
    return json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()[1:-1]
