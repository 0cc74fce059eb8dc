"""The name of a view."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import ValidationError

from app.catalog.views.kept import LONGEST_NAME
from app.composed import composed
from app.mirror.folding import fold
from app.web.typed import typed_words
from app.words import gettext_noop

# What stands beside the owner's views already.
STANDING = (
    *(gettext_noop("Публикуется"), gettext_noop("Не публикуется"), gettext_noop("Фильтр")),
    *(gettext_noop("В кассе"), gettext_noop("ВКонтакте"), gettext_noop("Без фото")),
    *(gettext_noop("Не готовы"), gettext_noop("Новые"), gettext_noop("Изменилась цена")),
    *(gettext_noop("Сохранить вид"), gettext_noop("Убрать вид")),
)


def tidied(name: str | None) -> str:
    """The name as it is kept: letters composed, one blank between words, and no sign that is not seen."""
    words = "".join(filter(str.isprintable, typed_words(name or "")))
    return composed(typed_words(words), LONGEST_NAME)


class ViewForm(FlaskForm):
    """`name`, tidied."""

    name = StringField(lazy_gettext("Название"), filters=[tidied])

    def validate_name(self, field: StringField) -> None:
        if not field.data:
            raise ValidationError(gettext("Как назвать вид?"))
        if len(field.data) > LONGEST_NAME:
            raise ValidationError(gettext("Слишком длинно: не больше %(most)s знаков.", most=LONGEST_NAME))
        if fold(field.data) in {fold(said) for word in STANDING for said in (word, gettext(word))}:
            raise ValidationError(gettext("Так уже называется кнопка над списком. Выберите другое название."))
