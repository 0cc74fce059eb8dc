"""What the tables send: the form of a row, and the form over all rows."""

import re
from collections.abc import Callable

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, StringField
from wtforms.validators import StopValidation

from app.catalog.deciding.click import Entity, entity_of_row
from app.catalog.lists.filters import NO_RULE
from app.data.types import fits_id
from app.rules.decide import ENTITY_TYPES, MODES, STORE
from app.web.ticked import TickedForm


def one_of(offered: tuple[str, ...]) -> Callable[[FlaskForm, Field], None]:
    """The check that a field holds one of the words that the page offers."""

    def check(_form: FlaskForm, field: Field) -> None:
        if field.data not in offered:
            raise StopValidation(
                gettext(
                    "Поле «%(field)s» должно быть одним из: %(words)s.",
                    field=field.name,
                    words=", ".join(offered),
                )
            )

    return check


def _id(_form: FlaskForm, field: Field) -> None:
    if not fits_id(field.data or ""):
        raise StopValidation(
            gettext(
                "Не получилось прочитать поле «%(field)s». Откройте список заново и повторите.",
                field=field.name,
            )
        )


class _ModeForm(FlaskForm):
    filter_mode = StringField(validators=[one_of((*MODES, NO_RULE))])

    @property
    def mode(self) -> str | None:
        """The rule to set; None takes it off."""
        return None if self.filter_mode.data == NO_RULE else self.filter_mode.data


class RowForm(_ModeForm):
    """A rule for one row, which our own lists name by the id of its head."""

    row = StringField()
    # The list in which the row stands.
    view = StringField()
    # For how many stores' goods it stands there.
    stores = StringField()

    @property
    def stands_for(self) -> int:
        """The same as a number, that of a row that stands for itself where none is said."""
        said = self.stores.data or ""
        return int(said) if re.fullmatch("[0-9]{1,5}", said) else 1

    def entity(self, user_id: int) -> Entity | None:
        """What is meant; None for what this owner does not have."""
        return entity_of_row(user_id, self.row.data or "")


class EntityForm(RowForm):
    """The same for a row that is named by the cloud's ids."""

    entity_type = StringField(validators=[one_of(ENTITY_TYPES)])
    entity_id = StringField(validators=[_id])
    store_id = StringField()

    def entity(self, _user_id: int) -> Entity:
        """What is meant, in the cache or not: a rule outlives its row."""
        return Entity(self.entity_type.data or "", self.store_id.data or "", self.entity_id.data or "")

    def validate_store_id(self, field: Field) -> None:
        """A store is in no store but itself."""
        if self.entity_type.data == STORE:
            field.data = self.entity_id.data
        _id(self, field)


class BulkForm(TickedForm, _ModeForm):
    """A rule for the rows that are meant."""
