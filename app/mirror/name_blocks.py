"""Where in the order of names a piece of a word occurs: a coarse index of the names of a big store.

The names of a store, in their order, are parted into blocks of a few hundred. For each piece (three letters
of a word, or the first two behind a blank) the index keeps a bit for each block that has a name with it. So a
search reads, in the order of names, the blocks that have all pieces of its words, and no others.

A bit may be set in vain: goods that went, or were renamed, leave theirs. None is ever missing.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, ForeignKey, LargeBinary, String, delete, func, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.data.types import BigId, sorted_text
from app.mirror.bulk_sql import insert_rows
from app.mirror.models import CachedProduct, StagedProduct
from app.mirror.staging import IS_STAGED, Staging

# Smaller stores are read from end to end as fast.
FEWEST = 3000
IN_BLOCK = 256
# So many names that came later make a block too big to be read for a page.
_MOST_ADDED = 512
# And so many all at once are read in order with all others as soon as one by one.
MANY_NAMES = 20_000
# A store that lost such a share of its goods has too many bits that are set in vain.
_LOST_SHARE = 4
_GRAM = 3
# The piece that each block has.
ANY = ""
# Sorts behind every name.
LAST = "\U0010ffff"
_ROWS_AT_ONCE = 2000

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_was = select(_cached.c.sort_name).where(_cached.c.id == _staged.c.cached_id).scalar_subquery()
_NAMES_BROUGHT = (
    select(_staged.c.sort_name)
    .where(IS_STAGED, or_(_staged.c.cached_id.is_(None), _staged.c.sort_name != _was))
    .limit(MANY_NAMES + 1)
)


class NameBlock(Base):
    """A stretch of a store's names: from `first_name` up to `end_name`, which is not in it.

    The blocks of a store hold every name there can be, and stay as they are until all are made anew: `built`
    is the run that made them. `added` counts the names that came into a block since.
    """

    __tablename__ = "name_blocks"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_name: Mapped[str] = mapped_column(sorted_text(255))
    end_name: Mapped[str] = mapped_column(sorted_text(255))
    added: Mapped[int] = mapped_column(default=0)
    built: Mapped[int] = mapped_column(BigId)


class NameGram(Base):
    """The blocks of a store in which a piece of a word occurs: bit by bit, the lowest of a byte first."""

    __tablename__ = "name_grams"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    store_evotor_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    gram: Mapped[str] = mapped_column(sorted_text(_GRAM), primary_key=True)
    blocks: Mapped[bytes] = mapped_column(LargeBinary)
    built: Mapped[int] = mapped_column(BigId)


class _Place(NamedTuple):
    user_id: int
    store_evotor_id: str

    def of(self, table: Any) -> tuple[Any, Any]:
        return table.user_id == self.user_id, table.store_evotor_id == self.store_evotor_id


def pieces_of(word: str, *, begins: bool) -> set[str]:
    """The pieces that a name must have in which the folded `word` stands, or `begins` a word."""
    pieces = {word[start : start + _GRAM] for start in range(len(word) - _GRAM + 1)}
    pieces = {piece for piece in pieces if " " not in piece}
    if begins:
        pieces |= {f" {part[:2]}" for part in word.split(" ") if len(part) > 1}
    return pieces


def names_brought(connection: Connection, staging: Staging) -> list[str]:
    """The folded names of new and of renamed goods, as many as `keep_names` asks for; none of a new store."""
    if not staging.existing:
        return []
    return list(connection.scalars(_NAMES_BROUGHT, staging.place))


def keep_names(
    connection: Connection, user_id: int, refresh_id: int, store_id: str, names: Sequence[str], removed: int
) -> None:
    """Take into the index what a run has brought into a store: folded `names`; `removed` goods went.

    Of more names than `MANY_NAMES` no more have to be given than show that: the index is then made anew. A
    store that had no goods before has none.
    """
    place = _Place(user_id, store_id)
    built = connection.scalar(select(NameGram.built).where(*place.of(NameGram), NameGram.gram == ANY))
    if built is not None:
        lost_many = removed and removed * _LOST_SHARE > _goods(connection, place)
        if not lost_many and len(names) <= MANY_NAMES and _add(connection, place, built, names):
            return
        forget_names(connection, user_id, store_id)
    if _goods(connection, place) >= FEWEST:
        _build(connection, place, refresh_id)


def forget_names(connection: Connection, user_id: int, store_id: str) -> None:
    """Drop the index of a store."""
    for table in (NameBlock, NameGram):
        connection.execute(delete(table).where(*_Place(user_id, store_id).of(table)))


def _goods(connection: Connection, place: _Place) -> int:
    return connection.scalar(select(func.count(CachedProduct.id)).where(*place.of(CachedProduct))) or 0


def _build(connection: Connection, place: _Place, built: int) -> None:
    starts = list[str]()
    bits: dict[str, bytearray] = {}
    for number, names in enumerate(_parted(_names(connection, place))):
        starts.append(names[0] if number else "")
        byte, bit = number >> 3, 1 << (number & 7)
        for gram in pieces_of_all(names):
            blocks = bits.get(gram)
            if blocks is None:
                blocks = bits[gram] = bytearray()
            if len(blocks) <= byte:
                blocks.extend(bytes(byte + 1 - len(blocks)))
            blocks[byte] |= bit
    ends = [*starts[1:], LAST]
    columns = ("user_id", "store_evotor_id", "number", "first_name", "end_name", "added", "built")
    rows = (
        (*place, number, *ends_of, 0, built) for number, ends_of in enumerate(zip(starts, ends, strict=True))
    )
    insert_rows(connection, NameBlock.__tablename__, columns, rows)
    _insert_grams(connection, place, built, bits)


def _add(connection: Connection, place: _Place, built: int, names: Sequence[str]) -> bool:
    """Set the bits of `names`; False when a block would become too big by them."""
    if not names:
        return True
    blocks = connection.execute(
        select(NameBlock.number, NameBlock.first_name, NameBlock.added)
        .where(*place.of(NameBlock))
        .order_by(NameBlock.number)
    ).all()
    starts = [first_name for _, first_name, _ in blocks]
    in_block: dict[int, list[str]] = {}
    for name in names:
        in_block.setdefault(bisect_right(starts, name) - 1, []).append(name)
    if any(blocks[number].added + len(come) > _MOST_ADDED for number, come in in_block.items()):
        return False
    wanted: dict[str, set[int]] = {}
    for number, come in in_block.items():
        of_block = (*place.of(NameBlock), NameBlock.number == number)
        connection.execute(update(NameBlock).where(*of_block).values(added=NameBlock.added + len(come)))
        for gram in pieces_of_all(come):
            wanted.setdefault(gram, set()).add(number)
    grams = sorted(wanted)
    for start in range(0, len(grams), _ROWS_AT_ONCE):
        part = grams[start : start + _ROWS_AT_ONCE]
        these = (*place.of(NameGram), NameGram.gram.in_(part))
        known = dict(connection.execute(select(NameGram.gram, NameGram.blocks).where(*these)).all())
        changed: dict[str, bytearray] = {}
        for gram in part:
            before = known.get(gram, b"")
            after = _with_bits(before, wanted[gram])
            if after != before:
                changed[gram] = after
        gone = (*place.of(NameGram), NameGram.gram.in_([gram for gram in changed if gram in known]))
        connection.execute(delete(NameGram).where(*gone))
        _insert_grams(connection, place, built, changed)
    return True


def _with_bits(blocks: bytes, numbers: Iterable[int]) -> bytearray:
    changed = bytearray(blocks)
    for number in numbers:
        byte = number >> 3
        if len(changed) <= byte:
            changed.extend(bytes(byte + 1 - len(changed)))
        changed[byte] |= 1 << (number & 7)
    return changed


def _insert_grams(connection: Connection, place: _Place, built: int, bits: dict[str, bytearray]) -> None:
    columns = ("user_id", "store_evotor_id", "gram", "blocks", "built")
    rows = ((*place, gram, bytes(blocks), built) for gram, blocks in bits.items())
    insert_rows(connection, NameGram.__tablename__, columns, rows)


def _names(connection: Connection, place: _Place) -> Iterator[str]:
    """The folded names of a store in their order."""
    names = select(CachedProduct.sort_name).where(*place.of(CachedProduct)).order_by(CachedProduct.sort_name)
    rows = connection.execute(names, execution_options={"yield_per": _ROWS_AT_ONCE})
    for part in rows.scalars().partitions():
        yield from part


def _parted(names: Iterable[str]) -> Iterator[list[str]]:
    """Part names into blocks; equal ones stay together. There is a block also of none."""
    block = list[str]()
    for name in names:
        if len(block) >= IN_BLOCK and name != block[-1]:
            yield block
            block = []
        block.append(name)
    yield block or [""]


def pieces_of_all(names: list[str]) -> set[str]:
    """The pieces of all words of folded names, and the one that every block has."""
    words = set(" ".join(names).split(" "))
    pieces = {word[start : start + _GRAM] for word in words for start in range(len(word) - _GRAM + 1)}
    pieces.update([f" {word[:2]}" for word in words if len(word) > 1])
    pieces.add(ANY)
    return pieces
