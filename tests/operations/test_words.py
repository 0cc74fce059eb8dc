"""The words of the interface: what `docs/words.md` says is not written is written nowhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


def forbidden() -> list[str]:
    table = (ROOT / "docs" / "words.md").read_text().split("## Так не пишем")[1]
    first_cells = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")]
    return first_cells[2:]


def sentences() -> Iterator[tuple[str, str]]:
    """Everything that somebody may read, with the place where it is written."""
    for folder in ("templates", "static/js"):
        for path in sorted((ROOT / folder).rglob("*.*")):
            if path.suffix in (".html", ".txt", ".js"):
                yield str(path.relative_to(ROOT)), _COMMENT.sub("", path.read_text())
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _RUSSIAN.search(node.value):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def test_the_glossary_names_what_is_not_written():
    words = forbidden()
    assert len(words) > 20 and all(_RUSSIAN.match(word) and word == word.lower() for word in words)


def test_words_that_are_not_written_are_written_nowhere():
    patterns = [re.compile(rf"\b{word}", re.IGNORECASE) for word in forbidden()]
    found = [
        f"{place}: {match.group()}"
        for place, text in sentences()
        for pattern in patterns
        for match in pattern.finditer(" ".join(text.split()))
    ]
    assert not found, "\n".join(found)
