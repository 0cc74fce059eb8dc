"""Bring the catalogues of translations up to the sentences of the code: `make messages`.

What is new stands there without a translation then, and what is said no more is gone.
"""

import re
import sys
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
# Calls that hold sentences, with the places of theirs among the arguments where it is not the first alone.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("gettext", "lazy_gettext", "gettext_noop", "_", "Sentence", "TemplateError")),
    **dict.fromkeys(("plural", "plural_form"), (2, 4)),
    "ngettext_noop": (1, 3),
    # What is said otherwise in a context, which stands first.
    **dict.fromkeys(("pgettext", "pgettext_noop"), ((1, "c"), 2)),
    # What holds a sentence beside its code.
    **dict.fromkeys(("Reason", "Hold", "Problem"), (2,)),
}
_SOURCES = (("app", "**.py", "python"), ("templates", "**.*", "jinja2"), ("static/js", "*.js", "javascript"))
# As the product reads its templates.
_OPTIONS = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}

_RUSSIAN = re.compile("[А-яЁё]")

# A sentence, or a noun with its form for many, and the context that it is said in, None for any.
Message = tuple[tuple[str, ...] | str, str | None]


def is_russian(text: object) -> bool:
    """Tell whether a text has a Russian letter."""
    return isinstance(text, str) and bool(_RUSSIAN.search(text))


@cache
def collected() -> dict[Message, str]:
    """Every sentence of the code, and the first file that it stands in."""
    found: dict[Message, str] = {}
    for folder, files, method in _SOURCES:
        pieces = extract_from_dir(ROOT / folder, [(files, method)], {"**": _OPTIONS}, keywords=KEYWORDS)
        for name, _line, message, _comments, context in pieces:
            one = message if isinstance(message, str) else message[0]
            # Quotes are of a language as well.
            if is_russian(one) or "«" in one:
                found.setdefault((message, context), f"{folder}/{name}")
    return found


def catalogue_of(language: str) -> Catalog:
    """The translations into a language as they are kept."""
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def _path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def _brought_up_to_date(known: Catalog) -> Catalog:
    fresh = Catalog(locale=known.locale, fuzzy=False)
    for (message, context), place in sorted(collected().items(), key=lambda each: each[1]):
        before = known.get(message, context)
        fresh.add(message, before.string if before else "", locations=[(place, 0)], context=context)
    return fresh


def main() -> None:
    for folder in sorted(FOLDER.iterdir()):
        fresh = _brought_up_to_date(catalogue_of(folder.name))
        with _path(folder.name).open("wb") as file:
            write_po(file, fresh, width=120, omit_header=True, include_lineno=False)
        untranslated = sum(1 for message in fresh if message.id and not any(message.string or ""))
        sys.stdout.write(f"{folder.name}: {len(fresh)} sentences, {untranslated} without a translation\n")


if __name__ == "__main__":
    main()
