"""Runs and readings that nobody asks for: after a change, after a pause, once a day."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, and_, func, select, update

from app.connections.may_publish import may_publish
from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.publishing.current import current_plan
from app.publishing.planning.templates import TemplateError
from app.publishing.run.limits import DAILY_LIMIT, LONGEST_PAUSE
from app.publishing.run.lives import publications
from app.publishing.run.models import HELD, PAUSED, MarketReading, Publication
from app.publishing.run.pausing import UNKNOWN
from app.publishing.run.reading import last_read_at
from app.publishing.run.requests import (
    end_elsewhere,
    look_again,
    publish_by_itself,
    request_reading,
    resume,
)
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import settings_row
from app.publishing.switch import is_on
from app.rules.models import SyncConfig
from app.work.jobs import job
from app.work.queue import PUBLISH_QUEUE_NAME, queue
from app.work.runs.row import ACTIVE, DONE, FAILED, INTERRUPTED, new_token

LOOK_TIMEOUT_SECONDS = 300
# A run whose worker has died is begun anew, but not one that ends every worker that takes it up.
_DEATHS_AN_HOUR = 3


@job
def look_for_changes() -> None:
    """Look at the plan of every owner who publishes by itself and for whom something has changed since."""
    _close_dead_runs()
    for user_id, looked in list(_due_owners()):
        # Noted before the look: what changes during it is looked at the next time.
        db.session.execute(
            update(PublicationSettings)
            .where(PublicationSettings.user_id == user_id)
            .values(looked=looked, updated_at=PublicationSettings.updated_at)
        )
        db.session.commit()
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
    settings = settings_row(user_id)
    # The owner may have thought otherwise while this look waited for its turn.
    if settings is None or not settings.auto or not is_on(user_id):
        return
    community, problem = may_publish(user_id)
    if community is None or problem is not None:
        return
    end_elsewhere(user_id)
    active = publications.latest(user_id)
    waits = active is not None and active.status == PAUSED and active.problem in (DAILY_LIMIT, UNKNOWN)
    is_held = active is not None and active.status == HELD
    if active is not None and active.is_active and not (waits or is_held):
        return
    try:
        plan = current_plan(user_id, community.id)
    except TemplateError:
        return
    if active is not None and is_held:
        # What it asked about may be over: whoever waits for a word that nobody needs sends nothing any more.
        if active.digest != plan.digest:
            look_again(active)
        return
    if not plan.has_work:
        return
    if active is not None and waits:
        # A price must not wait for the day when new goods may go on.
        look_again(active)
    else:
        publish_by_itself(user_id, community.id)


@job
def read_communities() -> None:
    """Read every community anew whose last reading is too long ago: the check for edits made by hand."""
    interval = timedelta(seconds=current_app.extensions["settings"].vk_read_interval_seconds)
    for user_id, community_id in _open_communities():
        read_at = last_read_at(user_id, community_id)
        if read_at is None or abs(now() - read_at) > interval:
            request_reading(user_id, community_id)


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


def _due_owners() -> Iterator[tuple[int, str]]:
    """Owners whose goods, rules, settings or community have changed since their plan was looked at.

    So have those whose run was cut off: what it has not sent is sent by no other. With each comes a mark of
    what a plan is made of, to be noted: another mark is a change, whatever clocks say. Those of two machines
    differ, and what takes long may be committed after a look though it was begun before.
    """
    owner = PublicationSettings.user_id
    refreshed = _last(
        CatalogRefresh.id, CatalogRefresh.user_id == owner, CatalogRefresh.finished_at.is_not(None)
    )
    was_read = _last(MarketReading.id, MarketReading.user_id == owner, MarketReading.status == DONE)
    mine = Publication.user_id == owner
    died = and_(mine, Publication.status == FAILED, Publication.error == INTERRUPTED)
    of_late = Publication.finished_at > now() - timedelta(hours=1)
    deaths = select(func.count()).where(died, of_late).correlate(PublicationSettings).scalar_subquery()
    rows = db.session.execute(
        select(owner, PublicationSettings.looked)
        .add_columns(SyncConfig.updated_at, PublicationSettings.updated_at, refreshed, was_read)
        .add_columns(_last(Publication.id, mine) == _last(Publication.id, died), deaths)
        .join(SyncConfig, SyncConfig.user_id == owner)
        .where(
            PublicationSettings.auto,
            PublicationSettings.configured_at.is_not(None),
            SyncConfig.is_enabled,
            SyncConfig.confirmed_at.is_not(None),
        )
    )
    for user_id, looked, ruled_at, set_at, refresh, reading, was_cut_off, died_of_late in rows:
        mark = f"{ruled_at.timestamp()} {set_at.timestamp()} {refresh} {reading}"
        if mark != looked or (was_cut_off and 0 < died_of_late <= _DEATHS_AN_HOUR):
            yield user_id, mark


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
        if is_due:
            resume(run)
