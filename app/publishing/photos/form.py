"""The form that sends a few pictures of one good or group: how large it may be, and the files in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from app.publishing.photos.keeping import Upload
from app.publishing.photos.pictures import UPLOAD_MAX
from app.publishing.planning.desired import PHOTOS_MAX
from app.web.bodies import takes_files
from app.web.error_pages import too_large
from app.web.formatting import name_of_file
from app.web.turns import in_turn
from app.words import gettext_noop

# Five pictures as large as they may be, and the form around them.
BODY_MAX = PHOTOS_MAX * UPLOAD_MAX + 64 * 1024
# Who chooses some too many is told which had no room.
FILES_MAX = 2 * PHOTOS_MAX
BUSY = gettext_noop(
    "Сейчас обрабатывается столько фото, сколько сервер может разом. Ваши не сохранены. "
    "Подождите десять секунд и повторите."
)
takes_pictures = takes_files("photo", BODY_MAX)
NONE_CHOSEN = gettext_noop("Выберите хотя бы одну фотографию.")


def how_much() -> str:
    """How much may be sent at once."""
    weight = UPLOAD_MAX // 1024 // 1024
    return gettext(
        "Слишком много за один раз: до %(most)s фото, каждое до %(weight)s МБ.",
        most=PHOTOS_MAX,
        weight=weight,
    )


def say_how_much(part: Blueprint) -> None:
    """Let the pages of `part` say how much is too much."""

    @part.errorhandler(RequestEntityTooLarge)
    def too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return too_large(how_much())


@contextmanager
def sent_pictures() -> Iterator[list[Upload]]:
    """The files of the form, open for as long as they are looked at; few forms at a time.

    Raises RequestEntityTooLarge for more than `FILES_MAX`: damaged ones take as long as those that are kept.
    """
    files = request.files.getlist("photo")
    try:
        if len(files) > FILES_MAX:
            raise RequestEntityTooLarge
        # A process makes one picture after the other, and whoever waits for that holds a thread.
        with in_turn(current_user.id, BUSY):
            yield [Upload(name_of_file(file.filename), file.stream) for file in files if file.filename]
    finally:
        for file in files:
            file.close()
