"""How far a list of the cloud may be followed: one that lies about its cursors would never end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from app.clients.errors import BadPayload

PAGES_LIMIT = 20_000
EMPTY_PAGES_LIMIT = REPEATED_PAGES_LIMIT = 100


class Identified(Protocol):
    """What a list holds."""

    @property
    def id(self) -> str: ...


class Following:
    """One list, page by page; `path` is what it is asked for by, `most` how many items it may have."""

    def __init__(self, path: str, most: float = math.inf) -> None:
        self._path = path
        self._most = most
        # Hashes, because a list may have as many pages as cursors of thousands of letters.
        self._cursors: set[int] = set()
        self._firsts: set[int] = set()
        self._sent = self._empty_pages = self._repeated_pages = 0

    def note(self, items: Sequence[Identified]) -> None:
        """Count a page; raises BadPayload for more than `most` items."""
        self._sent += len(items)
        if self._sent > self._most:
            raise BadPayload(f"GET {self._path}: more than {self._most} items")
        self._empty_pages = 0 if items else self._empty_pages + 1
        if items:
            first = hash(items[0].id)
            self._repeated_pages += first in self._firsts
            self._firsts.add(first)

    def follow(self, cursor: str) -> None:
        """Raise BadPayload where a cursor leads round, or the pages begin anew again and again."""
        if hash(cursor) in self._cursors:
            raise BadPayload(f"GET {self._path}: a cursor came twice")
        is_endless = self._empty_pages >= EMPTY_PAGES_LIMIT or self._repeated_pages >= REPEATED_PAGES_LIMIT
        if len(self._cursors) >= PAGES_LIMIT or is_endless:
            raise BadPayload(f"GET {self._path}: the pages do not end")
        self._cursors.add(hash(cursor))
