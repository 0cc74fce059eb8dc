"""A condition as it is written in a file, and read back: the words of its page, in signs any table keeps."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, gettext
from werkzeug.datastructures import MultiDict

from app.rules.criteria.criterion import NO_PHOTO, NO_PRICE, PRICE, STOCK, TYPE, WORD, Criterion
from app.rules.criteria.forms import AT_LEAST, AT_MOST, BELOW, ZERO, CriterionForm
from app.rules.criteria.words import TYPE_WORDS, criterion_words
from app.web.formatting import MINUS
from app.web.language import SOURCE

# Files are Russian, whoever reads them.
_BELOW, _AT_MOST, _AT_LEAST, _EQUAL = "меньше", "не больше", "не меньше", "равен"
_BOUNDS = {_BELOW: BELOW, _AT_MOST: AT_MOST, _AT_LEAST: AT_LEAST, _EQUAL: ZERO}
_TYPES = {words: name for name, words in TYPE_WORDS.items()}
_AND_PARTS = re.compile(r",? и как часть слова$")
_WAYS: Mapping[str, re.Pattern[str]] = {
    STOCK: re.compile(rf"остаток (?P<bound>{'|'.join(_BOUNDS)}) (?P<stock>\S.*)"),
    PRICE: re.compile(r"цена(?: от (?P<low>(?:(?! до ).)+))?(?: до (?P<high>.+))?"),
    NO_PRICE: re.compile(r"нет цены"),
    NO_PHOTO: re.compile(r"нет фото"),
    TYPE: re.compile(r"тип: ?(?P<type>.+)"),
    WORD: re.compile(r"в названии (?:слово|слова|есть) (?P<text>.+)"),
}
_EXAMPLES = "остаток меньше 3; цена от 100 до 500; нет цены; нет фото; тип: услуга; в названии слово «чай»"


class Unreadable(ValueError):
    """These words are no condition; the message is a sentence for the owner."""


def written(criterion: Criterion) -> str:
    """Write down what a condition says: `цена от 100,00 до 500,00`."""
    # What is not in Windows-1251, in which Russian Excel saves, would be lost.
    with force_locale(SOURCE):
        words = criterion_words(criterion)
    return " ".join(words.replace("₽", "").replace(MINUS, "-").split())


def read_written(words: str, key: str, mode: str) -> Criterion:
    """Read what `written` has written, or a person; raises Unreadable."""
    text = " ".join(words.split())
    for kind, way in _WAYS.items():
        if found := way.fullmatch(text.lower()):
            fields = {name: value for name, value in found.groupdict().items() if value is not None}
            return _checked({"kind": kind, "mode": mode, **_sent(kind, fields)}, key)
    raise Unreadable(
        gettext("условие «%(words)s» не понятно. Примеры: %(examples)s", words=words[:60], examples=_EXAMPLES)
    )


def _sent(kind: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a condition as its form sends them."""
    if kind == STOCK:
        bound, stock = _BOUNDS[fields["bound"]], fields["stock"]
        if bound == ZERO and stock not in ("0", "нулю"):
            raise Unreadable(
                gettext(
                    "остаток может быть «%(zero)s», другие — «%(at_most)s», «%(below)s» и «%(at_least)s»",
                    zero=f"{_EQUAL} 0",
                    at_most=_AT_MOST,
                    below=_BELOW,
                    at_least=_AT_LEAST,
                )
            )
        return {"bound": bound, "stock": stock}
    if kind == PRICE:
        return {name: value.replace("₽", "") for name, value in fields.items()}
    if kind == TYPE:
        if fields["type"] not in _TYPES:
            raise Unreadable(
                gettext(
                    "типа «%(type)s» нет. Допустимо: %(types)s",
                    type=fields["type"][:40],
                    types=", ".join(_TYPES),
                )
            )
        return {"type": _TYPES[fields["type"]]}
    if kind == WORD:
        text, parts = _AND_PARTS.subn("", fields["text"])
        return {"text": text, **({"is_part": "1"} if parts else {})}
    return {}


def _checked(sent: Mapping[str, Any], key: str) -> Criterion:
    form = CriterionForm(MultiDict(sent), meta={"csrf": False})
    if form.validate():
        return form.criterion(key)
    (error, *_) = (error for errors in form.errors.values() for error in errors)
    raise Unreadable(error[:1].lower() + error[1:].rstrip("."))
