"""What the list of rules sends."""

from flask_babel import lazy_gettext
from wtforms import Field
from wtforms.validators import NumberRange, Optional

from app.web.keys import LARGEST_KEY
from app.web.ticked import TickedForm
from app.web.whole_field import WholeField


class RemovalForm(TickedForm):
    """One rule, `only`, else the ticked ones, `n`, else all that the list shows."""

    nothing_ticked = lazy_gettext("Отметьте хотя бы одно правило или «Выбрать все».")
    unreadable = lazy_gettext("Отмеченные правила не удалось прочитать. Откройте список заново.")

    only = WholeField(validators=[Optional(), NumberRange(1, LARGEST_KEY, unreadable)])

    def validate_n(self, field: Field) -> None:
        if not self.only.raw_data:
            super().validate_n(field)
