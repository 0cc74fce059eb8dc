"""What `/sync` and the plan send."""

from collections.abc import Callable

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, StringField
from wtforms.validators import AnyOf, StopValidation

from app.data.types import fits_id
from app.publishing.planning.good import Key
from app.publishing.switch import Wanted
from app.rules.decide import MODES
from app.web.keys import key_of

OPEN, CLOSE = "open", "close"
# So many a database takes in one statement, and no page shows more to tick.
MOST_LISTINGS = 200

_ON, _OFF = "1", "0"
_UNKNOWN_MODE = lazy_gettext("Поле default_mode должно быть include или exclude.")


def _if_sent(*offered: str) -> Callable[[FlaskForm, Field], None]:
    def check(_form: FlaskForm, field: Field) -> None:
        if field.data is not None and field.data not in offered:
            allowed = gettext(" или ").join(offered)
            raise StopValidation(
                gettext("Поле %(name)s должно быть %(allowed)s.", name=field.name, allowed=allowed)
            )

    return check


class SwitchForm(FlaskForm):
    """The master switch and the default for goods without a rule; what is not sent stays as it is."""

    is_enabled = StringField(validators=[_if_sent(_OFF, _ON)])
    default_mode = StringField(validators=[_if_sent(*MODES)])
    confirm = StringField()

    @property
    def wanted(self) -> Wanted:
        is_enabled = None if self.is_enabled.data is None else self.is_enabled.data == _ON
        return Wanted(is_enabled, self.default_mode.data, is_confirmed=self.confirm.data == _ON)

    def validate_confirm(self, _field: Field) -> None:
        """Refuse a form that asks for nothing."""
        if self.is_enabled.data is None and self.default_mode.data is None:
            raise StopValidation(gettext("Нечего сохранять: нужно поле is_enabled или default_mode."))


class DefaultForm(FlaskForm):
    """Another default for goods without a rule."""

    default_mode = StringField(validators=[AnyOf(MODES, _UNKNOWN_MODE)])


class AutoForm(FlaskForm):
    """Whether changes go by themselves; `next` is the page to come back to."""

    auto = StringField()
    next = StringField()

    @property
    def is_auto(self) -> bool:
        return self.auto.data == _ON


class StepsForm(FlaskForm):
    """Whether the first steps are hidden."""

    hidden = StringField(validators=[AnyOf((_OFF, _ON), lazy_gettext("Поле hidden должно быть 0 или 1."))])

    @property
    def is_hidden(self) -> bool:
        return self.hidden.data == _ON


class ListingsForm(FlaskForm):
    """Listings that the owner has ticked."""

    listing_id = SelectMultipleField(choices=[], coerce=key_of, validate_choice=False)

    @property
    def ids(self) -> list[int]:
        """Each once."""
        return list(dict.fromkeys(self.listing_id.data or ()))

    def validate_listing_id(self, field: Field) -> None:
        if not field.data or len(field.data) > MOST_LISTINGS:
            raise StopValidation(gettext("Не отмечено ни одного товара."))


class FeedForm(FlaskForm):
    """The price list gets a new address, in place of the one there is, or none."""

    action = StringField(validators=[AnyOf((OPEN, CLOSE))])


class PublishForm(FlaskForm):
    """A run of the plan that was seen, by its digest, or of one good, in the `community` that was seen.

    `good` is the mark of what was seen of that good.
    """

    community = StringField()
    plan = StringField()
    confirm = StringField()
    store_id = StringField()
    product_id = StringField()
    good = StringField()

    @property
    def is_confirmed(self) -> bool:
        return self.confirm.data == _ON

    @property
    def only(self) -> Key | None:
        """The one good that is meant; None for the whole plan."""
        if not self.store_id.data or not self.product_id.data:
            return None
        return self.store_id.data, self.product_id.data

    def validate_product_id(self, field: Field) -> None:
        sent = [value for value in (self.store_id.data, field.data) if value]
        if len(sent) == 1 or not all(fits_id(value) for value in sent):
            raise StopValidation(gettext("Не хватает магазина или товара. Откройте страницу товара заново."))
