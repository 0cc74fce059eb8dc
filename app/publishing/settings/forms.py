"""The settings as a form: the four first questions, and all of it."""

import re
from collections.abc import Mapping
from typing import Any, Self

from flask import request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Regexp, ValidationError

from app.mirror.former_prices import KEPT_DAYS
from app.publishing.planning.settings import ASK, BLOCK, CARD, FIRST, HIDE, KEEP, ORDER, SUM, TILL, VK
from app.publishing.planning.templates import TemplateError, read_template
from app.publishing.settings.form_fields import CategoryField, NumberField
from app.rules.waiting import BY_RULES, WAIT
from app.web.language import translated
from app.web.seen import SeenForm
from app.web.whole_field import WholeField

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _choices(*pairs: tuple[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _owners(from_source: LazyString) -> list[SelectChoice]:
    return _choices((ASK, _("спросить меня")), (TILL, from_source), (VK, _("оставить как во ВКонтакте")))


class FirstQuestions(SeenForm):
    """What cannot be guessed. `starts`: the owner wants to see the first good in VK at once."""

    default_category_id = CategoryField(_("Категория ВКонтакте"))
    photo_fallback = RadioField(
        _("Товары без фото"),
        choices=_choices(
            (CARD, _("Рисовать карточку с названием")), (BLOCK, _("Не публиковать, пока нет фото"))
        ),
    )
    out_of_stock = RadioField(
        _("Нет в наличии"),
        choices=_choices(
            (HIDE, _("Снимать с публикации, вернуть самим")),
            (ORDER, _("Оставлять с пометкой «под заказ» в описании")),
            (KEEP, _("Оставлять как есть")),
        ),
    )
    markup_percent = NumberField(
        _("Наценка, %"), [NumberRange(-90, 1000, _("Наценка бывает от −90 до 1000 %%."))]
    )
    rounding = SelectField(
        _("Округлять цены"),
        choices=_choices(
            ("none", _("до копеек")),
            ("1", _("до рубля")),
            ("10", _("до 10 рублей")),
            ("9", _("чтобы кончалась на 9")),
        ),
    )

    starts = SubmitField(_("Опубликовать первый товар"))

    @classmethod
    def of(cls, known: Mapping[str, Any], categories: dict[int, str]) -> Self:
        """The form with what is sent, else what is `known`; `categories` are VK's paths by number."""
        form = cls(formdata=None, data=known)
        form.default_category_id.paths = categories
        if form.is_submitted():
            form.process(formdata=request.form, data=known)
        return form


class AllSettings(FirstQuestions):
    """Everything that the owner can choose."""

    not_on_sale = RadioField(
        _("Снят с продажи в кассе"),
        choices=_choices((HIDE, _("Снимать с публикации")), (KEEP, _("Оставлять"))),
    )
    services = RadioField(
        _("Услуги"), choices=_choices((BLOCK, _("Не публиковать")), (KEEP, _("Публиковать как товары")))
    )
    reserve = NumberField(
        _("Запас, который не продаём через ВКонтакте"), [NumberRange(0, 10**6, _("От 0 до 1 000 000."))]
    )
    per_100g = BooleanField(_("Что продаётся на вес — с ценой за 100 г"))
    price_floor = NumberField(
        _("Не публиковать дешевле, ₽"), [NumberRange(0, 10**9, _("От 0 до 1 000 000 000."))]
    )
    old_price_days = WholeField(
        _("Сколько дней показывать цену до снижения"),
        [NumberRange(0, KEPT_DAYS, _("От 0 до %(days)s дней.", days=KEPT_DAYS))],
    )
    old_price_percent = WholeField(
        _("Показывать снижение не меньше, %"), [NumberRange(0, 99, _("От 0 до 99 %%."))]
    )
    name_template = StringField(
        _("Название, если оно короче 4 знаков"), [InputRequired(_("Шаблон пуст.")), Length(max=500)]
    )
    description_template = TextAreaField(
        _("Описание, если в кассе его нет"), [InputRequired(_("Шаблон пуст.")), Length(max=3000)]
    )
    card_colour = StringField(
        _("Цвет карточек"), [Regexp(COLOUR.pattern + r"\Z", message=_("Цвет записывается так: #0f766e."))]
    )
    albums = BooleanField(_("Раскладывать по подборкам"))
    merge_by = SelectField(
        _("Один товар из нескольких магазинов"),
        choices=_choices(
            ("none", _("не объединять")),
            ("barcode", _("с одним штрихкодом")),
            ("article", _("с одним артикулом")),
            ("code", _("с одним кодом")),
        ),
    )
    stock_from = SelectField(
        _("Остаток объединённого товара"),
        choices=_choices((SUM, _("всех магазинов вместе")), (FIRST, _("первого магазина, где его считают"))),
    )
    new_first = SelectField(
        _("Какие новые товары раньше"),
        choices=_choices(
            ("order", _("по порядку каталога")),
            ("newest", _("недавно появившиеся в кассе")),
            ("price", _("дорогие")),
            ("stock", _("которых больше")),
        ),
    )
    new_goods = SelectField(
        _("Товары, которые появились в кассе"),
        choices=_choices((BY_RULES, _("публиковать по правилам")), (WAIT, _("не публиковать, пока не решу"))),
    )
    auto = BooleanField(_("Публиковать изменения самим"))
    hide_guard_percent = WholeField(
        _("Спросить, если снимается больше, %"), [NumberRange(0, 100, _("От 0 до 100 %%."))]
    )
    price_guard_percent = WholeField(
        _("Спросить, если цена меняется больше, %"), [NumberRange(0, 1000, _("От 0 до 1000 %%."))]
    )
    own_name = SelectField(_("Название"), choices=_owners(_("взять из кассы")))
    own_description = SelectField(_("Описание"), choices=_owners(_("взять из кассы")))
    own_photos = SelectField(_("Фото"), choices=_owners(_("взять из Витрины")))
    own_category = SelectField(_("Категория"), choices=_owners(_("взять из Витрины")))
    own_albums = SelectField(_("Подборки"), choices=_owners(_("взять из Витрины")))

    def validate_name_template(self, field: StringField) -> None:
        _check_template(field)

    def validate_description_template(self, field: TextAreaField) -> None:
        _check_template(field)


def _check_template(field: StringField) -> None:
    try:
        read_template(field.data or "")
    except TemplateError as error:
        raise ValidationError(translated(error.sentence)) from None
