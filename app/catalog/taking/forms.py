"""What the page that takes photos sends, in its address and in its form."""

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField
from wtforms.validators import StopValidation

from app.web.keys import key_of
from app.words import gettext_noop

_MOST_STORES = 200
_NO_GOOD = gettext_noop("В адресе не указан товар. Найдите его ещё раз.")


class GoodForm(FlaskForm):
    """One good, by the keys that it has in its stores."""

    good = SelectMultipleField(choices=[], coerce=key_of, validate_choice=False)

    def validate_good(self, field: Field) -> None:
        """Some keys, no more than there can be stores, each of them one that a row can have."""
        if not field.data or len(field.data) > _MOST_STORES:
            raise StopValidation(gettext(_NO_GOOD))
