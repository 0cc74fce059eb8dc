"""Forms of stored values that know what they showed: an old page writes nothing over without a word."""

import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField

from app.web.formatting import in_quotes
from app.words import gettext_noop

_MARK_LENGTH = 8
_NOTHING = gettext_noop("пусто")


class _SeenField(HiddenField):
    def populate_obj(self, obj: object, name: str) -> None:
        """Belongs to the page, not to what is stored."""


class SeenForm(FlaskForm):
    """A form whose `seen` goes along with it: a short mark of each value that it showed, by field.

    What was changed elsewhere since is kept where this page left it alone. Where both have changed the same
    field the form is refused, with both values; what is typed stays, and sent again it holds.
    """

    seen = _SeenField()

    def compare(self, stored: Mapping[str, Any]) -> None:
        """Bring the form together with what is stored now, by field; once it has been processed."""
        self._changed_elsewhere: dict[str, Any] = {}
        if self.seen.raw_data:
            marks = dict(each.split("=") for each in (self.seen.data or "").split() if each.count("=") == 1)
            for name, value in stored.items():
                if name in self:
                    self._settle(self[name], marks.get(name), value)
        self.seen.data = " ".join(f"{name}={_mark(value)}" for name, value in stored.items() if name in self)

    @property
    def is_stale(self) -> bool:
        """Whether somebody has changed elsewhere what is changed here."""
        return bool(getattr(self, "_changed_elsewhere", None))

    @property
    def refused(self) -> int:
        """The status of the page that shows what is wrong with the form."""
        return 409 if self.is_stale else 422

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Validate as any form; what is stale says what stands there now."""
        is_valid = super().validate(extra_validators)
        for name, value in getattr(self, "_changed_elsewhere", {}).items():
            said = gettext(
                "В другом окне здесь уже: %(value)s. Сохраните ещё раз, и останется ваше.",
                value=_words(self[name], value),
            )
            self[name].errors = [*self[name].errors, said]
        return is_valid and not self.is_stale

    def _settle(self, field: Field, shown: str | None, value: Any) -> None:
        now = _mark(value)
        if now == shown:
            return
        # A page that did not have the field, as another one of the same form, leaves it alone as well.
        is_untouched = not field.raw_data if shown is None else _sent_mark(field) == shown
        if is_untouched:
            # Some fields show what was sent, and some validators ask for it.
            field.raw_data = None
            field.process(None, value)
            field.raw_data = [field._value()] if hasattr(field, "_value") else None
        elif _sent_mark(field) != now:
            self._changed_elsewhere[field.name] = value


def _sent_mark(field: Field) -> str | None:
    return None if field.process_errors else _mark(field.data)


def _mark(value: Any) -> str:
    """Tell values apart that mean something else, however they are written."""
    if isinstance(value, Decimal):
        text = format(value.normalize(), "f")
    else:
        text = "" if value is None else "\n".join(str(value).split("\r\n")).strip()
    return hashlib.sha256(text.encode()).hexdigest()[:_MARK_LENGTH]


def _words(field: Field, value: Any) -> str:
    """A value as its field would show it."""
    if isinstance(value, bool):
        return gettext("да") if value else gettext("нет")
    if getattr(field, "choices", None):
        value = next((each.label for each in field.iter_choices() if each.value == value), None)
    elif paths := getattr(field, "paths", None):
        value = paths.get(value)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f").replace(".", ",")
    return in_quotes(value) if value not in (None, "") else gettext(_NOTHING)
