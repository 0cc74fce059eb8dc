"""A run of publication as its page and its poll show it."""

from typing import NamedTuple

from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.data.db import db
from app.data.types import now
from app.publishing.current import was_approved
from app.publishing.ledger.models import Listing
from app.publishing.ledger.writing import REFUSED
from app.publishing.pages.words import DID
from app.publishing.photos.first import first_photos
from app.publishing.run.lives import publications
from app.publishing.run.models import HELD, ONE, PAUSED, UNDO, Publication, PublicationItem
from app.publishing.run.requests import taken_back_by
from app.web.htmx import vary_by_request_type, wants_fragment
from app.work.runs.row import DONE, QUEUED, RUNNING

SHOWN = 200


class ItemView(NamedTuple):
    """What became of one good: its name, what was done or why not, its listing and its picture if any."""

    item: PublicationItem
    did: str
    item_id: int | None
    photo: int | None


class RunView(NamedTuple):
    """A run: its row, whether it is polled and how often, the time left, and what it did.

    `leads_to_plan`: it sent the first good, and the plan for the others has not been approved yet.
    """

    run: Publication
    poll_seconds: int
    is_unattended: bool
    seconds_left: int | None
    failed: list[ItemView]
    done: list[ItemView]
    more: int
    can_undo: bool
    leads_to_plan: bool

    @property
    def is_moving(self) -> bool:
        return self.run.status in (QUEUED, RUNNING)

    @property
    def is_held(self) -> bool:
        return self.run.status == HELD

    @property
    def is_paused(self) -> bool:
        return self.run.status == PAUSED


def run_view(run: Publication) -> RunView:
    """Describe a run; its items only once it does not move any more."""
    is_moving = run.status in (QUEUED, RUNNING)
    failed = [] if is_moving else _items(run, failed=True)
    done = [] if is_moving else _items(run, failed=False)
    return RunView(
        run=run,
        poll_seconds=publications.poll_seconds(run) if is_moving else 0,
        is_unattended=publications.is_unattended(run),
        seconds_left=_seconds_left(run),
        failed=failed,
        done=done,
        more=max(0, run.done - len(done)),
        can_undo=not run.is_active and run.origin != UNDO and bool(done) and not taken_back_by(run),
        leads_to_plan=(run.origin, run.status) == (ONE, DONE)
        and not was_approved(run.user_id, run.community_id),
    )


def fragment_of(run: Publication) -> Response:
    """The part of the page that is polled."""
    template = "publishing/_run.html" if run.status in (QUEUED, RUNNING) else "publishing/_run_answer.html"
    return vary_by_request_type(make_response(render_template(template, view=run_view(run))))


def shown_run(run: Publication) -> ResponseReturnValue:
    """The answer to what was done about a run: its fragment, or the way to its page."""
    if wants_fragment():
        return fragment_of(run)
    return redirect(url_for("sync.runs.show", run_id=run.id), 303)


def _items(run: Publication, *, failed: bool) -> list[ItemView]:
    is_wanted = PublicationItem.outcome == REFUSED if failed else PublicationItem.outcome != REFUSED
    rows = db.session.execute(
        select(PublicationItem, Listing.item_id)
        .outerjoin(Listing, Listing.id == PublicationItem.listing_id)
        .where(PublicationItem.publication_id == run.id, is_wanted)
        .order_by(PublicationItem.id)
        .limit(SHOWN)
    ).all()
    photos = first_photos(run.user_id, [(item.store_evotor_id, item.evotor_id) for item, _ in rows])
    return [
        ItemView(
            item,
            DID.get(item.action, item.action),
            item_id,
            photos.get((item.store_evotor_id, item.evotor_id)),
        )
        for item, item_id in rows
    ]


def _seconds_left(run: Publication) -> int | None:
    if run.status != RUNNING or run.ends_at is None:
        return None
    return max(1, round((run.ends_at - now()).total_seconds()))
