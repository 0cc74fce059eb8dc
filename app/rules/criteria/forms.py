"""The form of one condition."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, ValidationError

from app.mirror.folding import fold
from app.rules.criteria.criterion import (
    KINDS,
    LONGEST_TEXT,
    MOST_WORDS,
    NO_PHOTO,
    NO_PRICE,
    PRICE,
    STOCK,
    TYPE,
    TYPES,
    WORD,
    Criterion,
    words_of,
)
from app.rules.criteria.words import TYPE_WORDS
from app.rules.decide import EXCLUDE, INCLUDE
from app.web.formatting import quantity

BELOW, AT_MOST, AT_LEAST, ZERO = "below", "at_most", "at_least", "zero"
UP, DOWN = "up", "down"
_MOST = Decimal(10**9)
_LABELS = {
    STOCK: _("Остаток"),
    PRICE: _("Цена"),
    NO_PRICE: _("Нет цены"),
    NO_PHOTO: _("Нет фото"),
    TYPE: _("Тип товара"),
    WORD: _("В названии есть"),
}


class Number(StringField):
    """A number as people write it, None when nothing is written; its column holds so many `decimals`."""

    def __init__(self, *args: Any, decimals: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._decimals = decimals

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = "".join((valuelist[0] if valuelist else "").split()).replace(",", ".").replace("−", "-")
        self.data = None
        if not typed:
            return
        try:
            number = Decimal(typed) if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", typed, re.ASCII) else None
        except InvalidOperation:
            number = None
        if number is None or abs(number) > _MOST:
            raise ValueError(gettext("Нужно число, например 100 или 99,90."))
        if number != round(number, self._decimals):
            raise ValueError(
                gettext("Слишком точно: не больше %(most)s знаков после запятой.", most=self._decimals)
            )
        self.data = number

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else quantity(self.data).replace("\N{NARROW NO-BREAK SPACE}", "")


def _choices(words: Mapping[str, LazyString]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in words.items()]


class StepForm(FlaskForm):
    """`step`: up or down, by one place."""

    step = StringField(validators=[AnyOf((UP, DOWN))])


class CriterionForm(FlaskForm):
    """`mode` and `kind`, and what belongs to the kind; what belongs to others is left unread."""

    mode = RadioField(
        _("Что делать"), choices=_choices({EXCLUDE: _("Не публиковать"), INCLUDE: _("Публиковать")})
    )
    kind = RadioField(_("Если"), choices=_choices({kind: _LABELS[kind] for kind in KINDS}))
    bound = SelectField(
        _("Какой остаток"),
        choices=_choices(
            {BELOW: _("меньше"), AT_MOST: _("не больше"), AT_LEAST: _("не меньше"), ZERO: _("равен нулю")}
        ),
    )
    stock = Number(_("Сколько"), decimals=3)
    low = Number(_("от"), decimals=2)
    high = Number(_("до"), decimals=2)
    type = SelectField(_("Какой тип"), choices=_choices({name: _(TYPE_WORDS[name]) for name in TYPES}))
    text = StringField(_("Слово или несколько"))
    is_part = BooleanField(_("и как часть слова"))

    @classmethod
    def of(cls, criterion: Criterion | None) -> Self:
        """The form as it is first shown: of a condition, or of a new one."""
        return cls(formdata=None, data=_fields(criterion))

    def validate_stock(self, field: Number) -> None:
        if self.kind.data == STOCK and self.bound.data != ZERO and field.data is None and not field.errors:
            raise ValidationError(gettext("Сколько? Нужно число, например 3 или 0,5."))

    def validate_high(self, field: Number) -> None:
        if self.kind.data != PRICE or field.errors or self.low.errors:
            return
        low, high = self.low.data, field.data
        if low is None and high is None:
            raise ValidationError(gettext("Укажите цену: от, до или обе границы."))
        if low is not None and high is not None and high < low:
            raise ValidationError(gettext("«До» меньше, чем «от»: так не подойдёт ни один товар."))

    def validate_text(self, field: StringField) -> None:
        if self.kind.data != WORD:
            return
        if len(field.data or "") > LONGEST_TEXT:
            raise ValidationError(gettext("Слишком длинно: не больше %(most)s знаков.", most=LONGEST_TEXT))
        if not self.words:
            raise ValidationError(gettext("Какое слово искать в названии?"))
        if len(self.words) > MOST_WORDS:
            raise ValidationError(
                gettext("Слишком много слов: не больше %(most)s. Оставьте самые нужные.", most=MOST_WORDS)
            )

    @property
    def folded(self) -> str:
        """The words as names are compared."""
        return fold((self.text.data or "").replace("\0", " ").encode("utf-8", "ignore").decode())

    @property
    def words(self) -> list[str]:
        """The words to look for."""
        return words_of(self.folded)

    def validate(self, extra_validators: Any = None) -> bool:
        """Look only at what belongs to the chosen kind."""
        if super().validate(extra_validators):
            return True
        needed = {STOCK: ("bound", "stock"), PRICE: ("low", "high"), TYPE: ("type",), WORD: ("text",)}
        for name in {"bound", "stock", "low", "high", "type", "text"} - set(needed.get(self.kind.data, ())):
            self[name].errors = ()
        if self.kind.data == STOCK and self.bound.data == ZERO:
            self.stock.errors = ()
        return not any(field.errors for field in self)

    def criterion(self, key: str) -> Criterion:
        """The condition that a valid form says."""
        criterion = Criterion(key, self.mode.data, self.kind.data)
        if self.kind.data == STOCK:
            return criterion._replace(**_BOUNDS[self.bound.data](self.stock.data))
        if self.kind.data == PRICE:
            return criterion._replace(low=self.low.data, high=self.high.data)
        if self.kind.data == TYPE:
            return criterion._replace(text=self.type.data)
        if self.kind.data == WORD:
            return criterion._replace(text=" ".join(self.words), is_part=self.is_part.data)
        return criterion


_BOUNDS: Mapping[str, Any] = {
    BELOW: lambda number: {"high": number, "is_below": True},
    AT_MOST: lambda number: {"high": number},
    AT_LEAST: lambda number: {"low": number},
    ZERO: lambda _: {"low": Decimal(0), "high": Decimal(0)},
}


def _fields(criterion: Criterion | None) -> dict[str, Any]:
    if criterion is None:
        return {"mode": EXCLUDE, "kind": STOCK, "bound": BELOW}
    fields: dict[str, Any] = {"mode": criterion.mode, "kind": criterion.kind, "bound": BELOW}
    if criterion.kind == STOCK:
        if criterion.high is None:
            return fields | {"bound": AT_LEAST, "stock": criterion.low}
        if criterion.low is not None:
            return fields | {"bound": ZERO}
        return fields | {"bound": BELOW if criterion.is_below else AT_MOST, "stock": criterion.high}
    if criterion.kind == PRICE:
        return fields | {"low": criterion.low, "high": criterion.high}
    if criterion.kind == TYPE:
        return fields | {"type": criterion.text}
    return fields | {"text": criterion.text, "is_part": criterion.is_part}
