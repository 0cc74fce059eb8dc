"""The stretches of a store's names in which a search may find something: see `app.mirror.name_blocks`."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    func,
    or_,
    select,
    true,
)

from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import FOUND, Walk
from app.catalog.lists.shelf import Shelf, in_store
from app.data.db import db
from app.mirror.models import CachedProduct
from app.mirror.name_blocks import ANY, LAST, NameBlock, NameGram
from app.mirror.search import begins_name, pieces

# A statement looks into so many blocks at first, and into four times as many each time after that.
AT_FIRST = 16
_MORE_EACH_TIME = 4

_goods = CachedProduct.__table__.c
_blocks = NameBlock.__table__.c
_grams = NameGram.__table__.c


class Range(NamedTuple):
    """Names from `first` up to `end`, which is not among them."""

    first: str
    end: str


class NameRanges:
    """The blocks of a store that have the pieces of a search's words.

    begin: how many names begin with all of it, counted to one more than `FOUND`. with_words: the numbers of
    the blocks that may have names with every word; beginning: of those that may have names in which every
    word begins a word.
    """

    def __init__(
        self, shelf: Shelf, built: int, begin: int, with_words: list[int], beginning: list[int]
    ) -> None:
        self._place = shelf.user_id, shelf.store_id
        self._built = built
        self.begin = begin
        self._known = dict[int, Range]()
        self.with_words = with_words
        self.beginning = beginning

    def few(self) -> list[Range] | None:
        """All blocks that may have the words when they are few, else None."""
        is_few = len(self.with_words) <= AT_FIRST
        return self._ranges(self.with_words) if is_few else None

    def sample(self) -> list[Range]:
        """The first blocks that may have the words."""
        return self._ranges(self.with_words[: 2 * AT_FIRST]) or []

    def along(self, walk: Walk, numbers: list[int]) -> Iterator[tuple[list[Range], Range]]:
        """Give the ranges of blocks that a walk comes by, some at a time, and the stretch they are all of."""
        here = "" if walk.start is None else str(walk.start[0])
        if walk.start is not None:
            number = self._number_of(here)
            numbers = [each for each in numbers if (each <= number if walk.downwards else each >= number)]
        numbers = numbers[::-1] if walk.downwards else numbers
        if not numbers:
            yield [], Range("", LAST)
            return
        done, length = 0, AT_FIRST
        edge = LAST if walk.downwards else ""
        while True:
            part = numbers[done : done + length]
            done, length = done + len(part), length * _MORE_EACH_TIME
            ranges = self._ranges(sorted(part))
            if ranges is None:
                # Its numbers mean other blocks now.
                rest = Range("", edge) if walk.downwards else Range(edge, LAST)
                yield [rest], rest
                return
            is_last = done >= len(numbers)
            if walk.downwards:
                stretch = Range("" if is_last else ranges[0].first, edge)
                edge = stretch.first
            else:
                stretch = Range(edge, LAST if is_last else ranges[-1].end)
                edge = stretch.end
            yield ranges, stretch
            if is_last:
                return

    def _number_of(self, name: str) -> int:
        found = select(func.max(_blocks.number)).where(*self._here(_blocks), _blocks.first_name <= name)
        return db.session.scalar(found) or 0

    def _ranges(self, numbers: list[int]) -> list[Range] | None:
        """The names of blocks, with neighbours as one range."""
        unknown = [number for number in numbers if number not in self._known]
        if unknown:
            wanted = select(_blocks.number, _blocks.first_name, _blocks.end_name).where(
                *self._here(_blocks), _blocks.number.in_(unknown), _blocks.built == self._built
            )
            rows = db.session.connection().execute(wanted).all()
            if len(rows) != len(unknown):
                return None
            self._known |= {number: Range(first, end) for number, first, end in rows}
        ranges = list[Range]()
        for first, end in map(self._known.__getitem__, numbers):
            if ranges and ranges[-1].end == first:
                ranges[-1] = Range(ranges[-1].first, end)
            else:
                ranges.append(Range(first, end))
        return ranges

    def _here(self, columns: Any) -> tuple[ColumnElement[bool], ...]:
        user_id, store_id = self._place
        return columns.user_id == user_id, columns.store_evotor_id == store_id


def find_ranges(shelf: Shelf, query: ListQuery) -> NameRanges | None:
    """Look up which blocks of names a search has to look into; None where there is no index of them.

    Only a store has one, and only a big one. A list that is narrowed by more than the search does not use it.
    """
    if shelf.store_id is None or shelf.groups is not None or not query.is_narrowed_only_by("q"):
        return None
    q = query.q
    with_words, beginning = pieces(q, begins=False), pieces(q, begins=True)
    if not beginning:
        return None
    rows = db.session.connection().execute(
        select(_grams.gram, _grams.blocks, _grams.built, _begin(shelf, q)).where(
            _grams.user_id == shelf.user_id,
            _grams.store_evotor_id == shelf.store_id,
            _grams.gram.in_(sorted({ANY, *beginning})),
        )
    )
    bits: dict[str, int] = {}
    built = begin = 0
    for gram, blocks, built, begin in rows:  # noqa: B007 (all rows have the same)
        bits[gram] = int.from_bytes(blocks, "little")
    if ANY not in bits:
        return None
    return NameRanges(shelf, built, begin, _in_all(bits, with_words), _in_all(bits, beginning))


def _begin(shelf: Shelf, q: str) -> ColumnElement[int]:
    begin = select(_goods.id).where(*in_store(shelf), begins_name(_goods.sort_name, q)).limit(FOUND + 1)
    return select(func.count()).select_from(begin.subquery("beginning")).scalar_subquery()


def within(shelf: Shelf, goods: Select[Any], ranges: list[Range]) -> Select[Any]:
    """Those of `goods`, a statement over all goods, whose names lie in the ranges: the same columns."""
    if db.engine.dialect.name == "sqlite":
        # With the store out of the ranges as well, nothing but they can lead to the index of names.
        named = json.dumps([[shelf.user_id, shelf.store_id, *names] for names in ranges])
        spans = func.json_each(named).table_valued("value", name="spans")
        user_id, store_id, first, end = (func.json_extract(spans.c.value, f"$[{n}]") for n in range(4))
        here = _goods.user_id == user_id, _goods.store_evotor_id == store_id
        return goods.where(*here, _goods.sort_name >= first, _goods.sort_name < end)
    spans = (
        func.unnest(*(cast([names[n] for names in ranges], ARRAY(Text)) for n in range(2)))
        .table_valued("first", "end", name="spans")
        .render_derived(name="spans")
    )
    here = _goods.sort_name >= spans.c.first, _goods.sort_name < spans.c.end
    # OFFSET keeps it a statement of its own, so that there is one look into the index for each range.
    part = goods.where(*in_store(shelf), *here).offset(0).correlate(spans).lateral("part")
    return select(*part.c).select_from(spans.join(part, true()))


def next_in(shelf: Shelf, walk: Walk, fits: ColumnElement[bool], ranges: list[Range]) -> Select[Any]:
    """The next goods in the order of names that fit and lie in the ranges: id, and name as `sort_key`."""
    goods = select(_goods.id, _goods.sort_name.label("sort_key")).where(
        fits, is_beyond(walk, _goods.sort_name, _goods.id)
    )
    found = within(shelf, goods, ranges)
    row_id, key = found.selected_columns
    return found.order_by(*walk.order(key, row_id)).limit(walk.limit)


def is_beyond(walk: Walk, name: ColumnElement[Any], row_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a good of this name comes after the walk's start in the order of names."""
    if walk.start is None:
        return true()
    start, start_id = walk.start
    if walk.downwards:
        return and_(name <= start, or_(name < start, row_id < start_id))
    return and_(name >= start, or_(name > start, row_id > start_id))


def _in_all(bits: dict[str, int], wanted: set[str]) -> list[int]:
    """The numbers of the blocks that have all the wanted pieces."""
    found = bits[ANY]
    for piece in wanted:
        found &= bits.get(piece, 0)
    return [place for place, bit in enumerate(bin(found)[:1:-1]) if bit == "1"]
