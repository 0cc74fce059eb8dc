"""The form that sends a few pictures of one good or group: how large it may be, and the files in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from app.publishing.photos.keeping import Upload
from app.publishing.photos.pictures import UPLOAD_MAX
from app.publishing.planning.desired import PHOTOS_MAX
from app.web.downloads import one_of_few
from app.web.errors import too_large
from app.words import gettext_noop

# Five pictures as large as they may be, and the form around them.
BODY_MAX = PHOTOS_MAX * UPLOAD_MAX + 64 * 1024
BUSY = gettext_noop("Ваши прежние фото ещё обрабатываются. Дождитесь их и повторите.")
NONE_CHOSEN = gettext_noop("Выберите хотя бы одну фотографию.")


def how_much() -> str:
    """How much may be sent at once."""
    weight = UPLOAD_MAX // 1024 // 1024
    return gettext(
        "Слишком много за один раз: до %(most)s фото, каждое до %(weight)s МБ.",
        most=PHOTOS_MAX,
        weight=weight,
    )


def take_pictures(part: Blueprint, endpoint: str) -> None:
    """Let big files of a known owner in at `endpoint`, and say how much is too much."""

    @part.url_value_preprocessor
    def let_pictures_in(called: str | None, _values: dict[str, Any] | None) -> None:
        # Runs before anything reads the form.
        is_with_files = called == endpoint and request.mimetype == "multipart/form-data"
        if is_with_files and current_user.is_authenticated:
            request.max_content_length = BODY_MAX

    @part.errorhandler(RequestEntityTooLarge)
    def too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return too_large(how_much())


@contextmanager
def sent_pictures() -> Iterator[list[Upload]]:
    """The files of the form, open for as long as they are looked at; few forms of one owner at a time."""
    files = request.files.getlist("photo")
    try:
        # A process makes one picture after the other, and whoever waits for that holds a thread.
        with one_of_few(("pictures", current_user.id), gettext(BUSY)):
            yield [Upload(_shown_name(file.filename), file.stream) for file in files if file.filename]
    finally:
        for file in files:
            file.close()


def _shown_name(name: str | None) -> str:
    """A file's name without the folders that some browsers send, short enough to be shown."""
    bare = (name or "").replace("\\", "/").rpartition("/")[2]
    bare = "".join(character for character in bare if character.isprintable())
    return bare if len(bare) <= 60 else f"{bare[:28]}…{bare[-28:]}"
