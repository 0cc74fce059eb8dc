"""Albums made, renamed and taken back, before goods go into them."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from app.clients.errors import CloudError, UnknownOutcome
from app.clients.vk.call import Call
from app.data.parts import in_parts
from app.publishing.ledger.album_writing import (
    AlbumOutcome,
    adopt_albums,
    forget_album_intents,
    intend_albums,
    note_no_room,
    record_albums,
    refused_albums,
)
from app.publishing.ledger.numbers import known_albums
from app.publishing.planning.albums import ADOPT, MAKE, REMOVE, RENAME, AlbumChange
from app.publishing.run import refusals
from app.publishing.run.apply import BATCH
from app.publishing.run.models import Publication
from app.publishing.run.numbers import Given, misgiven
from app.publishing.run.shop import Shop
from app.publishing.run.turns import give_way
from app.work.runs.running import Running

_Asked = tuple[AlbumChange, int, Call[Any]]


class AlbumMaker:
    """Carries out what has to be done about albums in one run; each step commits what it did.

    Raises CloudError where VK stops the run, RunStopped before a call when it must end, GivesWay. After an
    UnknownOutcome albums that may have been made stay marked as `sending`.
    """

    def __init__(self, running: Running[Publication], shop: Shop) -> None:
        self._running = running
        self._shop = shop
        # Kinds and titles, over all turns.
        self.refused = refused_albums(running.id)
        # The community takes no more albums.
        self.is_full = False

    def carry_out(self, changes: Iterable[AlbumChange]) -> None:
        """Take back for ours, change and make."""
        changes = list(changes)
        if adopted := [change for change in changes if change.kind == ADOPT]:
            adopt_albums(self._running, adopted)
        self._change([change for change in changes if change.kind in (RENAME, REMOVE)])
        self._make([change for change in changes if change.kind == MAKE])

    def _make(self, changes: Sequence[AlbumChange]) -> None:
        for part in in_parts(changes, BATCH):
            if self.is_full:
                return
            self._running.check()
            rows = intend_albums(self._running, part)
            self._send(
                [
                    (change, row_id, self._shop.make_album(change.title))
                    for change, row_id in zip(part, rows, strict=True)
                ]
            )
            give_way(self._running)

    def _change(self, changes: Sequence[AlbumChange]) -> None:
        for part in in_parts(changes, BATCH):
            self._running.check()
            ids = [change.entry.album_id for change in part if change.entry and change.entry.album_id]
            shown = self._shop.albums(ids)
            asked: list[_Asked] = []
            gone: list[AlbumOutcome] = []
            for change in part:
                if change.entry is None or change.entry.album_id is None:
                    continue
                album = shown.get(change.entry.album_id)
                if album is None:
                    gone.append(
                        AlbumOutcome(change, change.entry.row_id, change.entry.album_id, is_gone=True)
                    )
                elif change.kind == REMOVE:
                    # Somebody may have put something of their own into it.
                    if not album.size:
                        asked.append((change, change.entry.row_id, self._shop.remove_album(album.id)))
                else:
                    # Its cover and its place are the owner's: VK takes what is left out for none.
                    asked.append((change, change.entry.row_id, self._shop.rename_album(album, change.title)))
            record_albums(self._running, gone)
            if asked:
                self._send(asked)
            if asked or gone:
                give_way(self._running)

    def _send(self, asked: Sequence[_Asked]) -> None:
        noted: list[AlbumOutcome] = []
        unsent: list[int] = []
        without_room: list[int] = []
        stopping: CloudError | None = None
        answered = list(zip(asked, self._shop.together([call for _, _, call in asked]), strict=True))
        made = [
            Given(change.title, value)
            for (change, _, _), (_, value, error, _) in answered
            if error is None and value is not None and change.kind == MAKE
        ]
        others = misgiven(made, partial(known_albums, self._running), self._shop.titles)
        for (change, row_id, _), (_, value, error, may_be_done) in answered:
            known = change.entry.album_id if change.entry and change.kind != MAKE else None
            if error is None and known is None and change.title in others:
                stopping = stopping or UnknownOutcome("market.addAlbum: the number is another's")
            elif error is None:
                noted.append(AlbumOutcome(change, row_id, known or value))
            elif refusals.is_full_of_albums(error):
                self.is_full = True
                without_room.append(row_id)
            elif refusals.is_of_one_good(error):
                is_gone = known is not None and refusals.is_album_gone(error)
                problem = None if is_gone else refusals.problem_of(error, refusals.NO_ALBUM)
                noted.append(AlbumOutcome(change, row_id, known, problem, is_gone))
            else:
                stopping = stopping or error
                if not may_be_done:
                    unsent.append(row_id)
        record_albums(self._running, noted)
        if without_room:
            note_no_room(self._running, without_room)
        if unsent:
            forget_album_intents(self._running, unsent)
        for change, _, _, problem, _ in noted:
            (self.refused.add if problem else self.refused.discard)((change.kind, change.title))
        if stopping is not None:
            raise stopping
