"""What the page of new goods sends: an answer for one, or for all that were listed."""

from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import Optional, StopValidation

from app.catalog.deciding.forms import one_of
from app.catalog.inbox.deciding import ANSWERS
from app.web.keys import read_key
from app.web.ticked import TickedForm
from app.words import gettext_noop

_UNREADABLE = gettext_noop("Форма устарела. Откройте «Новые товары» заново и повторите.")


def _key(_form: FlaskForm, field: Field) -> None:
    if read_key(field.data or "") is None:
        raise StopValidation(gettext(_UNREADABLE))


class OneForm(FlaskForm):
    """An answer for the good with the key `good`; `step` is that of the answer which this one takes back."""

    good = StringField(validators=[_key])
    step = StringField(validators=[Optional(), _key])
    answer = StringField(validators=[one_of(ANSWERS)])

    @property
    def number(self) -> int:
        """The key, once the form is valid."""
        return read_key(self.good.data or "") or 0

    @property
    def taken_back(self) -> int | None:
        """The key of the step, once the form is valid; None without one."""
        return read_key(self.step.data or "")


class ManyForm(TickedForm):
    """An answer for the ticked goods, or for every one found up to the key `until`.

    Or those that were left at the moment `left_at` come back, whichever they are.
    """

    answer = StringField(validators=[one_of(ANSWERS)])
    until = StringField()
    left_at = StringField()

    @property
    def newest(self) -> int:
        """The key of the newest good that is meant, 0 for none."""
        return read_key(self.until.data or "") or 0

    @property
    def moment(self) -> datetime | None:
        """The moment, None when all are meant; once the form is valid."""
        return datetime.fromisoformat(self.left_at.data) if self.left_at.data else None

    def validate_n(self, field: Any) -> None:
        """Ticks, or all; a moment tells by itself which goods are meant."""
        if not self.left_at.data:
            super().validate_n(field)

    def validate_left_at(self, field: Any) -> None:
        """A moment as we write it."""
        try:
            is_read = not field.data or datetime.fromisoformat(field.data).tzinfo is not None
        except ValueError:
            is_read = False
        if not is_read:
            raise StopValidation(gettext(_UNREADABLE))
