"""What happened, in one timeline: publications, refreshes of the catalogue, changes of rules."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.told import ALL, told
from app.publishing.pages.words import ORIGINS, STATUSES
from app.publishing.run.models import PAUSED, Publication
from app.rules.changes.folding import undone_around
from app.rules.changes.history import step_of
from app.rules.models import RuleChange
from app.web.cursor import BadCursor, Cursor
from app.web.formatting import in_owner_zone, number, plural
from app.web.language import translated
from app.words import gettext_noop
from app.work.runs.row import SUCCESSFUL

PUBLICATION, REFRESH, RULES = "publication", "refresh", "rules"
KINDS = {
    PUBLICATION: gettext_noop("Публикации"),
    REFRESH: gettext_noop("Обновления каталога"),
    RULES: gettext_noop("Правила"),
}
PAGE = 50
# When each kind of event happened.
_MOMENTS: dict[str, Any] = {
    PUBLICATION: Publication.requested_at,
    REFRESH: CatalogRefresh.requested_at,
    RULES: RuleChange.applied_at,
}
_TABLES: dict[str, Any] = {PUBLICATION: Publication, REFRESH: CatalogRefresh, RULES: RuleChange}


class Event(NamedTuple):
    """One line; `url` leads to more about it, None where there is no more. `revert_id`: a change of rules.

    `parts` say it in parts, each with the address of its list or None, where that is better than `said`.
    `back` is the next change of rules where that took this one back: the two are one line.
    """

    kind: str
    at: datetime
    title: str
    said: str
    status: str
    url: str | None
    revert_id: int | None = None
    back: "Event | None" = None
    parts: Sequence[tuple[str, str | None]] = ()


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


def timeline(user_id: int, kind: str | None, after: str | None) -> Timeline:
    """Read one page of the owner's timeline, of one `kind` or of all; raises BadCursor."""
    edge = _edge(after) if after else None
    some = [_of_kind(each, user_id, edge) for each in ([kind] if kind else KINDS)]
    events = union_all(*(select(part.subquery()) for part in some)).subquery()
    found = db.session.execute(
        select(events).order_by(events.c.at.desc(), events.c.kind.desc(), events.c.id.desc()).limit(PAGE + 1)
    ).all()
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    cursor = Cursor(f"{last.kind} {last.at.isoformat()}", last.id, 0).encode() if last else None
    described = _described(user_id, shown, is_first=after is None, is_last=cursor is None)
    return Timeline(_by_day(described), cursor)


_Edge = tuple[datetime, str, int]


def _of_kind(kind: str, user_id: int, edge: _Edge | None) -> Select[Any]:
    table, moment = _TABLES[kind], _MOMENTS[kind]
    statement = select(literal(kind).label("kind"), table.id.label("id"), moment.label("at")).where(
        table.user_id == user_id, moment.is_not(None)
    )
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
    taken_back = {later.id for later in pairs.values()}
    with_lists = _last_refresh(user_id) if any(each.kind == REFRESH for each in found) else None
    events = []
    for each in found:
        if each.kind == RULES and each.id in taken_back:
            continue
        event = _DESCRIBE[each.kind](rows[each.kind, each.id])
        if each.kind == RULES and each.id in pairs:
            event = event._replace(back=_rules(pairs[each.id]))
        if each.kind == REFRESH and each.id != with_lists:
            event = event._replace(parts=[(words, None) for words, _ in event.parts])
        events.append(event)
    return events


def _publication(run: Publication) -> Event:
    said = [gettext(STATUSES[run.status])]
    if run.done:
        said.append(plural(run.done, "товар", "товара", "товаров"))
    if run.failed:
        said.append(gettext("не получилось %(failed)s", failed=number(run.failed)))
    if run.left and run.status == PAUSED:
        said.append(gettext("осталось %(left)s", left=number(run.left)))
    sentence = ", ".join(said) + (f". {translated(run.error)}" if run.error else "")
    return Event(
        PUBLICATION,
        run.requested_at,
        gettext("Публикация: %(origin)s", origin=gettext(ORIGINS[run.origin])),
        sentence[0].upper() + sentence[1:],
        run.status,
        url_for("sync.runs.show", run_id=run.id),
    )


def _refresh(run: CatalogRefresh) -> Event:
    said = translated(run.error or "") or (gettext("Идёт") if run.is_active else "")
    parts = [] if said else told(run)
    if not said and not parts:
        said = gettext("Изменений нет")
    linked = [(part.words, _list_url(part.what)) for part in parts]
    if linked:
        (first, url), *others = linked
        linked = [(first[0].upper() + first[1:], url), *others]
    title = gettext("Обновление каталога")
    return Event(REFRESH, run.requested_at, title, said, run.status, None, parts=linked)


def _last_refresh(user_id: int) -> int | None:
    """The key of the last run that brought something in: what an earlier one changed is no longer listed."""
    ended = select(func.max(CatalogRefresh.id)).where(CatalogRefresh.status.in_(SUCCESSFUL))
    return db.session.scalar(ended.filter_by(user_id=user_id))


def _list_url(what: str | None) -> str | None:
    if what is None:
        return None
    return url_for("catalog.all_products") if what == ALL else url_for("catalog.changes", what=what)


def _rules(change: RuleChange) -> Event:
    step = step_of(change)
    said = ". ".join(each for each in ("; ".join(step.moves), step.effect) if each)
    url = url_for("sync.changes.show", change_id=step.id)
    at, title = change.applied_at or change.planned_at, translated(step.title)
    return Event(RULES, at, title, said, "done", url, step.id)


_DESCRIBE: dict[str, Any] = {PUBLICATION: _publication, REFRESH: _refresh, RULES: _rules}


def _by_day(events: list[Event]) -> list[Day]:
    days = groupby(events, key=lambda event: in_owner_zone(event.at).date())
    return [Day(day, list(of_day)) for day, of_day in days]
