"""Why a picture is not kept, in sentences for its owner."""

from typing import NamedTuple

from flask_babel import gettext

from app.publishing.planning.desired import PHOTOS_MAX
from app.words import gettext_noop

DOUBLE = gettext_noop("Такое фото здесь уже есть")
NO_SPACE = gettext_noop("На сервере закончилось место: фото не сохранено. Повторите позже")
NOT_WRITTEN = gettext_noop("Сервер не смог сохранить фото. Повторите позже")


class Refusal(NamedTuple):
    """A file that was not kept, and the sentence why.

    `is_there`: because the good has the same picture; `is_ours`: because it could not be written here.
    """

    name: str
    sentence: str
    is_there: bool = False
    is_ours: bool = False


def full() -> str:
    """The sentence about a picture for which a good has no room."""
    return gettext(
        "Больше %(most)s фото у товара не бывает: это не поместилось. Удалите лишнее и загрузите его снова",
        most=PHOTOS_MAX,
    )
