"""The name of a view."""

import unicodedata

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from app.catalog.views.kept import LONGEST_NAME
from app.mirror.folding import fold
from app.web.typed import typed_words

# What stands beside the owner's views already.
STANDING = (
    *("Публикуется", "Не публикуется", "Фильтр", "В кассе", "ВКонтакте", "Без фото"),
    *("Сохранить вид", "Убрать вид"),
)
_STANDING = frozenset(map(fold, STANDING))


def tidied(name: str | None) -> str:
    """The name as it is kept: letters composed, one blank between words, and no sign that is not seen."""
    words = typed_words(unicodedata.normalize("NFC", name or ""))
    return typed_words("".join(filter(str.isprintable, words)))


class ViewForm(FlaskForm):
    """`name`, tidied."""

    name = StringField("Название", filters=[tidied])

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError("Как назвать вид?")
        if len(field.data) > LONGEST_NAME:
            raise ValidationError(f"Слишком длинно: не больше {LONGEST_NAME} знаков.")
        if fold(field.data) in _STANDING:
            raise ValidationError("Так уже называется кнопка над списком. Выберите другое название.")
