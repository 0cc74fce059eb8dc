"""The owner's templates of names and descriptions: «{name}, {unit}».

A template is lines, a line is pieces between separators. A piece whose placeholders are all empty is left
out with its separator, so that a good without an article gets no «Артикул:» with nothing behind it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from app.words import Sentence

PLACEHOLDERS = (
    "name",
    "description",
    "unit",
    "barcode",
    "article",
    "code",
    "group",
    "store",
    "price",
)

_SEPARATOR = re.compile(r"([,;]\s+|(?<!\s)\s+[·|—–-]\s+)")
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_LONGEST = 3000


class TemplateError(ValueError):
    """The template cannot be used, as `sentence` tells the owner; it is translated where it is shown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Piece(NamedTuple):
    """What stands before the piece in its line, and texts in turn with names of placeholders."""

    separator: str
    parts: tuple[str, ...]


class Template(NamedTuple):
    """A template that was found good."""

    lines: tuple[tuple[_Piece, ...], ...]
    placeholders: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """Put `values` (one for each of `placeholders`, empty where there is none) in their places."""
        filled = []
        for pieces in self.lines:
            if len(pieces) == 1 and len(pieces[0].parts) == 3:
                # Most lines are of this kind.
                before, name, after = pieces[0].parts
                if value := values[name]:
                    filled.append(before + value + after)
            elif (line := _filled_line(pieces, values)) is not None:
                filled.append(line)
        return "\n".join(filled)


@lru_cache(maxsize=1024)
def read_template(source: str) -> Template:
    """Read the owner's template; raise TemplateError with what is wrong in it."""
    if len(source) > _LONGEST:
        raise TemplateError(Sentence("Шаблон длиннее %(count)s знаков. Сократите его.", count=_LONGEST))
    lines = tuple(_read_line(line.strip()) for line in source.strip().splitlines())
    names = frozenset(name for pieces in lines for piece in pieces for name in piece.parts[1::2])
    if not names:
        raise TemplateError(
            "В шаблоне нет ни одной подстановки: у всех товаров вышел бы один и тот же текст."
        )
    return Template(lines, names)


def _read_line(line: str) -> tuple[_Piece, ...]:
    found = _SEPARATOR.split(line)
    separators = ("", *found[1::2])
    return tuple(
        _Piece(separator, _read_parts(text)) for separator, text in zip(separators, found[::2], strict=True)
    )


def _read_parts(text: str) -> tuple[str, ...]:
    parts = _PLACEHOLDER.split(text)
    for name in parts[1::2]:
        if name not in PLACEHOLDERS:
            allowed = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise TemplateError(
                Sentence(
                    "В шаблоне непонятное «{%(name)s}». Можно вставить: %(allowed)s.",
                    name=name,
                    allowed=allowed,
                )
            )
    if any("{" in part or "}" in part for part in parts[::2]):
        raise TemplateError("В шаблоне скобка { или } без пары. Подстановка пишется так: {name}.")
    return tuple(parts)


def _filled_line(pieces: tuple[_Piece, ...], values: Mapping[str, str]) -> str | None:
    line = ""
    is_empty = True
    for separator, parts in pieces:
        text = parts[0]
        has_value = len(parts) == 1
        for place in range(1, len(parts), 2):
            if value := values[parts[place]]:
                has_value = True
            text += value + parts[place + 1]
        if has_value:
            line = text if is_empty else line + separator + text
            is_empty = False
    # A line that the owner left blank parts paragraphs; one whose pieces all fell out is not there.
    return None if is_empty else line
