"""Pages of the cloud that are in the cache as they are: the next run need not look up their goods.

A page is known by a digest of all that it holds. Beside it stand the keys of its goods' rows, each of which
holds what the page says of it: that is written in the transaction that makes it true, with the run that does.
Once another has written the store since, as a process of an earlier release may, none is known any more.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Executable,
    ForeignKey,
    String,
    and_,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.engine import insert_or_update
from app.data.parts import in_parts
from app.data.types import BigId
from app.mirror.bulk_sql import find_known
from app.mirror.key_set import KeySet, Span
from app.mirror.models import CachedStore

# Keys of neighbours are kept as one span; a page whose goods lie in more of them is looked up each time.
_MOST_SPANS = 64
_IDS_A_STATEMENT = 1000
# Of a store so many spans, and letters of keys that are to become spans, are remembered: a million goods in
# pages of a thousand have a thousand.
_MOST_SPANS_OF_STORE, _MOST_LETTERS = 30_000, 2**20
# Those that were known, and those that will be.
_BYTES_A_SPAN = 300

Spans = list[Span]


class KnownPages(Base):
    """The known pages of a store: for each its digest, and first key and number of keys of each span.

    `refreshed_by` is the run that has written them.
    """

    __tablename__ = "known_pages"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    pages: Mapped[list[list[Any]]] = mapped_column(JSON)
    refreshed_by: Mapped[int | None] = mapped_column(BigId)


# Built once: to build them takes longer than to read and to write the pages of a small store.
_KNOWN = (
    select(KnownPages.pages)
    .filter_by(user_id=bindparam("owner_id"), store_evotor_id=bindparam("of_store"))
    .join(
        CachedStore,
        and_(
            CachedStore.user_id == KnownPages.user_id,
            CachedStore.evotor_id == KnownPages.store_evotor_id,
            CachedStore.refreshed_by == KnownPages.refreshed_by,
        ),
    )
)


@cache
def _writing(dialect: str) -> Executable:
    statement = insert_or_update(dialect, KnownPages.__table__)
    return statement.on_conflict_do_update(
        index_elements=["user_id", "store_evotor_id"],
        set_={name: statement.excluded[name] for name in ("pages", "refreshed_by")},
    )


class PageMarks:
    """The pages of one store that were known before the run `refresh_id`, and those known after it."""

    def __init__(self, connection: Connection, user_id: int, refresh_id: int, store_id: str) -> None:
        self._place: dict[str, Any] = {"user_id": user_id, "store_evotor_id": store_id}
        self._refresh_id = refresh_id
        # None: nothing is known, whatever may be written down.
        self._before: list[list[Any]] | None = connection.scalar(
            _KNOWN, {"owner_id": user_id, "of_store": store_id}
        )
        self._known = {digest: _spans(numbers) for digest, *numbers in self._before or ()}
        self._after: list[list[Any]] = []
        self._brought: list[tuple[str, str, str, int]] = []
        self._spans = self._letters = 0
        # A good on two pages counts as it came last, and of an answer in doubt the groups do not count: what
        # stands on a page is then not what the cache holds.
        self.are_untrue = False

    @property
    def is_written_by_others(self) -> bool:
        """Whether the store was last written by a process that knows nothing of pages, or never."""
        return self._before is None

    @property
    def bytes(self) -> int:
        """How many bytes it takes to remember the pages, about."""
        return self._spans * _BYTES_A_SPAN + self._letters * 4

    def has(self, digest: str, seen: KeySet) -> bool:
        """Tell whether a page is known, and put the keys of its goods among those `seen`."""
        spans = self._known.get(digest)
        if spans is None or not seen.add_spans(spans):
            return False
        self._note(digest, spans)
        return True

    def note(self, digest: str, keys: Iterable[int]) -> None:
        """Note a page whose goods are in the cache, by the keys of their rows, once the run is applied."""
        if (spans := _spans_of(keys)) is not None:
            self._note(digest, spans)

    def note_brought(self, digest: str, ids: Sequence[str]) -> None:
        """Note a page of a store that had no goods before; its rows will get their keys in this order."""
        if ids and self._letters < _MOST_LETTERS:
            self._brought.append((digest, ids[0], ids[-1], len(ids)))
            self._letters += len(ids[0]) + len(ids[-1])

    def keep(self, connection: Connection) -> None:
        """Write down which pages are known now, as the last step of applying their store."""
        after = [] if self.are_untrue else [*self._after, *self._found(connection)]
        by_this = {"refreshed_by": self._refresh_id}
        if after == self._before:
            connection.execute(update(KnownPages).filter_by(**self._place).values(by_this))
            return
        connection.execute(_writing(connection.dialect.name), self._place | by_this | {"pages": after})

    def _note(self, digest: str, spans: Spans) -> None:
        if self._spans < _MOST_SPANS_OF_STORE:
            self._after.append([digest, *chain.from_iterable(spans)])
            self._spans += len(spans)

    def _found(self, connection: Connection) -> Iterable[list[Any]]:
        """The pages that were brought, by the keys of their first and last goods."""
        edges = [edge for _, *ends, _ in self._brought for edge in ends]
        keys = dict[str, int]()
        for part in in_parts(edges, _IDS_A_STATEMENT):
            ids = list(dict.fromkeys(part))
            known = find_known(connection, self._place["user_id"], self._place["store_evotor_id"], ids)
            keys |= {evotor_id: row.id for evotor_id, row in known.items()}
        for digest, first, last, goods in self._brought:
            # Another owner's rows may have come between, then there are more keys than goods.
            if first in keys and last in keys and keys[last] - keys[first] == goods - 1:
                yield [digest, keys[first], goods]


def forget_pages(connection: Connection, user_id: int, store_id: str) -> None:
    """Drop what is known of the pages of a store that leaves the cache."""
    connection.execute(delete(KnownPages).filter_by(user_id=user_id, store_evotor_id=store_id))


def _spans(numbers: Sequence[int]) -> Spans:
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _spans_of(keys: Iterable[int]) -> Spans | None:
    """Neighbouring keys as spans of a first key and a number; None for too many."""
    spans = Spans()
    for key in sorted(keys):
        if spans and sum(spans[-1]) == key:
            spans[-1] = (spans[-1][0], spans[-1][1] + 1)
        elif len(spans) == _MOST_SPANS:
            return None
        else:
            spans.append((key, 1))
    return spans
