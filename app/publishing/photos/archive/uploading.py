"""Uploads as they come in: big bodies of known owners, one at a time each, written where they will stay."""

import threading
from collections.abc import Callable
from typing import IO, Any, NamedTuple

from flask import current_app, g, request
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from app.publishing.photos.archive.file_names import shown_name
from app.publishing.photos.archive.incoming import Bundle
from app.publishing.photos.archive.looking import place_of
from app.words import gettext_noop

ALL_MAX = 2 * 1024**3
FILES_MAX = 2000
# With the form around the files.
BODY_MAX = ALL_MAX + 1024 * 1024
# Each holds one of the process's eight threads until it is through.
AT_ONCE = 4
RETRY_AFTER_SECONDS = 60
ALREADY = gettext_noop(
    "Ваш прежний архив ещё загружается. Дождитесь его или остановите загрузку и повторите через минуту."
)
OTHERS = gettext_noop("Сейчас загружают фото другие. Повторите через несколько минут.")
NOT_WRITTEN = gettext_noop(
    "На сервере не хватает места для этого архива. Загрузите его частями или повторите позже."
)

_lock = threading.Lock()
_under_way: set[int] = set()


class Received(NamedTuple):
    """A file of the form: its name there, and where in the upload it lies."""

    name: str
    offset: int
    size: int


def receive() -> Callable[[], IO[bytes]]:
    """Begin an upload; gives what makes the files that the files of this request are written to."""
    user_id: int = current_user.id
    with _lock:
        sentence = ALREADY if user_id in _under_way else OTHERS if len(_under_way) >= AT_ONCE else None
        if sentence is None:
            _under_way.add(user_id)
    if sentence:
        raise TooManyRequests(gettext(sentence), retry_after=RETRY_AFTER_SECONDS)
    g.photo_upload = (user_id, place_of(user_id).new_upload(request.content_length or 0))
    return g.photo_upload[1].new_part


def bundle() -> Bundle | None:
    """What this request has brought, None when it brought no form with files."""
    return g.photo_upload[1] if "photo_upload" in g else None


def received() -> list[Received]:
    """The files of the form that have a name and something in them."""
    files = request.files.getlist("photo")
    parts: list[Any] = [(shown_name(file.filename), *file.stream.extent) for file in files if file.filename]  # type: ignore[attr-defined]
    return [Received(*part) for part in parts if part[2]]


def let_go() -> None:
    """End the upload of this request; what nobody keeps is deleted."""
    upload = g.pop("photo_upload", None)
    if upload is None:
        return
    user_id, files = upload
    try:
        files.discard()
    finally:
        with _lock:
            _under_way.discard(user_id)


def is_full() -> str | None:
    """Why the server could not write what came, None when it could."""
    files = bundle()
    if files is None or files.error is None:
        return None
    current_app.logger.error("an upload of photos was not written: %s", files.error)
    return gettext(NOT_WRITTEN)
