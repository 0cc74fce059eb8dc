"""Runs and readings that nobody asks for: after a change, after a pause, once a day."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select, update

from app.connections.may_publish import chosen_community_id, may_publish
from app.connections.models import VK, CloudAccount
from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.publishing.current import current_plan
from app.publishing.ledger.doubts import to_be_borne_out, waits_until
from app.publishing.ledger.refused import try_unexplained_anew
from app.publishing.planning.templates import TemplateError
from app.publishing.run.approving import part_of
from app.publishing.run.failing import of_whole_plan, select_tried_at, stands_until
from app.publishing.run.limits import DAILY_LIMIT, LONGEST_PAUSE
from app.publishing.run.lives import publications
from app.publishing.run.models import HELD, PAUSED, MarketReading, Publication
from app.publishing.run.overtaken import is_overtaken
from app.publishing.run.pausing import UNKNOWN
from app.publishing.run.reading import last_read_at
from app.publishing.run.requests import (
    end_by_itself,
    end_elsewhere,
    end_overtaken,
    look_again,
    publish_by_itself,
    request_reading,
    resume,
)
from app.publishing.settings.models import PublicationSettings
from app.rules.models import SyncConfig
from app.work.jobs import job
from app.work.queue import PUBLISH_QUEUE_NAME, queue
from app.work.runs.row import ACTIVE, DONE, FAILED, new_token

LOOK_TIMEOUT_SECONDS = 300


@job
def look_for_changes() -> None:
    """Have the plan looked at of every owner who publishes by itself and for whom something has changed."""
    _close_dead_runs()
    for user_id in [owner.user_id for owner in _owners() if owner.is_due]:
        queue.enqueue(
            publish_what_changed,
            user_id,
            job_id=f"look-{user_id}-{new_token()[:8]}",
            timeout=LOOK_TIMEOUT_SECONDS,
            queue_name=PUBLISH_QUEUE_NAME,
        )
    _resume_paused()


@job
def publish_what_changed(user_id: int) -> None:
    """Start a run if the plan of this moment has work to do; without any nothing is left behind."""
    # The owner may have thought otherwise while this look waited for its turn, or another have come first.
    owner = next(_owners(PublicationSettings.user_id == user_id), None)
    if owner is None or not owner.is_due:
        return
    has_looked = _has_looked(user_id)
    if next(_owners(PublicationSettings.user_id == user_id), None) is None:
        # Who put an end to that while the plan was made found no run to stop yet.
        end_by_itself(user_id)
    if not has_looked:
        return
    # Only now: a look that went with its worker, the queue or the database is made again.
    db.session.execute(
        update(PublicationSettings)
        .where(PublicationSettings.user_id == user_id)
        .values(looked=owner.mark, updated_at=PublicationSettings.updated_at)
    )
    db.session.commit()


def _has_looked(user_id: int) -> bool:
    """Look at an owner's plan; False when a run is in the way, which may be about something else. Commits."""
    community, problem = may_publish(user_id)
    if community is None or problem is not None:
        return True
    end_elsewhere(user_id)
    active = publications.latest(user_id)
    is_over = active is not None and is_overtaken(active)
    waits = active is not None and active.sends_goods and _waits_for_vk(active)
    is_held = active is not None and active.status == HELD
    if active is not None and active.is_active and not (waits or is_held or is_over):
        return False
    if _is_to_be_borne_out(user_id, community.id):
        # What was missed may stand there, and nobody may want it any more.
        request_reading(user_id, community.id)
    try:
        plan = current_plan(user_id, community.id)
    except TemplateError:
        return True
    if active is not None and is_held:
        # What it asked about may be over: whoever waits for a word that nobody needs sends nothing any more.
        if active.digest != part_of(active, plan).digest:
            look_again(active)
    elif plan.has_work and active is not None and waits:
        # A price must not wait for the day when new goods may go on.
        look_again(active)
    elif plan.has_work:
        if active is not None and is_over:
            # It would wait for ever, and keep what is right by now from going.
            end_overtaken(active)
        publish_by_itself(user_id, community.id)
    return True


def _waits_for_vk(run: Publication) -> bool:
    """Whether a run waits for VK, and may have something else to send."""
    return run.status == PAUSED and run.problem in (DAILY_LIMIT, UNKNOWN)


@job
def read_communities() -> None:
    """Read every community anew whose last reading is too long ago: the check for edits made by hand."""
    interval = timedelta(seconds=current_app.extensions["settings"].vk_read_interval_seconds)
    for user_id, community_id in _open_communities():
        read_at = last_read_at(user_id, community_id)
        if read_at is None or abs(now() - read_at) > interval or _is_to_be_borne_out(user_id, community_id):
            # Once a day, or a price that was refused by a fault would stay wrong for ever.
            try_unexplained_anew(user_id, community_id)
            request_reading(user_id, community_id)


def _is_to_be_borne_out(user_id: int, community_id: int) -> bool:
    """Whether a look that is to be borne out has waited long enough for another, and none has come since.

    With one that proves nothing it waits for the day's.
    """
    read_at = last_read_at(user_id, community_id)
    return any(
        waits_until(since, now()) is None and (read_at is None or waits_until(since, read_at) is not None)
        for since in to_be_borne_out(db.session, user_id, community_id)
    )


def read_all_communities() -> int:
    """Read every community anew, whenever it was read last; give how many there are."""
    found = list(_open_communities())
    for user_id, community_id in found:
        request_reading(user_id, community_id)
    return len(found)


def _open_communities() -> Iterator[tuple[int, int]]:
    """The owners who publish or have done so, each with the community that VK lets us into."""
    owners = select(PublicationSettings.user_id).where(PublicationSettings.configured_at.is_not(None))
    for user_id in db.session.scalars(owners).all():
        community, problem = may_publish(user_id)
        if community is not None and problem is None:
            yield user_id, community.id


class _Owner(NamedTuple):
    """Who publishes by itself; `mark` is of what there is to look at, `is_due`: it has not been looked at."""

    user_id: int
    mark: str
    is_due: bool


def _owners(*conditions: ColumnElement[bool]) -> Iterator[_Owner]:
    """The owners who publish by themselves, each with a mark of what a plan is made of and what it leads to.

    That are goods, rules, settings, the connection to VK with its community, and the last run that failed:
    what it has not sent is sent by no other. Another mark is a change, whatever clocks say: those of two
    machines differ, and what takes long may be committed after a look though it was begun before.
    """
    owner = PublicationSettings.user_id
    refreshed = _last(
        CatalogRefresh.id, CatalogRefresh.user_id == owner, CatalogRefresh.finished_at.is_not(None)
    )
    was_read = _last(MarketReading.id, MarketReading.user_id == owner, MarketReading.status == DONE)
    vk = CloudAccount.user_id == owner, CloudAccount.provider == VK
    failed = and_(of_whole_plan(Publication, owner), Publication.status == FAILED)
    tried_at = select_tried_at(owner).scalar_subquery()
    rows = db.session.execute(
        select(owner, PublicationSettings.looked, tried_at)
        .add_columns(SyncConfig.updated_at, PublicationSettings.updated_at, refreshed, was_read)
        .add_columns(_last(CloudAccount.id, *vk), _last(CloudAccount.status, *vk), chosen_community_id(owner))
        .add_columns(_last(Publication.id, failed))
        .join(SyncConfig, SyncConfig.user_id == owner)
        .where(
            PublicationSettings.auto,
            PublicationSettings.configured_at.is_not(None),
            SyncConfig.is_enabled,
            SyncConfig.confirmed_at.is_not(None),
            *conditions,
        )
    ).all()
    db.session.commit()
    for user_id, looked, failed_at, ruled_at, set_at, *others in rows:
        facts = " ".join(map(str, (ruled_at.timestamp(), set_at.timestamp(), *others)))
        mark = blake2b(facts.encode(), digest_size=16).hexdigest()
        yield _Owner(user_id, mark, mark != looked and stands_until(failed_at) is None)


def _close_dead_runs() -> None:
    """Note of runs whose worker has died, or whose job it took along, that they have ended.

    Nobody may be looking at their pages.
    """
    for run in db.session.scalars(select(Publication).where(Publication.status.in_(ACTIVE))).all():
        publications.closed_if_dead(run)


def _last(column: Any, *conditions: ColumnElement[bool]) -> Any:
    latest = select(func.max(column)).where(*conditions)
    return latest.correlate(PublicationSettings).scalar_subquery()


def _resume_paused() -> None:
    """Let paused runs go on: those whose time has come, and those whose owner has mended what was wrong."""
    paused = db.session.scalars(select(Publication).filter_by(status=PAUSED)).all()
    for run in paused:
        if run.resume_at is not None:
            # Nothing waits longer than a day, but by a clock that has been set back since.
            is_due = run.resume_at <= now() or run.resume_at > now() + LONGEST_PAUSE
        else:
            is_due = may_publish(run.user_id).problem is None
        if is_due and not is_overtaken(run):
            resume(run)
