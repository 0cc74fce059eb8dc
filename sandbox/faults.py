"""Faults: what goes wrong in real clouds, by name. `FAULTS` at the end lists them all."""

import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from threading import RLock
from typing import Any, NamedTuple

from flask import Response, request

from sandbox.paging import Answer, envelope
from sandbox.pause import Pause

RESOURCES = ("stores", "groups", "products")
HTML_PAGE = (
    "<!doctype html><html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"
)


@dataclass(frozen=True)
class Fault:
    """One fault that is switched on, and where it strikes.

    None means any merchant, store, resource or page (counted from 1); `times` None means until cleared.
    `seconds` is for waits, `megabytes` for the gigantic body, `retry_after` for the header of an error.
    """

    name: str
    merchant: str | None = None
    store: str | None = None
    resource: str | None = None
    page: int | None = None
    times: int | None = None
    seconds: float = 0.0
    megabytes: int = 256
    retry_after: str | None = None
    id: int = 0

    def strikes(self, merchant: str, store: str | None, resource: str, page: int | None) -> bool:
        """Tell whether the fault is meant for this request."""
        wanted = (self.merchant, self.store, self.resource, self.page)
        return all(
            mine in (None, theirs)
            for mine, theirs in zip(wanted, (merchant, store, resource, page), strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the fault as plain data."""
        return asdict(self)


class FaultBoard:
    """The faults that are switched on; the oldest that fits a request strikes."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._active: dict[int, Fault] = {}
        self._numbers = count(1)
        self._pause = Pause()

    def add(self, name: str, **where: Any) -> Fault:
        """Switch a fault on; keywords are fields of Fault, an unknown name or field is a ValueError."""
        if name not in FAULTS:
            raise ValueError(f"unknown fault: {name}")
        if where.get("resource") not in (None, *RESOURCES):
            raise ValueError(f"resource is one of: {', '.join(RESOURCES)}")
        kind = FAULTS[name]
        try:
            fault = Fault(
                name, **{"times": kind.times, "resource": kind.resource, "seconds": kind.seconds, **where}
            )
        except TypeError as error:
            raise ValueError(f"unknown field of a fault among: {', '.join(sorted(where))}") from error
        if not all(each is None or (type(each) is int and each > 0) for each in (fault.page, fault.times)):
            raise ValueError("page and times are whole numbers from 1")
        with self._lock:
            fault = replace(fault, id=next(self._numbers))
            self._active[fault.id] = fault
        return fault

    def take(self, merchant: str, store: str | None, resource: str, page: int | None) -> Fault | None:
        """Return the fault that strikes this request, if any, and count it."""
        with self._lock:
            fault = next(
                (each for each in self._active.values() if each.strikes(merchant, store, resource, page)),
                None,
            )
            if fault is None:
                return None
            if fault.name == "revoked_token":
                # From now on the whole account is closed, whatever is asked.
                self._active[fault.id] = Fault(fault.name, merchant=merchant, id=fault.id)
            elif fault.times is not None and fault.times <= 1:
                del self._active[fault.id]
            elif fault.times is not None:
                self._active[fault.id] = replace(fault, times=fault.times - 1)
            return fault

    def active(self) -> list[Fault]:
        """Return the faults that are on, oldest first."""
        with self._lock:
            return list(self._active.values())

    def clear(self, fault_id: int | None = None) -> None:
        """Switch one fault off, or all; requests that a fault keeps waiting go on at once."""
        with self._lock:
            if fault_id is None:
                self._active.clear()
            else:
                self._active.pop(fault_id, None)
            self.release()

    def release(self) -> None:
        """Let every request that waits go on."""
        self._pause.release()

    def wait(self, seconds: float) -> None:
        """Wait so long, or until faults are cleared."""
        self._pause.wait(seconds)


def error(status: int, code: str, message: str, *violations: tuple[str, str]) -> Response:
    """Build an error in the documented shape; a violation is (reason, subject)."""
    body = {
        "code": code,
        "message": message,
        "violations": [{"reason": reason, "subject": subject} for reason, subject in violations],
    }
    return Response(
        json.dumps(body, ensure_ascii=False), status, content_type="application/json;charset=UTF-8"
    )


def html_error(status: int, title: str) -> Response:
    """Build an error with the page of a web server in front of the cloud."""
    return Response(HTML_PAGE.format(f"{status} {title}"), status, content_type="text/html;charset=UTF-8")


Spoil = Callable[[Answer, Fault, FaultBoard], Response]


def _good(answer: Answer) -> Response:
    return Response(answer.body(), content_type=answer.content_type)


def _with_body(answer: Answer, body: bytes) -> Response:
    return Response(body, content_type=answer.content_type)


def _status(status: int, title: str) -> Spoil:
    def spoil(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
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


def _redirect(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    response = html_error(302, "Found")
    response.headers["Location"] = "http://elsewhere.invalid/"
    return response


def _timeout(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    def silence(_: bytes) -> bytes:
        board.wait(fault.seconds)
        raise ConnectionAbortedError("nothing was answered")

    return Response(map(silence, [b""]), content_type=answer.content_type)


def _slow(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    board.wait(fault.seconds)
    return _good(answer)


def _cut(*, reset: bool) -> Spoil:
    def spoil(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
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


def _html(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    return Response(HTML_PAGE.format("Технические работы"), content_type="text/html;charset=UTF-8")


def _invalid_json(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    body = answer.body()
    return _with_body(answer, body[: len(body) * 2 // 3])


def _nested(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    deep = 100_000
    return _with_body(answer, b'{"items":' + b"[" * deep + b"]" * deep + b',"paging":{}}')


def _wrong_types(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    if answer.cursor is None:
        return _with_body(answer, b'["not an object"]')
    wrong = {
        "id": None, "name": ["не", "строка"], "price": "дорого", "quantity": {"value": 1},
        "parent_id": 42, "barcodes": "2000000000060", "allow_to_sell": "да",
    }  # fmt: skip
    spoiled = [{**item, **wrong} if place % 2 == 0 else item for place, item in enumerate(_items(answer))]
    return _with_body(answer, envelope(_joined(spoiled), answer.paging))


def _items_not_list(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    return _with_body(answer, b'{"items":{"0":{}},"paging":{}}')


def _empty_page(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    if answer.cursor is None:
        return _good(answer)
    after = answer.cursor._replace(number=answer.cursor.number + 1)
    return _with_body(answer, envelope(b"", {"next_cursor": after.encode()}))


def _repeated_cursor(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    if answer.cursor is None:
        return _good(answer)
    same = answer.asked_cursor or answer.cursor.encode()
    return _with_body(answer, envelope(answer.items, {"next_cursor": same}))


def _missing_paging(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    return _good(replace(answer, paging=None))


def _nothing(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    if answer.cursor is None:
        return html_error(404, "Not Found")
    return _with_body(answer, envelope(b"", {}))


def _repeated_item(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
    if answer.cursor is None:
        return _good(answer)
    items = _items(answer)
    return _with_body(answer, envelope(_joined([*items, *items[:1]]), answer.paging))


def _gigantic(answer: Answer, fault: Fault, board: FaultBoard) -> Response:
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


class Kind(NamedTuple):
    """A kind of fault: its name for the owner of the demo, what it does, and its defaults."""

    title: str
    spoil: Spoil
    times: int | None = None
    resource: str | None = None
    seconds: float = 0.0


FAULTS: dict[str, Kind] = {
    "status_400": Kind("400: неверный запрос", _status(400, "Bad Request")),
    "status_401": Kind("401: токен не подходит", _status(401, "Unauthorized")),
    "status_402": Kind("402: приложение не оплачено", _status(402, "Payment Required")),
    "status_403": Kind("403: нет прав", _status(403, "Forbidden")),
    "status_404": Kind("404: не найдено", _status(404, "Not Found")),
    "status_422": Kind("422: данные не приняты", _status(422, "Unprocessable Entity")),
    "status_429": Kind("429: слишком много запросов", _status(429, "Too Many Requests")),
    "status_500": Kind("500: ошибка облака", _status(500, "Internal Server Error")),
    "status_502": Kind("502: облако за шлюзом не отвечает", _status(502, "Bad Gateway")),
    "status_503": Kind("503: облако на обслуживании", _status(503, "Service Unavailable")),
    "redirect": Kind("302: отправляет на другой адрес", _redirect),
    "timeout": Kind("Молчит и не отвечает", _timeout, seconds=60),
    "slow": Kind("Отвечает медленно", _slow, seconds=3),
    "truncated": Kind("Ответ оборван на середине", _cut(reset=False)),
    "connection_reset": Kind("Соединение сброшено посреди ответа", _cut(reset=True)),
    "html_body": Kind("200, но вместо данных страница", _html),
    "invalid_json": Kind("200, но данные не читаются", _invalid_json),
    "nested_body": Kind("200, но данные вложены без конца", _nested),
    "wrong_types": Kind("Поля не того типа", _wrong_types),
    "items_not_list": Kind("Вместо списка объект", _items_not_list),
    "empty_page": Kind("Пустая страница, но список продолжается", _empty_page, times=1),
    "repeated_cursor": Kind("Страница ссылается сама на себя", _repeated_cursor),
    "missing_paging": Kind("Список обрывается без продолжения", _missing_paging),
    "repeated_item": Kind("Один товар пришёл дважды", _repeated_item),
    "no_stores": Kind("Список магазинов пуст", _nothing, resource="stores"),
    "emptied_store": Kind("Магазин опустел: ни одного товара", _nothing, resource="products"),
    "revoked_token": Kind("Токен отозван посреди работы", _status(401, "Unauthorized")),
    "gigantic_body": Kind("Огромный ответ", _gigantic),
}
