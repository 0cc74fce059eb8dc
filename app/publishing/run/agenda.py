"""What a run still has to do: looked at again and again, since VK and the till go on meanwhile."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.data.db import db
from app.publishing.current import current_plan
from app.publishing.ledger.asked import unheard
from app.publishing.ledger.of_run import handled_by
from app.publishing.ledger.patience import patience
from app.publishing.planning.plan import CREATE, Hold, Plan
from app.publishing.planning.steps import Phase, Step, steps
from app.publishing.run.album_work import AlbumWork
from app.publishing.run.apply import Applier
from app.publishing.run.approving import part_of, still_approved, unconfirmed
from app.publishing.run.batches import Mark, mark_of
from app.publishing.run.models import UNDO, Publication
from app.publishing.run.reading import Reader
from app.publishing.run.undo import undo_of
from app.publishing.run.undo_albums import albums_before
from app.web.language import translated
from app.words import gettext_noop
from app.work.runs.running import Running

# VK may show what it has just done a moment later.
LOOK_UP_SECONDS = 2.0


class Held(Exception):
    """The plan is unusual, and the owner has not approved it; `holds` say how."""

    def __init__(self, holds: list[Hold]) -> None:
        super().__init__(", ".join(hold.code for hold in holds))
        self.holds = holds

    def described(self) -> list[dict[str, Any]]:
        """The holds as a run keeps them for its page: code, sentence, names of some goods."""
        return [
            {"code": hold.code, "sentence": translated(hold.sentence), "examples": hold.examples}
            for hold in self.holds
        ]


class Agenda:
    """The steps that are left of one run, none being tried twice in a turn; `busy_with` says what it does.

    `plan` is the last plan that was made, None for a run that takes another one back; of what that did,
    `left_alone` listings are left as they are. `words` are the owner's
    that are not spent yet. `left` has the kind of what is still to be handled, by sku; `unanswered` the skus
    of what VK gave no answer about. Once no steps are left, `unheard_until` is until when VK may do a change
    that it did not answer, None when none is open.
    """

    def __init__(
        self,
        running: Running[Publication],
        applier: Applier,
        reader: Reader,
        albums: AlbumWork,
    ) -> None:
        self._running = running
        self._row = running.row
        self._applier = applier
        self._reader = reader
        self._albums = albums
        self._tried = self._refused_before(running)
        self._is_answer_lost = False
        # By a run that was cut off before, or by this one.
        self._may_be_open = False
        self._others_seen = 0
        self._are_categories_read = False
        self.busy_with = gettext_noop("Составляем план")
        self.plan: Plan | None = None
        self.left_alone = 0
        self.words: list[str] = self._row.confirmed
        self.left: dict[str, str] = {}
        self.unanswered: set[str] = set()
        self.unheard_until: datetime | None = None
        self.has_looked = False

    def look(self) -> list[Step]:
        """The steps that there are to do now.

        Raises Held where the owner is asked first, CloudError when VK cannot be read, RunStopped.
        """
        is_open = not self.has_looked and self._reader.is_unanswered()
        self._may_be_open |= is_open
        if is_open or self._reader.is_needed() or self._applier.met_others > self._others_seen:
            self._others_seen = self._applier.met_others
            self._read()
        if self.is_category_open:
            self._are_categories_read = True
            self._reader.read_categories()
        found = self._taken_back() if self._row.origin == UNDO else self._planned()
        # What the reading could not settle may be in VK already.
        todo = [step for step in found if mark_of(step) not in self._tried and not step.item.look_up]
        # What a look in doubt does not show may be there for all that.
        if self._applier.is_full or self.doubted_until is not None:
            todo = [step for step in todo if step.phase != Phase.NEW]
        if not todo and self._may_be_open and self._has_looked_once_more():
            return self.look()
        self.unanswered = {step.item.sku for step in found if step.item.look_up}
        self.left = {step.item.sku: step.item.kind for step in todo}
        self.has_looked = True
        return todo

    @property
    def doubted_until(self) -> datetime | None:
        """Until when VK's last look is in doubt, so that nothing is added, None when it is not."""
        return self._reader.doubted_until

    def tick_off(self, tried: Iterable[Step]) -> None:
        """Leave out from now on what was tried."""
        self._tried.update(map(mark_of, tried))

    def wait_for_others(self) -> None:
        """Let other accounts hear first of what they add at this moment; raises RunStopped, GivesWay."""
        self._reader.wait_for_others()

    def look_after_others(self, steps: Iterable[Step]) -> list[Step]:
        """Look once other accounts have heard of what they add; `steps` were not done and may be among those.

        Raises as `look`, and GivesWay.
        """
        self._tried.difference_update(map(mark_of, steps))
        self.wait_for_others()
        return self.look()

    def begin_anew(self) -> None:
        """Take nothing for tried any more, since an answer of VK was lost."""
        self._is_answer_lost = self._may_be_open = True
        self._tried.clear()

    @property
    def is_category_open(self) -> bool:
        """Whether VK's tree has to be read before more goods of a category are refused one by one."""
        return self._applier.met_lost_category and not self._are_categories_read

    def _refused_before(self, running: Running[Publication]) -> set[Mark]:
        """What VK refused in earlier turns and no plan leaves out of a run that takes another one back."""
        handled = handled_by(running.id) if running.goes_on and self._row.origin == UNDO else []
        return {(each.sku, part) for each in handled for part in each.refused}

    def _has_looked_once_more(self) -> bool:
        """Read VK if that tells more of what it has not answered; else note until when it may do that."""
        asked, from_now = unheard(self._row.user_id, self._row.community_id), patience()
        if self._reader.can_settle(asked, from_now):
            # What VK has done late stands over what it has taken since.
            self._tried.clear()
            self._read()
            return True
        open_yet = [from_now.until(each) for each in asked if from_now.covers(each)]
        self.unheard_until = max(open_yet, default=None)
        return False

    def _taken_back(self) -> list[Step]:
        # What other processes wrote since the last look.
        db.session.rollback()
        albums = albums_before(self._row)
        self._albums.take(albums.changes)
        steps, self.left_alone = undo_of(self._row, albums)
        return steps

    def _planned(self, *, has_read: bool = False) -> list[Step]:
        # What other processes wrote since the last look.
        db.session.rollback()
        plan = part_of(self._row, current_plan(self._row.user_id, self._row.community_id))
        plan = still_approved(self._row, plan)
        if self._albums.must_read(plan):
            self._albums.read()
            return self._planned(has_read=has_read)
        new = [item for item in plan.items[CREATE] if item.key not in plan.waiting]
        # Once a look: other accounts may go on adding all the time.
        if not has_read and self._reader.may_have_forgotten(new):
            self._read()
            return self._planned(has_read=True)
        self.plan = plan
        holds = unconfirmed(self._row, plan, self.words)
        # What a word was about is done, once nothing asks for it: what is alike later on is something else.
        asked = {hold.code for hold in plan.holds}
        self.words = [word for word in self.words if word.partition(" ")[0] in asked]
        if holds and plan.has_work:
            raise Held(holds)
        self._albums.take(plan.albums.changes if plan.albums else ())
        return steps(plan)

    def _read(self) -> None:
        self.busy_with = gettext_noop("Смотрим, что уже есть во ВКонтакте")
        self._running.sleep(LOOK_UP_SECONDS if self._is_answer_lost else 0)
        self._reader.read()
        self._applier.others_seen = self._reader.others
        # What VK did without an answer counts as well, now that it is seen.
        self._applier.go_on_after(handled_by(self._row.id))
