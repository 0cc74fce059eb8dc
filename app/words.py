"""Words that are translated where they are shown: what decides may hold them without the web."""

from collections.abc import Iterable, Mapping
from typing import Any, Self


class Sentence(str):
    """A Russian sentence with its values put in, which can be said in another language as well.

    Values that are such sentences are said in it, too; others are what they are.
    """

    pattern: str
    values: dict[str, object]

    def __new__(cls, pattern: str, **values: object) -> Self:
        made = super().__new__(cls, pattern % values)
        made.pattern, made.values = pattern, values
        return made

    @property
    def stored(self) -> dict[str, Any]:
        """The sentence as JSON keeps it; `restored` reads it."""
        values = {name: _stored(value) for name, value in self.values.items()}
        return {"pattern": self.pattern, "values": values}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> Self:
        values = stored["values"].items()
        return cls(stored["pattern"], **{name: cls._value(value) for name, value in values})

    @classmethod
    def _value(cls, stored: Any) -> object:
        return cls.restored(stored) if isinstance(stored, dict) else stored


def _stored(value: object) -> object:
    return value.stored if isinstance(value, Sentence) else str(value)


def join_sentences(separator: str, parts: Iterable[str]) -> Sentence:
    """Sentences and names one after another, as one sentence; empty ones are left out."""
    some = {f"part{number}": part for number, part in enumerate(filter(None, parts))}
    return Sentence(separator.join(f"%({name})s" for name in some), **some)


def gettext_noop(sentence: str) -> str:
    """The sentence as it is: `translated` of it, where it is shown, says it in the owner's language."""
    return sentence


def pgettext_noop(context: str, sentence: str) -> str:
    """The same of a sentence that is said otherwise in this context: `pgettext` with it says that."""
    return sentence


def ngettext_noop(one: str, few: str, many: str) -> tuple[str, str, str]:
    """The forms of a Russian noun for `plural`, which finds their translation."""
    return one, few, many
