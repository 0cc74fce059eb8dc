"""What the buttons beside photos send."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField
from wtforms.validators import AnyOf, NumberRange

EARLIER, LATER = "earlier", "later"
_NOBODY = "none"
# More goods are offered for no photo.
_MOST_OFFERED = 999


class OrderForm(FlaskForm):
    """A photo is moved by one place."""

    to = StringField(validators=[AnyOf((EARLIER, LATER))])

    @property
    def is_earlier(self) -> bool:
        return self.to.data == EARLIER


class _OfferedField(IntegerField):
    """The number of one of the goods offered, or nobody's: then the data is None."""

    is_nobodys = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.is_nobodys = valuelist[:1] == [_NOBODY]
        if self.is_nobodys:
            self.data = None
        elif valuelist and len(valuelist[0]) <= len(str(_MOST_OFFERED)):
            super().process_formdata(valuelist)

    def pre_validate(self, form: Any) -> None:
        if not self.is_nobodys:
            NumberRange(0, _MOST_OFFERED)(form, self)


class ChoiceForm(FlaskForm):
    """Whose a photo of an archive is."""

    good = _OfferedField()
