"""Fields of the settings that a plain form has none for."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from wtforms import DecimalField, StringField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import TextInput

from app.words import gettext_noop

_LONGEST_NUMBER = 18
# No power of ten: a short one makes a number of a million digits.
_is_number = re.compile(r"[-+]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})", re.ASCII).fullmatch
_GONE = gettext_noop("категории больше нет")
_A_NUMBER = gettext_noop("Нужно число, например 10 или 12,5.")


class CategoryField(StringField):
    """A category of VK, chosen by typing a part of its path; the data is VK's number, None when unknown.

    `paths` are those to choose from, by number; a number is taken as well as a path.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paths: dict[int, str] = {}
        self.typed = ""

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        self.typed = self.paths.get(value, "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if self.typed.isascii() and self.typed.isdigit() and len(self.typed) <= _LONGEST_NUMBER:
            self.data = int(self.typed) if int(self.typed) in self.paths else None
        else:
            wanted = " ".join(self.typed.split()).casefold()
            self.data = next(
                (number for number, path in self.paths.items() if path.casefold() == wanted), None
            )

    def _value(self) -> str:
        if self.data is None:
            return self.typed
        return "" if self.is_lost else self.paths.get(self.data, str(self.data))

    @property
    def is_lost(self) -> bool:
        """Whether what was chosen once is a category of VK's no more."""
        return self.data is not None and bool(self.paths) and self.data not in self.paths

    def pre_validate(self, form: Any) -> None:
        if not self.paths:
            raise ValidationError(
                gettext("ВКонтакте ещё не назвал категории. Подождите, пока они прочитаются.")
            )
        if not self.typed:
            raise ValidationError(gettext("Выберите категорию: без неё ВКонтакте не принимает товары."))
        if self.data is None:
            raise ValidationError(
                gettext("Такой категории у ВКонтакте нет. Начните печатать и выберите из списка.")
            )


class NumberField(DecimalField):
    """A number as people write it: with a comma or a point; nothing means zero."""

    # Browsers take no comma in a field of numbers.
    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = (
            (valuelist[0] if valuelist else "").strip().replace(",", ".").replace("\N{NO-BREAK SPACE}", "")
        )
        self.data = None
        if typed and not _is_number(typed):
            raise ValueError(gettext(_A_NUMBER))
        self.data = Decimal(typed or "0")

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            # What is no number is neither too small nor too large.
            raise StopValidation

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        value: Decimal | None = self.data
        if value is None:
            return ""
        whole = value == value.to_integral_value()
        return str(value.quantize(Decimal(1)) if whole else value.normalize()).replace(".", ",")


class OptionalCategoryField(CategoryField):
    """The same where none may be chosen: then the data is None.

    What was chosen once stays though VK knows it no more, as long as the words for it are left as they are.
    """

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        self._chosen = value

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self._chosen is not None and self.data is None and self.typed == self._unknown(self._chosen):
            self.data = self._chosen

    def pre_validate(self, form: Any) -> None:
        if self.typed and (self.data is None or self.data != self._chosen):
            super().pre_validate(form)

    def _value(self) -> str:
        return gettext(_GONE) if self.is_lost else super()._value()

    def _unknown(self, category_id: int) -> str:
        """What stands for a category that is not among the paths."""
        return gettext(_GONE) if self.paths else str(category_id)


class OptionalNumberField(NumberField):
    """The same where nothing means nothing; its validators begin with Optional."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)
        else:
            self.data = None
