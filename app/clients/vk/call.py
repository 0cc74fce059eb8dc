"""One call of VK's API as a value: what is asked, how the answer is read, whether it changes something."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from app.clients.vk.fields import UNSTORABLE
from app.clients.vk.meanings import Meaning

T = TypeVar("T")


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call with its parameters as VK takes them; written out it shows none of them.

    read: turns `response` into the result, or raises BadPayload. writes: it is sent once and never again.
    done: what VK may say instead that means the same as having done it; the result is None then.
    """

    method: str
    params: dict[str, str] = field(repr=False)
    read: Callable[[Any], T] = field(repr=False)
    writes: bool = False
    done: frozenset[Meaning] = frozenset()


def as_params(**fields: Any) -> dict[str, str]:
    """Write parameters as VK wants them: 1 and 0, lists with commas, roubles with a point; leave None out."""
    return {name: _as_text(value) for name, value in fields.items() if value is not None}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, str):
        return UNSTORABLE.sub("", value)
    if isinstance(value, Iterable):
        return ",".join(map(_as_text, value))
    return str(value)
