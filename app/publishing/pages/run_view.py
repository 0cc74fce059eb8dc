"""A run of publication as its page and its poll show it."""

from datetime import datetime
from typing import NamedTuple

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.connections.may_publish import ChosenCommunity, community_of, may_publish
from app.connections.models import VK
from app.connections.problems import Button
from app.data.db import db
from app.data.types import now
from app.publishing.current import usable_plan, was_approved
from app.publishing.facts import facts_here
from app.publishing.ledger.models import Listing
from app.publishing.ledger.of_run import REFUSED
from app.publishing.pages.words import DID
from app.publishing.photos.first import first_photos
from app.publishing.planning.plan import ASK
from app.publishing.run.failing import begins_again_at
from app.publishing.run.lives import publications
from app.publishing.run.models import DELETE, HELD, ONE, PAUSED, UNDO, Publication, PublicationItem
from app.publishing.run.overtaken import is_overtaken
from app.publishing.run.removing import LEFT_ALONE
from app.publishing.run.requests import taken_back_by
from app.web.cursor import BadCursor, Cursor
from app.web.htmx import vary_by_request_type, wants_fragment
from app.web.keys import LARGEST_KEY
from app.words import gettext_noop
from app.work.runs.row import DONE, FAILED, QUEUED, RUNNING

NOT_CONNECTED = gettext_noop(
    "ВКонтакте сейчас не подключён. Вернуть или повторить эту публикацию можно, "
    "если снова выбрать её сообщество."
)
ELSEWHERE = gettext_noop(
    "Эта публикация шла в другое сообщество. Вернуть или повторить её можно, если снова выбрать его."
)
SHOWN = 50
# In the order of the page: what was refused first, then what was done, the newest first.
_FAILED, _DONE = "failed", "done"


class ItemView(NamedTuple):
    """What became of one good: its name, what was done or why not, its listing and its picture if any."""

    item: PublicationItem
    did: str
    item_id: int | None
    photo: int | None


class ItemsPage(NamedTuple):
    """Some of what became of goods; `after` leads to what follows, None at the end."""

    failed: list[ItemView]
    done: list[ItemView]
    after: str | None


class RunView(NamedTuple):
    """A run: its row, whether it is polled and how often, the time left, and what it did.

    `mend` leads to what ends a pause. `after` leads on in what it did; `is_first`: these are the first of it.
    `leads_to_plan`: it sent the first good, and the plan for the others has not been approved yet. `asks`: it
    sent nothing, and there are questions to the owner. `elsewhere` says why nothing more can be done about
    what it did: it was of a community that is not the chosen one. `is_auto`: what changes goes by itself,
    after several failures from `begins_again_at` on.
    """

    run: Publication
    poll_seconds: int
    is_unattended: bool
    is_overtaken: bool
    seconds_left: int | None
    failed: list[ItemView]
    done: list[ItemView]
    after: str | None
    is_first: bool
    can_undo: bool
    elsewhere: str | None
    is_auto: bool
    begins_again_at: datetime | None
    leads_to_plan: bool
    asks: bool
    mend: Button | None

    @property
    def is_moving(self) -> bool:
        return self.run.status in (QUEUED, RUNNING)

    @property
    def left_alone(self) -> int:
        """How many goods it did not take back, in whole or in part, since they were changed meanwhile."""
        return self.run.blocked if self.run.origin == UNDO else 0

    @property
    def refused(self) -> list[ItemView]:
        """What VK did not take, of those shown."""
        return [each for each in self.failed if each.item.problem_code not in LEFT_ALONE]

    @property
    def kept_back(self) -> list[ItemView]:
        """What it could have brought back and did not, of those shown: only after a deletion each is told."""
        return [each for each in self.failed if each.item.problem_code in LEFT_ALONE]

    @property
    def is_held(self) -> bool:
        return self.run.status == HELD

    @property
    def is_paused(self) -> bool:
        return self.run.status == PAUSED


def run_view(run: Publication, after: str | None = None) -> RunView:
    """Describe a run; its items only once it does not move any more, from the cursor `after` on.

    Raises BadCursor.
    """
    is_moving = run.status in (QUEUED, RUNNING)
    failed, done, following = ItemsPage([], [], None) if is_moving else _page(run, after)
    may_undo = not run.is_active and run.origin != UNDO and _did_anything(run, done)
    why_not, is_auto = None, False
    if not run.is_active:
        # Read for the strip above, too.
        facts, owned = facts_here()
        is_auto = bool(facts.is_auto)
        if may_undo or failed or run.failed:
            why_not = elsewhere(run, community_of(owned.get(VK)))
    return RunView(
        run=run,
        poll_seconds=publications.poll_seconds(run) if is_moving else 0,
        is_unattended=publications.is_unattended(run),
        is_overtaken=is_overtaken(run),
        seconds_left=_seconds_left(run),
        failed=failed,
        done=done,
        after=following,
        is_first=after is None,
        can_undo=may_undo and why_not is None,
        elsewhere=why_not,
        is_auto=is_auto,
        begins_again_at=begins_again_at(run.user_id) if is_auto and run.status == FAILED else None,
        leads_to_plan=(run.origin, run.status) == (ONE, DONE)
        and not was_approved(run.user_id, run.community_id),
        asks=run.status == DONE and not done and after is None and _has_questions(run),
        mend=_mend(run),
    )


def elsewhere(run: Publication, community: ChosenCommunity | None) -> str | None:
    """Say why nothing of a run can be taken back, nor tried once more: it was not of the chosen community."""
    if community is None:
        return gettext(NOT_CONNECTED)
    return gettext(ELSEWHERE) if community.id != run.community_id else None


def _has_questions(run: Publication) -> bool:
    # Of a run long ago nobody knows what was asked then; one that takes back or deletes waits for no answer.
    latest = publications.latest(run.user_id)
    if run.origin in (UNDO, DELETE) or latest is None or latest.id != run.id:
        return False
    plan = usable_plan(run.user_id, run.community_id)
    return plan is not None and plan.counts[ASK] > 0


def _mend(run: Publication) -> Button | None:
    """What ends the pause of a run that only its owner can end."""
    # A whole page says it above; one that was there before the pause learns of it by this part alone.
    if run.status != PAUSED or run.resume_at is not None or not wants_fragment():
        return None
    problem = may_publish(run.user_id).problem
    return problem.button if problem else None


def fragment_of(run: Publication) -> Response:
    """The part of the page that is polled."""
    template = "publishing/_run.html" if run.status in (QUEUED, RUNNING) else "publishing/_run_answer.html"
    return vary_by_request_type(make_response(render_template(template, view=run_view(run))))


def shown_run(run: Publication) -> ResponseReturnValue:
    """The answer to what was done about a run: its fragment, or the way to its page."""
    if wants_fragment():
        return fragment_of(run)
    return redirect(url_for("sync.runs.show", run_id=run.id), 303)


def _did_anything(run: Publication, shown: list[ItemView]) -> bool:
    """Tell whether there is anything to take back, and nobody has done so."""
    done = select(PublicationItem.id).where(
        PublicationItem.publication_id == run.id, PublicationItem.outcome != REFUSED
    )
    return (bool(shown) or bool(db.session.scalar(select(done.exists())))) and not taken_back_by(run)


def _page(run: Publication, after: str | None) -> ItemsPage:
    """The next goods: those that were refused, then the others."""
    edge = Cursor.decode(after) if after else Cursor(_FAILED, LARGEST_KEY, 0)
    if edge.value not in (_FAILED, _DONE):
        raise BadCursor(edge.value)
    failed = _items(run, SHOWN + 1, edge.id, failed=True) if edge.value == _FAILED else []
    room = SHOWN - len(failed)
    before = edge.id if edge.value == _DONE else LARGEST_KEY
    done = _items(run, room + 1, before, failed=False) if room >= 0 else []
    if room < 0:
        return ItemsPage(failed[:SHOWN], [], _cursor(_FAILED, failed[SHOWN - 1]))
    if len(done) <= room:
        return ItemsPage(failed, done, None)
    last = _cursor(_DONE, done[room - 1]) if room else Cursor(_DONE, LARGEST_KEY, 0).encode()
    return ItemsPage(failed, done[:room], last)


def _cursor(kind: str, last: ItemView) -> str:
    return Cursor(kind, last.item.id, 0).encode()


def _items(run: Publication, count: int, before: int, *, failed: bool) -> list[ItemView]:
    """At most `count` of a run's items, the newest first, those before this key."""
    is_wanted = PublicationItem.outcome == REFUSED if failed else PublicationItem.outcome != REFUSED
    rows = db.session.execute(
        select(PublicationItem, Listing.item_id)
        .outerjoin(Listing, Listing.id == PublicationItem.listing_id)
        .where(PublicationItem.publication_id == run.id, is_wanted, PublicationItem.id < before)
        .order_by(PublicationItem.id.desc())
        .limit(count)
    ).all()
    photos = first_photos(run.user_id, [(item.store_evotor_id, item.evotor_id) for item, _ in rows])
    return [
        ItemView(
            item,
            gettext(DID.get(item.action, item.action)),
            item_id,
            photos.get((item.store_evotor_id, item.evotor_id)),
        )
        for item, item_id in rows
    ]


def _seconds_left(run: Publication) -> int | None:
    if run.status != RUNNING or run.ends_at is None:
        return None
    return max(1, round((run.ends_at - now()).total_seconds()))
