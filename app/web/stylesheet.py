"""One stylesheet: of Bootstrap what the templates use, then our own parts, with their icons inside."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote

from app.config import ROOT

# The order in which rules of equal weight win: the last does.
_PARTS = (
    "tokens",
    "layout",
    "navigation",
    "components",
    "menus",
    "table",
    "tree",
    "phone",
    "refresh",
    "sync",
    "publishing",
    "listings",
    "state",
    "settings",
    "groups",
    "help",
    "bulk",
    "product",
    "photos",
    "inbox",
    "print",
)
_BOOTSTRAP = "vendor/bootstrap-5.3.9.min.css"
_ICON = re.compile(r'url\("(\.\./[^"]+\.svg)"\)')
_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
_INDENT = re.compile(r"\n\s+")
_LINE_END = re.compile(r"(?<=[{};,])\n+")
_WORD = re.compile(r"[\w-]+")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_BETWEEN_SELECTORS = re.compile(r",(?![^(]*\))")
# What a selector excludes does not have to be there. Bootstrap's scripts are not here, nor their attributes.
_EXCLUDED = re.compile(r":not\([^()]*(?:\([^()]*\))?[^()]*\)")
_OF_SCRIPTS = "[data-bs-"


@cache
def stylesheet(static: Path) -> bytes:
    """Join the parts; the folder is that of the static files."""
    bootstrap = _COMMENT.sub("", (static / _BOOTSTRAP).read_text()).removeprefix('@charset "UTF-8";')
    own = _COMMENT.sub("", "\n".join((static / "css" / f"{part}.css").read_text() for part in _PARTS))
    own = _LINE_END.sub("", _INDENT.sub("\n", own))
    own = _ICON.sub(lambda icon: f'url("{_as_data(static / "css" / icon[1])}")', own)
    return f"{used(bootstrap, _words(static))}\n{own}".encode()


def used(css: str, words: set[str]) -> str:
    """Leave out the rules for classes that are not among `words`, and every animation."""
    return "".join(_kept(css, words))


def _kept(css: str, words: set[str]) -> Iterator[str]:
    start = 0
    while (opening := css.find("{", start)) != -1:
        closing = _closing(css, opening)
        head, body = css[start:opening], css[opening + 1 : closing]
        start = closing + 1
        if head.startswith(("@media", "@supports")):
            if inner := used(body, words):
                yield f"{head}{{{inner}}}"
        elif not head.startswith("@"):
            chosen = [one for one in _BETWEEN_SELECTORS.split(head) if _is_used(one, words)]
            if chosen:
                yield f"{','.join(chosen)}{{{body}}}"


def _is_used(selector: str, words: set[str]) -> bool:
    return _OF_SCRIPTS not in selector and words.issuperset(_CLASS.findall(_EXCLUDED.sub("", selector)))


def _closing(css: str, opening: int) -> int:
    depth = 0
    for brace in re.compile(r"[{}]").finditer(css, opening):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.start()
    raise ValueError("a stylesheet whose braces do not match")


def _words(static: Path) -> set[str]:
    """Every word of the templates and the scripts, the names of all classes in use among them."""
    sources = [*(ROOT / "templates").rglob("*.html"), *(static / "js").glob("*.js")]
    return {word for source in sources for word in _WORD.findall(source.read_text())}


def _as_data(icon: Path) -> str:
    return "data:image/svg+xml," + quote(icon.read_text().strip(), safe=" =:/'<>;")
