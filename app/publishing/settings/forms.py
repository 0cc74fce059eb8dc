"""The settings as a form: the four first questions, and all of it."""

import re
from collections.abc import Mapping
from typing import Any, Self

from flask import request
from wtforms import (
    BooleanField,
    IntegerField,
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
from app.publishing.settings.fields import CategoryField, NumberField
from app.rules.waiting import BY_RULES, WAIT
from app.web.seen import SeenForm

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def _choices(*pairs: tuple[str, str]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _owners(source: str) -> list[SelectChoice]:
    return _choices((ASK, "спросить меня"), (TILL, f"взять из {source}"), (VK, "оставить как во ВКонтакте"))


class FirstQuestions(SeenForm):
    """What cannot be guessed. `starts`: the owner wants to see the first good in VK at once."""

    default_category_id = CategoryField("Категория ВКонтакте")
    photo_fallback = RadioField(
        "Товары без фото",
        choices=_choices((CARD, "Рисовать карточку с названием"), (BLOCK, "Не публиковать, пока нет фото")),
    )
    out_of_stock = RadioField(
        "Нет в наличии",
        choices=_choices(
            (HIDE, "Снимать с публикации, вернуть самим"),
            (ORDER, "Оставлять с пометкой «под заказ» в описании"),
            (KEEP, "Оставлять как есть"),
        ),
    )
    markup_percent = NumberField("Наценка, %", [NumberRange(-90, 1000, "Наценка бывает от −90 до 1000 %%.")])
    rounding = SelectField(
        "Округлять цены",
        choices=_choices(
            ("none", "до копеек"),
            ("1", "до рубля"),
            ("10", "до 10 рублей"),
            ("9", "чтобы кончалась на 9"),
        ),
    )

    starts = SubmitField("Опубликовать первый товар")

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
        "Снят с продажи в кассе", choices=_choices((HIDE, "Снимать с публикации"), (KEEP, "Оставлять"))
    )
    services = RadioField(
        "Услуги", choices=_choices((BLOCK, "Не публиковать"), (KEEP, "Публиковать как товары"))
    )
    reserve = NumberField(
        "Запас, который не продаём через ВКонтакте", [NumberRange(0, 10**6, "От 0 до 1 000 000.")]
    )
    per_100g = BooleanField("Что продаётся на вес — с ценой за 100 г")
    price_floor = NumberField("Не публиковать дешевле, ₽", [NumberRange(0, 10**9, "От 0 до 1 000 000 000.")])
    old_price_days = IntegerField(
        "Сколько дней показывать цену до снижения",
        [NumberRange(0, KEPT_DAYS, f"От 0 до {KEPT_DAYS} дней.")],
    )
    old_price_percent = IntegerField(
        "Показывать снижение не меньше, %", [NumberRange(0, 99, "От 0 до 99 %%.")]
    )
    name_template = StringField(
        "Название, если оно короче 4 знаков", [InputRequired("Шаблон пуст."), Length(max=500)]
    )
    description_template = TextAreaField(
        "Описание, если в кассе его нет", [InputRequired("Шаблон пуст."), Length(max=3000)]
    )
    card_colour = StringField(
        "Цвет карточек", [Regexp(COLOUR.pattern + r"\Z", message="Цвет записывается так: #0f766e.")]
    )
    albums = BooleanField("Раскладывать по подборкам")
    merge_by = SelectField(
        "Один товар из нескольких магазинов",
        choices=_choices(
            ("none", "не объединять"),
            ("barcode", "с одним штрихкодом"),
            ("article", "с одним артикулом"),
            ("code", "с одним кодом"),
        ),
    )
    stock_from = SelectField(
        "Остаток объединённого товара",
        choices=_choices((SUM, "всех магазинов вместе"), (FIRST, "первого магазина, где его считают")),
    )
    new_first = SelectField(
        "Какие новые товары раньше",
        choices=_choices(
            ("order", "по порядку каталога"),
            ("newest", "недавно появившиеся в кассе"),
            ("price", "дорогие"),
            ("stock", "которых больше"),
        ),
    )
    new_goods = SelectField(
        "Товары, которые появились в кассе",
        choices=_choices((BY_RULES, "публиковать по правилам"), (WAIT, "не публиковать, пока не решу")),
    )
    auto = BooleanField("Публиковать изменения самим")
    hide_guard_percent = IntegerField(
        "Спросить, если снимается больше, %", [NumberRange(0, 100, "От 0 до 100 %%.")]
    )
    price_guard_percent = IntegerField(
        "Спросить, если цена меняется больше, %", [NumberRange(0, 1000, "От 0 до 1000 %%.")]
    )
    own_name = SelectField("Название", choices=_owners("кассы"))
    own_description = SelectField("Описание", choices=_owners("кассы"))
    own_photos = SelectField("Фото", choices=_owners("Витрины"))
    own_category = SelectField("Категория", choices=_owners("Витрины"))
    own_albums = SelectField("Подборки", choices=_owners("Витрины"))

    def validate_name_template(self, field: StringField) -> None:
        _check_template(field)

    def validate_description_template(self, field: TextAreaField) -> None:
        _check_template(field)


def _check_template(field: StringField) -> None:
    try:
        read_template(field.data or "")
    except TemplateError as error:
        raise ValidationError(f"{error}.") from None
