"""Steps of a plan turned into calls, 25 at a time, and VK's answers into the ledger."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from app.clients.errors import CloudError, UnknownOutcome
from app.clients.vk.batch import Outcome as Result
from app.clients.vk.call import Call
from app.publishing.ledger.numbers import known_items
from app.publishing.ledger.of_run import Handled, Problem
from app.publishing.ledger.writing import (
    Outcome,
    forget_intents,
    intend,
    intend_changes,
    record,
)
from app.publishing.photos.picture_files import PictureLost
from app.publishing.planning.existing import AVAILABLE, CARD, PHOTO_IDS, PHOTOS
from app.publishing.planning.steps import Phase, Step, part_of
from app.publishing.run import refusals
from app.publishing.run.models import UNDO, Publication
from app.publishing.run.numbers import Given, misgiven
from app.publishing.run.ready import Ready
from app.publishing.run.shop import Shop
from app.publishing.run.uploads import Uploads, card_of, is_kept
from app.work.runs.running import Running

BATCH = 25


class PictureTakenAway(Exception):
    """The owner has taken a picture away since the plan was made that it was in."""


class Applier:
    """Carries out steps of one run; each method commits what it did. `done` and `failed` count goods once.

    All raise CloudError where VK stops the run, and RunStopped before a call when it must end.
    After an UnknownOutcome goods that may have been added stay marked as `sending`.
    """

    def __init__(self, running: Running[Publication], shop: Shop, uploads: Uploads) -> None:
        self._running = running
        self._shop = shop
        self._uploads = uploads
        self._handled: set[int] = set()
        # Which part of which listing; what VK takes at last is refused no more.
        self._refused: set[tuple[int, Phase | None]] = set()
        # The skus of new goods that VK did not take because it takes no more of any.
        self.put_off: set[str] = set()
        # What this run has shown or hidden already: its pictures, which come later, must not turn that back.
        self._shown: dict[int, bool] = {}
        # The skus of goods that were put off, once a run, since their owner had taken their picture away.
        self._outdated: set[str] = set()
        # VK does not know a category that a good was to have.
        self.met_lost_category = False
        # Goods that another account of ours keeps in this community.
        self.met_others = 0
        # The mark of what other accounts had added when VK was looked at last.
        self.others_seen: str | None = None

    @property
    def is_full(self) -> bool:
        """Whether the community takes no more new goods, today or at all."""
        return bool(self.put_off)

    @property
    def done(self) -> int:
        return len(self._handled - self._failed)

    @property
    def failed(self) -> int:
        return len(self._failed) + self.met_others

    @property
    def _failed(self) -> set[int]:
        # The heartbeat counts while the run goes on.
        return {listing_id for listing_id, _ in self._refused.copy()}

    def go_on_after(self, handled: Iterable[Handled]) -> None:
        """Count what this run has done by now: all that is written down."""
        handled = list(handled)
        self._handled = {each.listing_id for each in handled}
        self._refused = {(each.listing_id, part) for each in handled for part in each.refused}

    def with_pictures(self, steps: Iterable[Step], *, anew: bool = False) -> list[Ready]:
        """Upload the pictures of goods; those that cannot be had are left out and noted.

        Raises PictureTakenAway where another look at the plan tells of another picture, once a good.
        anew: VK has lost what was uploaded before.
        """
        ready = []
        for step in steps:
            try:
                ids = self._uploads.of(step, self._running.check, anew=anew)
            except PictureLost as lost:
                if not anew and self._is_outdated(step, str(lost)):
                    self._outdated.add(step.item.sku)
                    raise PictureTakenAway from lost
                self._refuse(step, refusals.NO_PICTURE)
            except CloudError as error:
                if not refusals.is_of_one_good(error):
                    raise
                self._refuse(step, refusals.problem_of(error))
            else:
                card = card_of(step)
                written = {CARD: list(card)} if card else {}
                ready.append(Ready.of(step, **{PHOTO_IDS: ids}, **written))
        return ready

    def add(self, ready: Sequence[Ready], *, is_second_try: bool = False) -> None:
        """Add up to 25 new goods in one call; the ledger knows of them before VK does.

        Raises OthersAdded, before anything is noted, when other accounts have added some since the last look.
        """
        self._running.check()
        intended = self._intended(ready, self.others_seen)
        calls = [self._shop.add(each.step.item.sku, each.fields) for each in intended]
        stale = self._send(intended, calls, is_second_try=is_second_try)
        if stale:
            self.add(self.with_pictures((each.step for each in stale), anew=True), is_second_try=True)

    def change(self, ready: Sequence[Ready], *, is_second_try: bool = False) -> None:
        """Change up to 25 listings that are in VK in one call."""
        self._running.check()
        rest = list(ready)
        stale: list[Ready] = []
        # Each time without a field more.
        while rest:
            calls = [self._edit_call(each) for each in rest]
            intend_changes(self._running, [each.asked for each in rest])
            again = self._send(rest, calls, is_second_try=is_second_try)
            rest = [each for each in again if each.held]
            stale += [each for each in again if not each.held]
        if stale:
            self.change(self.with_pictures((each.step for each in stale), anew=True), is_second_try=True)

    def _edit_call(self, each: Ready) -> Call[None]:
        entry = each.step.item.entry
        if entry is None or entry.item_id is None:
            raise ValueError("what is not in VK cannot be edited")
        is_available = self._shown.get(entry.listing_id, entry.is_visible)
        return self._shop.edit(entry.item_id, each.fields, is_available=is_available)

    def _send(
        self, ready: Sequence[Ready], calls: Sequence[Call[Any]], *, is_second_try: bool
    ) -> list[Ready]:
        """Make the calls and note their outcomes; give what is to be sent anew.

        That is what VK refused a field of, without it, and what has to have its pictures uploaded anew.
        """
        noted: list[Outcome] = []
        again: list[Ready] = []
        unsent: list[Ready] = []
        stopping: CloudError | None = None
        answered = list(zip(ready, self._shop.together(calls), strict=True))
        misgiven = self._misgiven(answered)
        for each, (_, value, error, may_be_done) in answered:
            if error is None and each.step.item.sku in misgiven:
                stopping = stopping or UnknownOutcome("market.add: the number is another's")
            elif error is None:
                noted += each.outcomes(value)
            elif refusals.is_photo_stale(error) and not is_second_try and PHOTOS in each.fields:
                again.append(each)
            elif refusals.is_of_one_good(error):
                self.met_lost_category |= refusals.is_category_lost(error)
                rest = each.rest(error)
                if rest is None:
                    noted += each.outcomes(None, error)
                else:
                    again.append(rest)
            elif refusals.is_full(error):
                self.put_off.add(each.step.item.sku)
                unsent.append(each)
            else:
                stopping = stopping or error
                noted += [each.held] if each.held else []
                if not may_be_done:
                    unsent.append(each)
        self._record(noted)
        self._forget([*again, *unsent])
        if stopping is not None:
            raise stopping
        return again

    def _misgiven(self, answered: Iterable[tuple[Ready, Result[Any]]]) -> set[str]:
        given = [
            Given(each.step.item.sku, value)
            for each, (_, value, error, _) in answered
            if error is None and value is not None and each.item_id is None
        ]
        return misgiven(given, partial(known_items, self._running), self._shop.skus)

    def _is_outdated(self, step: Step, picture: str) -> bool:
        # A run that is taken back knows no other picture than the one before.
        is_first_time = step.item.sku not in self._outdated and self._running.row.origin != UNDO
        return is_first_time and not is_kept(self._running.user_id, picture)

    def _intended(self, ready: Sequence[Ready], others_seen: str | None = None) -> list[Ready]:
        intents = [each.intent for each in ready]
        ids = intend(self._running, intents, others_seen) if intents else []
        # What is somebody else's has no place in this ledger.
        others = ids.count(None)
        self.met_others += others
        return [each._replace(listing_id=known) for each, known in zip(ready, ids, strict=True) if known]

    def _refuse(self, step: Step, problem: Problem) -> None:
        each = Ready.of(step)
        if step.item.entry is None or step.item.entry.item_id is None:
            known = self._intended([each])
            if not known:
                return
            each = known[0]
        pictures = {PHOTOS: step.fields[PHOTOS]}
        self._record([each.outcome(None)._replace(problem=problem, fields=pictures)])

    def _record(self, outcomes: Sequence[Outcome]) -> None:
        # Counted first: the counts go into the same transaction, which may be the last that the run writes.
        self.count(outcomes)
        record(self._running, outcomes)
        for outcome in outcomes:
            if outcome.is_taken and AVAILABLE in outcome.fields:
                self._shown[outcome.listing_id] = outcome.fields[AVAILABLE]

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """Count goods with outcomes that are written down."""
        for outcome in outcomes:
            self._handled.add(outcome.listing_id)
            call = outcome.listing_id, part_of(outcome.action, outcome.fields)
            (self._refused.discard if outcome.is_taken else self._refused.add)(call)

    def _forget(self, ready: Iterable[Ready]) -> None:
        unsent = [each.listing_id for each in ready if each.listing_id]
        if unsent:
            forget_intents(self._running, unsent)
