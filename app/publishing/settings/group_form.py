"""What is chosen for one group, as a form: each field may be left to the groups above."""

from collections.abc import Mapping
from typing import Self

from flask_babel import gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from app.publishing.planning.choosing import GroupChoice
from app.publishing.planning.settings import HIDE, KEEP, ORDER
from app.publishing.settings.form_fields import OptionalCategoryField, OptionalNumberField
from app.rules.waiting import BY_RULES, WAIT
from app.web.seen import SeenForm
from app.words import gettext_noop

YES, NO = "1", "0"
_AS_ABOVE = ""
NEW_GOODS = {BY_RULES: gettext_noop("по правилам"), WAIT: gettext_noop("ждут решения")}
OUT_OF_STOCK = {
    HIDE: gettext_noop("снимать с публикации"),
    ORDER: gettext_noop("оставлять «под заказ»"),
    KEEP: gettext_noop("оставлять как есть"),
}
YES_OR_NO = {YES: gettext_noop("да"), NO: gettext_noop("нет")}
_TICKS = {_AS_ABOVE: None, YES: True, NO: False}


class GroupForm(SeenForm):
    """The choices for the group `group_id` of the store `store_id`, and the page that it is shown on."""

    store_id = StringField(validators=[Length(1, 255)])
    group_id = StringField(validators=[Length(1, 255)])
    category_id = OptionalCategoryField(lazy_gettext("Категория ВКонтакте"))
    markup_percent = OptionalNumberField(
        lazy_gettext("Наценка, %"),
        [Optional(), NumberRange(-90, 1000, lazy_gettext("Наценка бывает от −90 до 1000 %%."))],
    )
    out_of_stock = SelectField(lazy_gettext("Нет в наличии"))
    per_100g = SelectField(lazy_gettext("Цена за 100 г"))
    album = SelectField(lazy_gettext("Подборка"))
    new_goods = SelectField(lazy_gettext("Новые товары"))
    q = StringField()
    in_store = StringField()
    page = StringField()

    @classmethod
    def of(
        cls,
        sent: MultiDict[str, str] | None,
        own: GroupChoice,
        above: Mapping[str, str],
        paths: dict[int, str],
    ) -> Self:
        """The form with what is `sent`, else with the group's `own` choices.

        `above` says in words what holds without a choice, by field; `paths` are VK's categories by number.
        """
        form = cls(formdata=None)
        for field, words in (
            (form.out_of_stock, OUT_OF_STOCK),
            (form.per_100g, YES_OR_NO),
            (form.album, YES_OR_NO),
            (form.new_goods, NEW_GOODS),
        ):
            offered = [SelectChoice(value, gettext(label)) for value, label in words.items()]
            field.choices = [SelectChoice(_AS_ABOVE, above[field.name]), *offered]
        form.category_id.paths = paths
        known = {
            "category_id": own.category_id,
            "markup_percent": own.markup_percent,
            "out_of_stock": own.out_of_stock or _AS_ABOVE,
            "per_100g": _tick(own.per_100g),
            "album": _tick(own.album),
            "new_goods": own.new_goods or _AS_ABOVE,
        }
        form.process(formdata=sent, data=known)
        form.compare(known)
        return form

    @property
    def choice(self) -> GroupChoice:
        """What is chosen, once the form is valid."""
        return GroupChoice(
            category_id=self.category_id.data,
            markup_percent=self.markup_percent.data,
            out_of_stock=self.out_of_stock.data or None,
            album=_TICKS[self.album.data],
            per_100g=_TICKS[self.per_100g.data],
            new_goods=self.new_goods.data or None,
        )


def _tick(value: bool | None) -> str:
    return _AS_ABOVE if value is None else YES if value else NO
