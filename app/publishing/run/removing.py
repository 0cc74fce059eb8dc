"""Listings deleted in VK on their owner's word, and brought back as long as VK lets."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.clients.errors import CloudError
from app.clients.vk.call import Call
from app.data.parts import in_parts
from app.publishing.ledger.asked import Asked
from app.publishing.ledger.of_run import Problem, handled_by, refused_for
from app.publishing.ledger.others import OthersAdded
from app.publishing.ledger.removing import (
    DELETED,
    Doomed,
    intend_restored,
    listings_deleted_by,
    listings_in_vk,
    record_deleted,
    record_restored,
)
from app.publishing.ledger.touched_since import touched_since
from app.publishing.ledger.writing import forget_intents, intend_changes
from app.publishing.planning.existing import AVAILABLE, Fields
from app.publishing.run import refusals
from app.publishing.run.apply import BATCH
from app.publishing.run.kept_back import EXCLUDED, FORBIDDEN, kept_back
from app.publishing.run.models import UNDO, Publication
from app.publishing.run.reading import Reader
from app.publishing.run.shop import Shop
from app.publishing.run.standing_otherwise import standing_otherwise
from app.publishing.run.taking_back import note_begun
from app.publishing.run.turns import give_way
from app.words import gettext_noop
from app.work.runs.running import Running

NOT_DELETED = Problem("not_deleted", "ВКонтакте не удалил этот товар. Повторите позже")
TOUCHED = Problem("touched", "После той публикации этот товар изменили ещё раз, поэтому он не возвращён")
STANDS = Problem("stands", "Во ВКонтакте этот товар уже стоит другой карточкой, поэтому он не возвращён")
TOO_LATE = Problem("too_late", "ВКонтакте уже не возвращает этот товар. Его можно опубликовать заново")
# Why something is not brought back though VK would let: nothing has failed.
LEFT_ALONE = frozenset(problem.code for problem in (FORBIDDEN, EXCLUDED, TOUCHED, STANDS))

# What is to be seen of a listing whose deletion VK has not answered yet: the plan then does not rely on it.
_NOT_SEEN: Fields = {AVAILABLE: False}
_BRINGING_BACK, _DELETING = gettext_noop("Возвращаем во ВКонтакте"), gettext_noop("Удаляем из ВКонтакте")
_Record = Callable[[Running[Publication], Sequence[tuple[Doomed, Problem | None]]], None]


class InDoubt(Exception):
    """Nothing is brought back before VK was looked at once more, after the moment `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Removing:
    """Deletes the listings of a run, or brings back those of the run that it takes back.

    What VK has done already counts as done: after an unknown answer the same is simply asked again.
    """

    def __init__(self, running: Running[Publication], shop: Shop, reader: Reader) -> None:
        self._running = running
        self._shop = shop
        self._reader = reader
        self._is_back = running.row.origin == UNDO
        # Until it has looked: what it had left when it was put aside it still has.
        self._meant: set[int] = set()
        self._recall()

    @property
    def done(self) -> int:
        return sum(self._handled.copy().values())

    @property
    def failed(self) -> int:
        return len(self._handled) - self.done - len(self._left_alone)

    def go(self) -> None:
        """Do it; raises CloudError, InDoubt, RunStopped and GivesWay."""
        row = self._running.row
        # What a run that was cut off has deleted can be brought back, too.
        if self._reader.is_unanswered() or (self._is_back and listings_deleted_by(row)):
            self._look()
        if self._is_back:
            found = listings_deleted_by(row)
        else:
            found = listings_in_vk(row.user_id, row.community_id, map(int, row.only or ()))
        # By now with what it had done without hearing of it.
        self._recall()
        if self._running.goes_on:
            # Only after a pause VK is asked once more for what it refused.
            found = [doomed for doomed in found if doomed.listing_id not in self._handled]
        if self._is_back:
            is_begun = any(self._handled.values())
            found = self._without_kept_back(found)
            if found and not is_begun:
                note_begun(self._running)
        left = len(found)
        self._meant = self._handled.keys() | {doomed.listing_id for doomed in found}
        for part in in_parts(found, BATCH):
            self._running.check()
            self._send(self._intended(part))
            left -= len(part)
            if left:
                give_way(self._running)

    def snapshot(self) -> dict[str, Any]:
        """The columns of the run's row that show how far it is."""
        step = _BRINGING_BACK if self._is_back else _DELETING
        alone = self._left_alone
        total = len(self._meant - alone) if self._meant else self._running.row.total
        counts = {"total": total, "done": self.done, "failed": self.failed, "blocked": len(alone)}
        return counts | {"step": step}

    def _recall(self) -> None:
        """Read whether VK took what the run asked for in all its turns, and what it has left alone."""
        self._left_alone = refused_for(self._running.id, LEFT_ALONE)
        self._handled = {each.listing_id: each.is_taken for each in handled_by(self._running.id)}

    def _look(self) -> None:
        """Look what the shop has, where something is brought back to it: others may have added the same.

        Raises InDoubt where what it does not show may be there for all that.
        """
        if self._is_back:
            self._reader.wait_for_others()
        self._reader.read()
        if self._is_back and self._reader.doubted_until is not None:
            raise InDoubt(self._reader.doubted_until)

    def _intended(self, part: Sequence[Doomed]) -> Sequence[Doomed]:
        """Note what VK is about to be asked for; gives it without what others have added meanwhile."""
        if not self._is_back:
            intend_changes(self._running, [_asked(doomed) for doomed in part])
            return part
        while part:
            try:
                intend_restored(self._running, part, self._reader.others)
                break
            except OthersAdded:
                self._look()
                part = self._without_kept_back(part)
        return part

    def _send(self, part: Sequence[Doomed]) -> None:
        told: list[tuple[Doomed, Problem | None]] = []
        unsent: list[int] = []
        stopping: CloudError | None = None
        answered = self._shop.together([self._call(doomed) for doomed in part]) if part else []
        for doomed, (_, value, error, may_be_done) in zip(part, answered, strict=True):
            if error is None:
                # VK has nothing to bring back: what was deleted is gone for good.
                told.append((doomed, TOO_LATE if self._is_back and value is False else None))
            elif refusals.is_of_one_good(error):
                told.append((doomed, TOO_LATE if self._is_back else NOT_DELETED))
            else:
                stopping = stopping or error
                if not may_be_done:
                    unsent.append(doomed.listing_id)
        # Counted first: the counts go into the same transaction, which may be the last that the run writes.
        self._note(told)
        record: _Record = record_restored if self._is_back else record_deleted
        record(self._running, told)
        if unsent:
            forget_intents(self._running, unsent)
        if stopping is not None:
            raise stopping

    def _without_kept_back(self, found: Sequence[Doomed]) -> list[Doomed]:
        """Write down what is not brought back, each with its reason; gives the others."""
        row = self._running.row
        place = row.user_id, row.community_id
        stands = standing_otherwise(*place, {doomed.listing_id for doomed in found})
        why_not = (
            dict.fromkeys(touched_since(row), TOUCHED) | dict.fromkeys(stands, STANDS) | kept_back(*place)
        )
        told = [(doomed, why_not[doomed.listing_id]) for doomed in found if doomed.listing_id in why_not]
        self._note(told)
        if told:
            record_restored(self._running, told)
        return [doomed for doomed in found if doomed.listing_id not in why_not]

    def _note(self, told: Sequence[tuple[Doomed, Problem | None]]) -> None:
        alone = {doomed.listing_id for doomed, problem in told if problem and problem.code in LEFT_ALONE}
        # As new sets: another thread counts them.
        self._left_alone = self._left_alone - {doomed.listing_id for doomed, _ in told} | alone
        self._handled.update((doomed.listing_id, problem is None) for doomed, problem in told)

    def _call(self, doomed: Doomed) -> Call[Any]:
        return self._shop.restore(doomed.item_id) if self._is_back else self._shop.delete(doomed.item_id)


def _asked(doomed: Doomed) -> Asked:
    return Asked(doomed.listing_id, DELETED, doomed.key, doomed.name, _NOT_SEEN)
