"""Words that are translated where they are shown: what decides may hold them without the web."""

from typing import Self


class Sentence(str):
    """A Russian sentence with its values put in, which can be said in another language as well."""

    pattern: str
    values: dict[str, object]

    def __new__(cls, pattern: str, **values: object) -> Self:
        made = super().__new__(cls, pattern % values)
        made.pattern, made.values = pattern, values
        return made


def gettext_noop(sentence: str) -> str:
    """The sentence as it is: `translated` of it, where it is shown, says it in the owner's language."""
    return sentence


def pgettext_noop(context: str, sentence: str) -> str:
    """The same of a sentence that is said otherwise in this context: `pgettext` with it says that."""
    return sentence


def ngettext_noop(one: str, few: str, many: str) -> tuple[str, str, str]:
    """The forms of a Russian noun for `plural`, which finds their translation."""
    return one, few, many
