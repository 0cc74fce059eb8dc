"""What happened, in one timeline: publications, refreshes of the catalogue, changes of rules."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, literal, or_, select, union_all

from app.data.db import db
from app.data.engine import PLANNED_EACH_TIME
from app.mirror.models import CatalogRefresh
from app.publishing.pages.events import KINDS, PUBLICATION, REFRESH, RULES, Event, event_of, last_refresh
from app.publishing.pages.touched import Touched
from app.publishing.run.models import Publication
from app.rules.changes.history import undone_by
from app.rules.changes.undone import undone_around
from app.rules.models import RuleChange
from app.web.cursor import BadCursor, Cursor
from app.web.formatting import in_owner_zone

PAGE = 50
# When each kind of event happened.
_MOMENTS: dict[str, Any] = {
    PUBLICATION: Publication.requested_at,
    REFRESH: CatalogRefresh.requested_at,
    RULES: RuleChange.applied_at,
}
_TABLES: dict[str, Any] = {PUBLICATION: Publication, REFRESH: CatalogRefresh, RULES: RuleChange}


class Day(NamedTuple):
    """A day in the owner's time zone and its events, the latest first."""

    date: date
    events: list[Event]


class Timeline(NamedTuple):
    """A page of days; `after` is the cursor of the next one, None at the end."""

    days: list[Day]
    after: str | None

    @property
    def has_folded(self) -> bool:
        """Whether a change and its way back stand in one line."""
        return any(event.back for day in self.days for event in day.events)


def timeline(user_id: int, kind: str | None, touched: Touched | None, after: str | None) -> Timeline:
    """Read one page of the owner's timeline, of one `kind` or of all; raises BadCursor.

    Of a search it holds what `touched` a good that the search finds.
    """
    edge = _edge(after) if after else None
    some = [_of_kind(each, user_id, touched, edge) for each in ([kind] if kind else KINDS)]
    events = union_all(*(select(part.subquery()) for part in some)).subquery()
    page = select(events).order_by(events.c.at.desc(), events.c.kind.desc(), events.c.id.desc())
    options = PLANNED_EACH_TIME if touched else {}
    found = db.session.execute(page.limit(PAGE + 1), execution_options=options).all()
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    cursor = Cursor(f"{last.kind} {last.at.isoformat()}", last.id, 0).encode() if last else None
    described = _described(user_id, shown, is_first=after is None, is_last=cursor is None)
    return Timeline(_by_day(described), cursor)


_Edge = tuple[datetime, str, int]


def _of_kind(kind: str, user_id: int, touched: Touched | None, edge: _Edge | None) -> Select[Any]:
    table, moment = _TABLES[kind], _MOMENTS[kind]
    statement = select(literal(kind).label("kind"), table.id.label("id"), moment.label("at")).where(
        table.user_id == user_id, moment.is_not(None)
    )
    if touched is not None:
        statement = statement.where(touched.by(kind))
    if edge is not None:
        at, other, number_there = edge
        of_kind = literal(kind)
        is_before_in_moment = or_(of_kind < other, and_(of_kind == other, table.id < number_there))
        statement = statement.where(or_(moment < at, and_(moment == at, is_before_in_moment)))
    return statement.order_by(moment.desc(), table.id.desc()).limit(PAGE + 1)


def _edge(after: str) -> _Edge:
    cursor = Cursor.decode(after)
    kind, _, moment = cursor.value.partition(" ")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        raise BadCursor(after) from None
    if kind not in KINDS or at.tzinfo is None:
        raise BadCursor(after)
    return at, kind, cursor.id


def _described(user_id: int, found: Sequence[Any], *, is_first: bool, is_last: bool) -> list[Event]:
    rows = {
        (kind, row.id): row
        for kind, table in _TABLES.items()
        for row in db.session.scalars(
            select(table).where(table.id.in_([each.id for each in found if each.kind == kind]))
        )
    }
    steps = [rows[each.kind, each.id] for each in found if each.kind == RULES]
    pairs = undone_around(user_id, steps, is_first=is_first, is_last=is_last)
    undone = undone_by(user_id, [step.id for step in steps])
    taken_back = {later.id for later in pairs.values()}
    with_lists = last_refresh(user_id) if any(each.kind == REFRESH for each in found) else None
    events = []
    for each in found:
        if each.kind == RULES and each.id in taken_back:
            continue
        event = event_of(each.kind, rows[each.kind, each.id])
        if each.kind == RULES and each.id in pairs:
            event = event._replace(back=event_of(RULES, pairs[each.id]))
        if each.kind == RULES:
            event = event._replace(undone_by=undone.get(each.id))
        if each.kind == REFRESH and each.id != with_lists:
            event = event._replace(parts=[(words, None) for words, _ in event.parts])
        events.append(event)
    return events


def _by_day(events: list[Event]) -> list[Day]:
    days = groupby(events, key=lambda event: in_owner_zone(event.at).date())
    return [Day(day, list(of_day)) for day, of_day in days]
