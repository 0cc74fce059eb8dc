"""No pattern of ours takes the square of a text's length, whatever it looks for in vain."""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import app

LENGTH = 8_000
# Whatever takes less here is not worth asking whether it takes the square.
SECONDS = 0.01
SIGNS = (
    *(" ", "\n", "x", "1", "я", "\u0301", ".", "-", "/", "@", "&", "<", "(", ",", "{", "'", "=", "\\"),
    *(" -", ", ", "a.", "a@", "x\n", "&#1", "<a ", "1.", " до ", "/.", "\x02a", "\xff"),
)
USES: dict[str, Callable[[Any, Any], Any]] = {
    "match": re.Pattern.match,
    "search": re.Pattern.search,
    "fullmatch": re.Pattern.fullmatch,
    "split": re.Pattern.split,
    "findall": re.Pattern.findall,
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
    "sub": lambda pattern, text: pattern.sub(text[:0], text),
    "subn": lambda pattern, text: pattern.subn(text[:0], text),
}
# Reads our own style sheets.
NOT_OTHERS = {"app.web.stylesheet"}


def patterns() -> Iterator[tuple[str, re.Pattern[Any], list[str]]]:
    """Every pattern that a module holds, and how the module uses it."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        module = importlib.import_module(found.name)
        if found.name in NOT_OTHERS or module.__file__ is None:
            continue
        source = Path(module.__file__).read_text()
        for name, held in vars(module).items():
            uses = [use for use in USES if f"{name}.{use}(" in source or f"{name}.{use}\n" in source]
            for pattern in held.values() if isinstance(held, dict) else [held]:
                if isinstance(pattern, re.Pattern):
                    yield f"{found.name}.{name}", pattern, uses or ["fullmatch", "search"]


def is_slow(pattern: re.Pattern[Any], uses: list[str], sign: str) -> bool:
    """Whether four times as long a text takes far more than four times as long."""
    short = seconds(pattern, uses, sign, LENGTH)
    return short > SECONDS and seconds(pattern, uses, sign, 4 * LENGTH) > 8 * short


def seconds(pattern: re.Pattern[Any], uses: list[str], sign: str, length: int) -> float:
    text: Any = "x" + sign * (length // len(sign)) + "ы"
    if isinstance(pattern.pattern, bytes):
        text = text.encode()
    started = time.thread_time()
    for use in uses:
        USES[use](pattern, text)
    return time.thread_time() - started


def test_no_pattern_takes_the_square_of_a_length() -> None:
    slow = [
        (where, sign) for where, pattern, uses in patterns() for sign in SIGNS if is_slow(pattern, uses, sign)
    ]
    assert slow == []


def test_one_that_does_is_found() -> None:
    assert is_slow(re.compile("[^@]+@"), ["search"], "x")
