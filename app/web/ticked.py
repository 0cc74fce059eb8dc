"""The form over the rows of a list."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, StringField
from wtforms.validators import StopValidation

from app.web.keys import key_of

_ALL_FOUND = "found"
_MOST_TICKED = 1000


class TickedForm(FlaskForm):
    """The ticked rows, `n`, or all that the list finds; the two sentences are for what cannot be taken."""

    nothing_ticked = lazy_gettext("Отметьте хотя бы одну строку или «Выбрать все».")
    unreadable = lazy_gettext("Отмеченные строки не удалось прочитать. Откройте список заново.")

    scope = StringField()
    n = SelectMultipleField(choices=[], coerce=key_of, validate_choice=False)

    @property
    def ticked(self) -> list[int] | None:
        """The keys of the ticked rows; None for all that are found."""
        return None if self.scope.data == _ALL_FOUND else self.n.data

    def validate_n(self, field: Field) -> None:
        if self.ticked is None:
            return
        if not field.raw_data:
            raise StopValidation(str(self.nothing_ticked))
        if not field.data or len(field.data) > _MOST_TICKED:
            raise StopValidation(str(self.unreadable))
