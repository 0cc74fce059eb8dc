"""Goods put into albums and taken out of them, as few calls as that takes, and what became of each."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.clients.errors import CloudError
from app.clients.vk.call import Call
from app.data.parts import in_parts
from app.publishing.ledger.album_writing import Book, album_book, intend_moves, note_gone, note_groups
from app.publishing.ledger.of_run import Problem
from app.publishing.ledger.writing import Outcome, record
from app.publishing.planning.existing import ALBUMS
from app.publishing.planning.good import Key
from app.publishing.planning.steps import Step
from app.publishing.run import refusals
from app.publishing.run.apply import BATCH
from app.publishing.run.models import Publication
from app.publishing.run.shop import Shop
from app.publishing.run.turns import give_way
from app.work.runs.running import Running

# VK takes a list of listings for an album; when it refuses one of them, each is sent by itself.
LISTINGS_A_CALL = 100


@dataclass
class _Move:
    """One listing on its way: the albums of ours that hold it, and the one that is to."""

    step: Step
    item_id: int
    listing_id: int
    held: set[int]
    target: int | None
    was: set[int] = field(default_factory=set)
    problem: Problem | None = None
    is_gone: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_gone or self.problem is not None

    @property
    def is_told(self) -> bool:
        """Whether there is something to write down."""
        return self.is_over or self.held != self.was


class _Put(NamedTuple):
    """One call: listings into an album, or one out of it."""

    moves: Sequence[_Move]
    album_id: int
    call: Call[Any]
    is_in: bool


class AlbumFiller:
    """Fills albums in one run by difference; `fill` commits what it did, also when it is interrupted."""

    def __init__(
        self, running: Running[Publication], shop: Shop, count: Callable[[Iterable[Outcome]], None]
    ) -> None:
        self._running = running
        self._shop = shop
        self._count = count
        self._gone: set[int] = set()

    def fill(self, steps: Iterable[Step]) -> list[Outcome]:
        """Put each listing where its step says, and give what became of those that were tried.

        Those whose album is not in VK are left out. Raises CloudError, RunStopped, GivesWay.
        """
        book = album_book(self._running)
        moves = [move for step in steps if (move := _move(step, book)) is not None]
        outcomes: list[Outcome] = []
        if moves:
            intend_moves(self._running, [move.listing_id for move in moves])
        try:
            self._send(self._into(moves))
            self._send(self._out_of(moves))
        finally:
            outcomes += [_outcome(move, book) for move in moves if move.is_told]
            # First: the counts are written with them, and a run that is put aside comes here no more.
            self._count(outcomes)
            record(self._running, outcomes)
            note_groups(self._running, _groups(moves))
            note_gone(self._running, self._gone)
        return outcomes

    def _into(self, moves: Iterable[_Move]) -> Iterator[_Put]:
        wanted: defaultdict[int, list[_Move]] = defaultdict(list)
        for move in moves:
            if move.target is not None and move.target not in move.held:
                wanted[move.target].append(move)
        for album_id, found in wanted.items():
            for part in in_parts(found, LISTINGS_A_CALL):
                yield self._put(part, album_id)

    def _out_of(self, moves: Iterable[_Move]) -> Iterator[_Put]:
        for move in moves:
            # What could not be put where it belongs stays where it is.
            for album_id in sorted(move.held - {move.target}) if not move.is_over else ():
                yield _Put([move], album_id, self._shop.take_out(move.item_id, album_id), is_in=False)

    def _put(self, moves: Sequence[_Move], album_id: int) -> _Put:
        return _Put(moves, album_id, self._shop.put([move.item_id for move in moves], album_id), is_in=True)

    def _send(self, puts: Iterable[_Put]) -> None:
        """Make the calls, up to 25 in one request; of a list that was refused each listing by itself."""
        for part in in_parts(puts, BATCH):
            self._running.check()
            singly: list[_Put] = []
            stopping: CloudError | None = None
            for put, (_, _, error, _) in zip(
                part, self._shop.together([each.call for each in part]), strict=True
            ):
                if error is None:
                    _done(put)
                elif refusals.is_album_gone(error):
                    self._gone.add(put.album_id)
                elif not (refusals.is_of_one_good(error) or refusals.is_album_full(error)):
                    stopping = stopping or error
                elif len(put.moves) > 1:
                    singly += [self._put([move], put.album_id) for move in put.moves]
                else:
                    _refused(put.moves[0], error)
            if stopping is not None:
                raise stopping
            if singly:
                self._send(singly)
            give_way(self._running)


def _move(step: Step, book: Book) -> _Move | None:
    entry, title = step.item.entry, step.fields[ALBUMS]
    target = None if title is None else book.by_title(title)
    if entry is None or entry.item_id is None or (title is not None and target is None):
        return None
    held = {album_id for album_id in entry.now(ALBUMS, ()) if album_id in book.titles}
    return _Move(step, entry.item_id, entry.listing_id, held, target, set(held))


def _done(put: _Put) -> None:
    for move in put.moves:
        (move.held.add if put.is_in else move.held.discard)(put.album_id)


def _refused(move: _Move, error: CloudError) -> None:
    move.is_gone = refusals.is_gone(error)
    if not move.is_gone:
        move.problem = refusals.problem_of(error, refusals.NOT_PUT)


def _groups(moves: Iterable[_Move]) -> dict[int, set[Key]]:
    found: defaultdict[int, set[Key]] = defaultdict(set)
    for move in moves:
        want = move.step.item.want
        if want is not None and want.good.group_id is not None and move.target in move.held:
            found[move.target or 0].add((want.good.store_id, want.good.group_id))
    return found


def _outcome(move: _Move, book: Book) -> Outcome:
    item = move.step.item
    is_refused = move.problem is not None
    albums = [move.target] if is_refused else sorted(move.held)
    return Outcome(
        action=item.kind,
        listing_id=move.listing_id,
        item_id=move.item_id,
        key=item.key,
        name=item.name,
        fields={ALBUMS: albums},
        problem=move.problem,
        is_gone=move.is_gone,
        moved=(book.named(move.was), move.step.fields[ALBUMS] if is_refused else book.named(move.held)),
    )
