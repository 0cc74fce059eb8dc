"""A run from its first look to its last call: plan, hold or go, plan again, end."""

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from app.data.db import db
from app.data.types import now
from app.publishing.current import current_plan
from app.publishing.ledger.writing import handled_by
from app.publishing.planning.pace import Cost, Kind, Pace, cost_of
from app.publishing.planning.plan import CREATE, DONE_BY_RUN, Plan
from app.publishing.planning.steps import Phase, Step, steps
from app.publishing.run.album_work import AlbumWork
from app.publishing.run.apply import BATCH, Applier, Interrupted
from app.publishing.run.approving import goes_on_unseen, still_approved
from app.publishing.run.batches import Mark, batches, mark_of
from app.publishing.run.counts import counts_of
from app.publishing.run.held import Held
from app.publishing.run.models import UNDO, Publication
from app.publishing.run.reading import Reader
from app.publishing.run.ready import Ready
from app.publishing.run.settling import note_settled
from app.publishing.run.undo import undo_steps
from app.publishing.run.undo_albums import albums_before
from app.work.runs.running import Running

# A price that changes while thousands of goods are being added is seen after so long.
LOOK_AGAIN_SECONDS = 20.0
# VK may show what it has just done a moment later.
LOOK_UP_SECONDS = 2.0
UNKNOWN_AT_MOST = 3

_WORDS = {
    Phase.HIDE: "Снимаем с публикации",
    Phase.PRICE: "Меняем цены",
    Phase.STOCK: "Меняем остатки",
    Phase.SHOW: "Возвращаем в публикацию",
    Phase.TEXT: "Меняем описания",
    Phase.NEW: "Добавляем товары",
    Phase.ALBUMS: "Раскладываем по подборкам",
    Phase.PHOTOS: "Меняем фото",
}
_Write = Callable[[list[Ready]], None]


class CarryingOut:
    """One run at work. `plan` is the last plan that was made, None for a run that takes another one back."""

    def __init__(
        self, running: Running[Publication], applier: Applier, reader: Reader, albums: AlbumWork, pace: Pace
    ) -> None:
        self._running = running
        self._row = running.row
        self._applier = applier
        self._reader = reader
        self._albums = albums
        self._pace = pace
        self._cost_left = Cost(0, 0)
        self._is_measured = False
        self._tried: set[Mark] = set()
        # By sku: the kind of what was handled, of what is still to be, and what VK gave no answer about.
        self._did: dict[str, str] = {}
        self._left: dict[str, str] = {}
        self._unanswered: set[str] = set()
        handled = handled_by(running.id)
        applier.go_on_after(handled)
        self._did.update((each.sku, each.action) for each in handled if each.action in DONE_BY_RUN)
        self._goes_on_unseen = goes_on_unseen(self._row)
        self._unknown = 0
        self._others_seen = 0
        self._are_categories_read = False
        # The owner's words that are not spent yet.
        self._words: list[str] = self._row.confirmed
        self._step = "Составляем план"
        self._has_looked = False
        self.plan: Plan | None = None

    def go(self) -> None:
        """Do everything that the plan asks for, in its order.

        Raises Held before the first call, Interrupted when VK does not let the run go on, RunStopped.
        """
        while (todo := self._looked()) or self._albums.is_left:
            try:
                self._do(todo)
            except Interrupted as error:
                self._unknown += 1
                if not error.is_unknown or self._unknown > UNKNOWN_AT_MOST:
                    raise
                self._tried.clear()
                self._albums.look_again()
        if self.plan is not None:
            db.session.rollback()
            note_settled(self._running, self.plan.settled)

    def snapshot(self) -> dict[str, Any]:
        """The columns of the run's row that show how far it is."""
        if not self._has_looked:
            # What it had left when it was put aside it still has.
            return {"step": self._step, "confirmed": self._words, "ends_at": None}
        # What was put off is counted with all that wait.
        put_off = self._applier.put_off | self._unanswered
        did = {sku: kind for sku, kind in self._did.copy().items() if sku not in put_off}
        return {
            **counts_of(did, self._left),
            "blocked": self.plan.counts["blocked"] if self.plan else 0,
            "done": self._applier.done,
            "failed": self._applier.failed,
            "step": self._step,
            "confirmed": self._words,
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
        todo = self._todo()
        if self._is_measured:
            self._pace.note_beside(time.monotonic() - started)
        return todo

    def _todo(self) -> list[Step]:
        """Look again at what there is to do; what was tried is not tried twice."""
        if self._reader.is_needed() or self._applier.met_others > self._others_seen:
            self._others_seen = self._applier.met_others
            self._read()
        if self._is_category_open:
            self._are_categories_read = True
            self._reader.read_categories()
        found = self._taken_back() if self._row.origin == UNDO else self._planned()
        # What the reading could not settle may be in VK already.
        todo = [step for step in found if mark_of(step) not in self._tried and not step.item.look_up]
        if self._applier.is_full:
            todo = [step for step in todo if step.phase != Phase.NEW]
        self._unanswered = {step.item.sku for step in found if step.item.look_up}
        self._left = {step.item.sku: step.item.kind for step in todo}
        self._cost_left = cost_of(todo)
        self._has_looked = True
        return todo

    @property
    def _is_category_open(self) -> bool:
        """Whether VK's tree has to be read before more goods of a category are refused one by one."""
        return self._applier.met_lost_category and not self._are_categories_read

    def _taken_back(self) -> list[Step]:
        found = undo_steps(self._row)
        self._albums.take(albums_before(self._row).changes)
        return found

    def _planned(self) -> list[Step]:
        # What other processes wrote since the last look.
        db.session.rollback()
        plan = current_plan(self._row.user_id, self._row.community_id)
        if self._row.only:
            store_id, product_id = self._row.only
            plan = plan.only((store_id, product_id))
        elif self._goes_on_unseen:
            plan = still_approved(self._row, plan)
        if self._albums.must_read(plan):
            self._albums.read()
            return self._planned()
        if plan.counts[CREATE] and self._reader.may_have_forgotten():
            self._read()
            return self._planned()
        self.plan = plan
        holds = [hold for hold in plan.holds if not hold.is_confirmed(self._words)]
        # What a word was about is done, once nothing asks for it: what is alike later on is something else.
        asked = {hold.code for hold in plan.holds}
        self._words = [word for word in self._words if word.partition(" ")[0] in asked]
        if holds and plan.has_work:
            raise Held(holds)
        self._albums.take(plan.albums.changes if plan.albums else ())
        return steps(plan)

    def _read(self) -> None:
        self._step = "Смотрим, что уже есть во ВКонтакте"
        self._running.sleep(LOOK_UP_SECONDS if self._unknown else 0)
        self._reader.read()

    def _do(self, todo: list[Step]) -> None:
        """Carry steps out until it is time to look again."""
        look_again = time.monotonic() + LOOK_AGAIN_SECONDS
        for phase, batch in batches(todo):
            if phase >= Phase.ALBUMS:
                self._make_albums()
            self._step = _WORDS[phase]
            if phase in (Phase.NEW, Phase.PHOTOS):
                write = self._applier.add if phase == Phase.NEW else self._applier.change
                self._send_pictures(write, batch, look_again)
            elif phase == Phase.ALBUMS:
                self._finished(batch, self._albums.fill(batch))
            else:
                self._write(self._applier.change, [Ready.of(step) for step in batch], batch)
            if time.monotonic() > look_again or self._is_category_open:
                return
        self._make_albums()
        self._albums.remove()

    def _make_albums(self) -> None:
        if self._albums.is_left:
            self._step = "Делаем подборки"
            self._albums.make()

    def _send_pictures(self, write: _Write, batch: list[Step], look_again: float) -> None:
        """Send the pictures of as many listings as there is time for, then write these in one call."""
        ready: list[Ready] = []
        for step in batch:
            if time.monotonic() > look_again:
                break
            with self._measured(Kind.PICTURE, cost_of([step]).pictures):
                ready += self._applier.with_pictures([step])
            self._finished([step])
        if ready:
            self._write(write, ready, [])

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
        self._tried.update(map(mark_of, batch))
        for step in batch:
            if handled is None or step.item.sku in handled:
                self._did.setdefault(step.item.sku, step.item.kind)
