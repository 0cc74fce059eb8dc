"""Runs as the web and the clock ask for them: started, joined, confirmed, resumed, taken back."""

from collections.abc import Callable

from sqlalchemy import select, update

from app.connections.may_publish import may_publish
from app.data.db import db
from app.data.types import now
from app.publishing.planning.good import Key
from app.publishing.planning.guard import of_one
from app.publishing.planning.plan import Plan
from app.publishing.run.approving import note_approved
from app.publishing.run.job import run_publication, run_reading
from app.publishing.run.limits import DAILY_LIMIT
from app.publishing.run.lives import publications, readings
from app.publishing.run.models import AUTO, DELETE, HAND, HELD, ONE, PAUSED, UNDO, MarketReading, Publication
from app.words import gettext_noop
from app.work.queue import PUBLISH_QUEUE_NAME
from app.work.runs.row import CANCELLED, FAILED, QUEUED, RUNNING

# A day's quota is waited for by a paused run, never by a worker.
TIMEOUT_SECONDS = 12 * 3600
_OVERTAKEN = gettext_noop(
    "Товары или правила с тех пор изменились, поэтому остальное не вернулось: изменения снова уходят сами"
)
READING_TIMEOUT_SECONDS = 3600


def publish(user_id: int, community_id: int, plan: Plan, *, only: Key | None = None) -> Publication:
    """Start what the owner has seen and approved, or let the run that is active have their word. Commits.

    only: the one good that is to be sent; the rest of the plan is not approved by that. A waiting run that
    deletes, takes back or sends one good is given as it is: what was approved is not what it does.
    """
    end_elsewhere(user_id)
    if only is not None:
        plan = of_one(plan, only)
    active = publications.latest(user_id)
    waits = (QUEUED, RUNNING, HELD, PAUSED)
    while only is None and active is not None and active.status in waits and active.sends_whole_plan:
        if approve(active, plan) or _hear(active, plan):
            return active
        # A worker has taken it up, put it aside or ended it in this moment.
        db.session.rollback()
        active = publications.latest(user_id)
    run = Publication(
        user_id=user_id,
        community_id=community_id,
        origin=ONE if only else HAND,
        only=list(only) if only else None,
        digest=plan.digest,
        confirmed=[hold.word for hold in plan.holds],
        approved_at=now(),
    )
    return _ask(run, beside=lambda: note_approved(run, plan))


def end_elsewhere(user_id: int) -> None:
    """End a run of a community that is not the owner's choice any more: it would send nothing. Commits.

    While it waits for a day or a word, nothing could begin in the one that is chosen now, and a plan of that
    one must not be taken for the word about the other's.
    """
    community = may_publish(user_id).community
    if community is not None:
        publications.end(user_id, Publication.community_id != community.id)


def end_by_itself(user_id: int) -> None:
    """End what began by itself, or would go on so, and has not had its owner's word. Commits."""
    has_no_word = Publication.origin == AUTO, Publication.approved_at.is_(None)
    publications.end(user_id, *has_no_word, Publication.status != HELD)


def end_overtaken(run: Publication) -> None:
    """End a paused run that takes another one back, where something else is wanted by now. Commits."""
    publications.end(run.user_id, Publication.id == run.id, Publication.status == PAUSED, why=_OVERTAKEN)


def publish_by_itself(user_id: int, community_id: int) -> Publication:
    """Start a run that nobody asked for; it waits for the owner when its plan is unusual. Commits."""
    return _ask(Publication(user_id=user_id, community_id=community_id, origin=AUTO))


def taken_back_by(run: Publication) -> Publication | None:
    """The run that takes `run` back or has done so; None when there is none that was not stopped."""
    undo = select(Publication).filter_by(user_id=run.user_id, undoes=run.id)
    return db.session.scalar(undo.where(Publication.status.not_in((FAILED, CANCELLED))).limit(1))


def take_back(run: Publication) -> Publication:
    """Start a run that puts every field back to what it was before `run`, or give the one that does. Commits.

    Another run that is active is given instead, and nothing taken back.
    """
    end_elsewhere(run.user_id)
    # However many clicks come at once, each after the other finds what the first has begun.
    held = update(Publication).filter_by(id=run.id).values(undoes=Publication.undoes)
    db.session.execute(held.execution_options(synchronize_session=False))
    known = taken_back_by(run)
    if known is not None:
        db.session.commit()
        return known
    undo = Publication(
        user_id=run.user_id, community_id=run.community_id, origin=UNDO, undoes=run.id, approved_at=now()
    )
    return _ask(undo)


def delete_listings(user_id: int, community_id: int, listing_ids: list[int]) -> Publication | None:
    """Start a run that deletes listings in VK; None while another run is active. Commits."""
    end_elsewhere(user_id)
    run = Publication(
        user_id=user_id, community_id=community_id, origin=DELETE, only=[str(each) for each in listing_ids]
    )
    return run if _ask(run) is run else None


def once_more(run: Publication, refused: list[int]) -> Publication | None:
    """Start a run that deletes, or takes back, what VK refused `run` to. Commits.

    refused: the ids of these listings. None while another run is active.
    """
    if run.origin == DELETE:
        return delete_listings(run.user_id, run.community_id, refused)
    end_elsewhere(run.user_id)
    again = Publication(
        user_id=run.user_id,
        community_id=run.community_id,
        origin=UNDO,
        only=[str(each) for each in refused],
        undoes=run.undoes,
        approved_at=now(),
    )
    return again if _ask(again) is again else None


def approve(run: Publication, plan: Plan) -> bool:
    """Let a held or paused run go on with the plan that the owner has seen. Commits.

    Tell whether it still waited.
    """
    if run.status not in (HELD, PAUSED):
        return False
    _note_word(run, plan)
    # The plan has said that new goods wait for their day.
    if run.problem != DAILY_LIMIT:
        run.resume_at = None
    return _again(run)


def resume(run: Publication) -> bool:
    """Let a paused run go on at once, with all that it has; tell whether it still was paused. Commits."""
    if run.status != PAUSED:
        return False
    run.resume_at = None
    return _again(run)


def look_again(run: Publication) -> bool:
    """Let a held or paused run look at the plan anew: what it waits for may be over. Commits.

    It is held again, by another plan, when that is unusual too; new goods wait for their day.
    """
    return run.status in (HELD, PAUSED) and _again(run)


def request_reading(user_id: int, community_id: int) -> MarketReading:
    """Start reading what is in the community, or join the reading that is active. Commits."""
    reading = MarketReading(user_id=user_id, community_id=community_id)
    return readings.ask(reading, run_reading, timeout=READING_TIMEOUT_SECONDS, queue_name=PUBLISH_QUEUE_NAME)


def _hear(run: Publication, plan: Plan) -> bool:
    """Let a run that is queued or at work have the owner's word; tell whether it still was. Commits.

    One at work may be about to ask for this very word: it begins anew with it.
    """
    if run.status == RUNNING and plan.holds:
        _note_word(run, plan)
        return _again(run)
    if run.status not in (QUEUED, RUNNING) or not publications.hold(run):
        return False
    _note_word(run, plan)
    db.session.commit()
    return True


def _note_word(run: Publication, plan: Plan) -> None:
    run.confirmed = sorted({*run.confirmed, *(hold.word for hold in plan.holds)})
    run.digest, run.approved_at, run.holds = plan.digest, now(), []
    note_approved(run, plan)


def _ask(run: Publication, beside: Callable[[], object] = lambda: None) -> Publication:
    return publications.ask(
        run, run_publication, timeout=TIMEOUT_SECONDS, queue_name=PUBLISH_QUEUE_NAME, beside=beside
    )


def _again(run: Publication) -> bool:
    return publications.queue_again(
        run, run_publication, timeout=TIMEOUT_SECONDS, queue_name=PUBLISH_QUEUE_NAME
    )
