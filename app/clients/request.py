"""One request to a cloud and its answer, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import requests

Authorize = Callable[[requests.PreparedRequest], requests.PreparedRequest]
# A name, the content and its type.
File = tuple[str, bytes, str]


class Answer(NamedTuple):
    """A final answer; `body` is empty unless the status is one whose body is documented."""

    status: int
    body: bytes


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def no_turns() -> None:
    """Let a long answer come when it comes."""


class Request(NamedTuple):
    """What is asked; written out it shows no parameter, because any may be a secret.

    when_long: called while an answer comes that is longer than most; may wait until there is room for it.
    """

    method: str
    path: str
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    files: Mapping[str, File] | None = None
    authorize: Authorize = _unchanged
    when_long: Callable[[], None] = no_turns

    def __repr__(self) -> str:
        return f"{self.method} {self.path}"
