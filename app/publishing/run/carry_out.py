"""A run from its first look to its last call: the steps of its agenda, one batch after the other."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from app.clients.errors import CloudError
from app.data.db import db
from app.data.types import now
from app.publishing.ledger.of_run import handled_by
from app.publishing.ledger.others import OthersAdded
from app.publishing.planning.pace import Cost, Kind, Pace, cost_of
from app.publishing.planning.plan import CHANGE, CREATE, DONE_BY_RUN, HIDE, SHOW
from app.publishing.planning.steps import Phase, Step
from app.publishing.run import refusals
from app.publishing.run.agenda import Agenda
from app.publishing.run.album_work import AlbumWork
from app.publishing.run.apply import BATCH, Applier, PictureTakenAway
from app.publishing.run.batches import batches, mark_of
from app.publishing.run.models import Publication
from app.publishing.run.ready import Ready
from app.publishing.run.settling import note_behind, note_settled
from app.publishing.run.taking_back import note_begun
from app.publishing.run.turns import give_way
from app.words import gettext_noop
from app.work.runs.running import Running

# A price that changes while thousands of goods are being added is seen after so long.
LOOK_AGAIN_SECONDS = 20.0
UNKNOWN_AT_MOST = 3

_WORDS = {
    Phase.HIDE: gettext_noop("Снимаем с публикации"),
    Phase.PRICE: gettext_noop("Меняем цены"),
    Phase.STOCK: gettext_noop("Меняем остатки"),
    Phase.SHOW: gettext_noop("Возвращаем в публикацию"),
    Phase.TEXT: gettext_noop("Меняем описания"),
    Phase.NEW: gettext_noop("Добавляем товары"),
    Phase.ALBUMS: gettext_noop("Раскладываем по подборкам"),
    Phase.PHOTOS: gettext_noop("Меняем фото"),
}
_COLUMNS = {CREATE: "to_create", CHANGE: "to_change", HIDE: "to_hide", SHOW: "to_show"}
_Write = Callable[[list[Ready]], None]


class CarryingOut:
    """One run at work; its `agenda` knows what is left."""

    def __init__(
        self, running: Running[Publication], agenda: Agenda, applier: Applier, albums: AlbumWork, pace: Pace
    ) -> None:
        self.agenda = agenda
        self._running = running
        self._applier = applier
        self._albums = albums
        self._pace = pace
        self._cost_left = Cost(0, 0)
        self._is_measured = False
        # The kind of what was handled, by sku.
        self._did: dict[str, str] = {}
        handled = handled_by(running.id)
        self._is_begun = bool(handled)
        applier.go_on_after(handled)
        self._did.update((each.sku, each.action) for each in handled if each.action in DONE_BY_RUN)
        self._unknown = 0
        # What is to be done has been looked at anew while some of it was carried out.
        self._is_overtaken = False

    def go(self) -> None:
        """Do everything that the plan asks for, in its order.

        Raises Held when the plan is unusual, or becomes so, CloudError when VK stops the run, RunStopped, and
        GivesWay when others wait and it is their turn.
        """
        while (todo := self._looked()) or self._albums.is_left:
            if not self._is_begun:
                self._is_begun = True
                note_begun(self._running)
            try:
                is_left = self._do(todo)
            except CloudError as error:
                self._unknown += 1
                if not refusals.is_unknown(error) or self._unknown > UNKNOWN_AT_MOST:
                    raise
                self.agenda.begin_anew()
                self._albums.look_again()
            else:
                if is_left:
                    give_way(self._running)
        if self.agenda.plan is not None:
            db.session.rollback()
            note_settled(self._running, self.agenda.plan.settled)
            note_behind(self._running, self.agenda.plan.behind)

    def snapshot(self) -> dict[str, Any]:
        """The columns of the run's row that show how far it is."""
        if not self.agenda.has_looked:
            # What it had left when it was put aside it still has.
            return {"step": self.agenda.busy_with, "confirmed": self.agenda.words, "ends_at": None}
        # What was put off is counted with all that wait.
        put_off = self._applier.put_off | self.agenda.unanswered
        did = {sku: kind for sku, kind in self._did.copy().items() if sku not in put_off}
        plan = self.agenda.plan
        return {
            **_counts(did, self.agenda.left),
            "blocked": plan.counts["blocked"] if plan else self.agenda.left_alone,
            "done": self._applier.done,
            "failed": self._applier.failed,
            "step": self.agenda.busy_with,
            "confirmed": self.agenda.words,
            "ends_at": self._ends_at(),
        }

    @property
    def seconds_a_good(self) -> float:
        """How long a new good with its picture takes at the pace that was measured."""
        return self._pace.seconds_for(Cost(1, 1 / BATCH))

    def _ends_at(self) -> datetime | None:
        if not self._is_measured:
            return None
        return now() + timedelta(seconds=self._pace.seconds_for(self._cost_left))

    def _looked(self) -> list[Step]:
        started = time.monotonic()
        todo = self.agenda.look()
        self._cost_left = cost_of(todo)
        if self._is_measured:
            self._pace.note_beside(time.monotonic() - started)
        return todo

    def _do(self, todo: list[Step]) -> bool:
        """Carry steps out until it is time to look again; tell whether that came before the end."""
        look_again = time.monotonic() + LOOK_AGAIN_SECONDS
        self._is_overtaken = False
        for phase, batch in batches(todo):
            if phase >= Phase.ALBUMS:
                self._make_albums()
            self.agenda.busy_with = _WORDS[phase]
            if phase == Phase.NEW:
                # Before pictures are sent that would be sent anew in another turn.
                self.agenda.wait_for_others()
            if phase in (Phase.NEW, Phase.PHOTOS):
                write = self._add if phase == Phase.NEW else self._applier.change
                self._send_pictures(write, batch, look_again)
            elif phase == Phase.ALBUMS:
                self._finished(batch, self._albums.fill(batch))
            else:
                self._write(self._applier.change, [Ready.of(step) for step in batch], batch)
            if time.monotonic() > look_again or self.agenda.is_category_open or self._is_overtaken:
                return True
        self._make_albums()
        self._albums.remove()
        return False

    def _make_albums(self) -> None:
        if self._albums.is_left:
            self.agenda.busy_with = gettext_noop("Делаем подборки")
            self._albums.make()

    def _send_pictures(self, write: _Write, batch: list[Step], look_again: float) -> None:
        """Send pictures of as many listings as time allows, one at least, then write these in one call."""
        ready: list[Ready] = []
        for step in batch:
            try:
                with self._measured(Kind.PICTURE, cost_of([step]).pictures):
                    ready += self._applier.with_pictures([step])
            except PictureTakenAway:
                self._is_overtaken = True
            else:
                self._finished([step])
            if time.monotonic() > look_again:
                break
        if ready:
            self._write(write, ready, [])

    def _add(self, ready: list[Ready]) -> None:
        """Add goods; where other accounts have added some meanwhile, those that are not among them."""
        while ready:
            try:
                return self._applier.add(ready)
            except OthersAdded:
                self._is_overtaken = True
                for each in ready:
                    self._did.pop(each.step.item.sku, None)
                wanted = set(map(mark_of, self.agenda.look_after_others(each.step for each in ready)))
                ready = [each for each in ready if mark_of(each.step) in wanted]
                self._finished([each.step for each in ready])

    def _write(self, write: _Write, ready: list[Ready], done: list[Step]) -> None:
        """Make one writing call; steps that are `done` by it are not tried again."""
        with self._measured(Kind.WRITING, 1):
            write(ready)
        self._finished(done)

    @contextmanager
    def _measured(self, kind: Kind, calls: float) -> Iterator[None]:
        started = time.monotonic()
        yield
        self._pace.note(kind, calls, time.monotonic() - started)
        self._is_measured = True

    def _finished(self, batch: list[Step], handled: Collection[str] | None = None) -> None:
        """Note what was tried; `handled` are the skus of those that came to something, None for all."""
        cost = cost_of(batch)
        left = self._cost_left
        self._cost_left = Cost(max(0.0, left.pictures - cost.pictures), max(0.0, left.writing - cost.writing))
        self.agenda.tick_off(batch)
        for step in batch:
            if handled is None or step.item.sku in handled:
                self._did.setdefault(step.item.sku, step.item.kind)


def _counts(did: Mapping[str, str], left: Mapping[str, str]) -> dict[str, int]:
    """How many goods a run is about; given is the kind of what was handled and of what is left, by sku.

    What is left of a good that was handled counts once.
    """
    kinds = Counter(did.values()) + Counter(kind for sku, kind in left.items() if sku not in did)
    counts = {column: kinds[kind] for kind, column in _COLUMNS.items()}
    return {**counts, "total": sum(counts.values())}
