"""What the list of rules sends."""

from flask_wtf import FlaskForm
from wtforms import Field, IntegerField, SelectMultipleField, StringField
from wtforms.validators import NumberRange, Optional, StopValidation

from app.web.keys import LARGEST_KEY, key_of

_ALL_FOUND = "found"
_MOST_TICKED = 1000
_UNREADABLE = "Отмеченные правила не удалось прочитать. Откройте список заново."


class RemovalForm(FlaskForm):
    """One rule, `only`, else the ticked ones, `n`, else all that the list shows."""

    only = IntegerField(validators=[Optional(), NumberRange(1, LARGEST_KEY, _UNREADABLE)])
    scope = StringField()
    n = SelectMultipleField(choices=[], coerce=key_of, validate_choice=False)

    @property
    def ticked(self) -> list[int] | None:
        """The keys of the ticked rules; None for all that are found."""
        return None if self.scope.data == _ALL_FOUND else self.n.data

    def validate_n(self, field: Field) -> None:
        if self.only.raw_data or self.ticked is None:
            return
        if not field.raw_data:
            raise StopValidation("Отметьте хотя бы одно правило или «Выбрать все».")
        if not field.data or len(field.data) > _MOST_TICKED:
            raise StopValidation(_UNREADABLE)
