"""The settings as a form: the four first questions, and all of it."""

from decimal import Decimal

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from app.publishing.planning.settings import ASK, BLOCK, CARD, HIDE, KEEP, TILL, VK
from app.publishing.planning.templates import TemplateError, read_template

_OWNERS = ((ASK, "спросить меня"), (TILL, "взять из кассы"), (VK, "оставить как во ВКонтакте"))
_A_NUMBER = "Нужно число."


class FirstQuestions(FlaskForm):
    """What cannot be guessed."""

    default_category_id = SelectField(
        "Категория ВКонтакте",
        [InputRequired("Выберите категорию: без неё ВКонтакте не принимает товары.")],
        coerce=int,
    )
    photo_fallback = RadioField(
        "Товары без фото",
        choices=[(CARD, "Рисовать карточку с названием"), (BLOCK, "Не публиковать, пока нет фото")],
    )
    out_of_stock = RadioField(
        "Нет в наличии",
        choices=[(HIDE, "Снимать с публикации, вернуть самим"), (KEEP, "Оставлять: привезём под заказ")],
    )
    markup_percent = DecimalField(
        "Наценка, %",
        [Optional(), NumberRange(-90, 1000, "Наценка бывает от −90 до 1000 %.")],
        places=2,
        default=Decimal(0),
    )
    rounding = SelectField(
        "Округлять цены",
        choices=[
            ("none", "до копеек"),
            ("1", "до рубля"),
            ("10", "до 10 рублей"),
            ("9", "чтобы кончалась на 9"),
        ],
    )


class AllSettings(FirstQuestions):
    """Everything that the owner can choose."""

    not_on_sale = RadioField(
        "Снят с продажи в кассе", choices=[(HIDE, "Снимать с публикации"), (KEEP, "Оставлять")]
    )
    services = RadioField("Услуги", choices=[(BLOCK, "Не публиковать"), (KEEP, "Публиковать как товары")])
    reserve = DecimalField(
        "Запас, который не продаём через ВКонтакте", [NumberRange(0, 10**6, _A_NUMBER)], places=3
    )
    name_template = StringField(
        "Название, если оно короче 4 знаков", [InputRequired("Шаблон пуст."), Length(max=500)]
    )
    description_template = TextAreaField(
        "Описание, если в кассе его нет", [InputRequired("Шаблон пуст."), Length(max=3000)]
    )
    card_colour = StringField(
        "Цвет карточек", [Regexp(r"^#[0-9a-fA-F]{6}$", message="Цвет записывается так: #0f766e.")]
    )
    albums = BooleanField("Раскладывать по подборкам")
    merge_by = SelectField(
        "Один товар из нескольких магазинов",
        choices=[
            ("none", "не объединять"),
            ("barcode", "с одним штрихкодом"),
            ("article", "с одним артикулом"),
            ("code", "с одним кодом"),
        ],
    )
    new_first = SelectField(
        "Какие новые товары раньше",
        choices=[("order", "по порядку каталога"), ("price", "дорогие"), ("stock", "которых больше")],
    )
    auto = BooleanField("Публиковать изменения самим")
    hide_guard_percent = IntegerField(
        "Спросить, если снимается больше, %", [NumberRange(0, 100, "От 0 до 100 %.")]
    )
    price_guard_percent = IntegerField(
        "Спросить, если цена меняется больше, %", [NumberRange(0, 1000, "От 0 до 1000 %.")]
    )
    own_name = SelectField("Название", choices=_OWNERS)
    own_description = SelectField("Описание", choices=_OWNERS)
    own_photos = SelectField("Фото", choices=_OWNERS)
    own_category = SelectField("Категория", choices=_OWNERS)
    own_albums = SelectField("Подборки", choices=_OWNERS)

    def validate_name_template(self, field: StringField) -> None:
        _check_template(field)

    def validate_description_template(self, field: TextAreaField) -> None:
        _check_template(field)


def _check_template(field: StringField) -> None:
    try:
        read_template(field.data or "")
    except TemplateError as error:
        raise ValidationError(f"{error}.") from None
