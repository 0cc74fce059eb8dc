"""The timeline of the rules, the newest step first."""

from datetime import datetime
from typing import NamedTuple

from flask import url_for
from sqlalchemy import literal, select, tuple_

from app.data.db import db
from app.rules.changes.folding import undone_around
from app.rules.changes.plan import touches_goods
from app.rules.models import RuleChange
from app.rules.words import effect_sentence, moves_of
from app.web.cursor import BadCursor, Cursor

STEPS_A_PAGE = 50


class Step(NamedTuple):
    """One line of the timeline; `moves` are sentences, `effect` is None where goods cannot be affected."""

    id: int
    applied_at: datetime | None
    title: str
    moves: list[str]
    effect: str | None


class Undone(NamedTuple):
    """A step and the next one, which took it back: one line, that opens to both."""

    made: Step
    back: Step


class Timeline(NamedTuple):
    """A page of steps and the link to the older ones."""

    steps: list[Step | Undone]
    next_url: str | None


def timeline(user_id: int, after: str | None) -> Timeline:
    """Read one page; raises BadCursor."""
    place = (RuleChange.applied_at, RuleChange.id)
    statement = select(RuleChange).where(RuleChange.user_id == user_id, RuleChange.applied_at.is_not(None))
    position = 0
    if after is not None:
        cursor = Cursor.decode(after)
        position = cursor.position
        statement = statement.where(
            tuple_(*place) < tuple_(literal(_moment(cursor), RuleChange.applied_at.type), cursor.id)
        )
    statement = statement.order_by(*(column.desc() for column in place)).limit(STEPS_A_PAGE + 1)
    found = list(db.session.scalars(statement))
    shown = found[:STEPS_A_PAGE]
    next_url = None
    if len(found) > len(shown):
        last = shown[-1]
        assert last.applied_at is not None  # noqa: S101 (the query asks for applied steps)
        edge = Cursor(last.applied_at.isoformat(), last.id, position + len(shown))
        next_url = url_for("sync.changes.index", after=edge.encode())
    pairs = undone_around(user_id, shown, is_first=after is None, is_last=next_url is None)
    return Timeline(_lines(shown, pairs), next_url)


def _lines(changes: list[RuleChange], pairs: dict[int, RuleChange]) -> list[Step | Undone]:
    taken_back = {later.id for later in pairs.values()}
    lines: list[Step | Undone] = []
    for change in changes:
        if change.id in pairs:
            lines.append(Undone(step_of(change), step_of(pairs[change.id])))
        elif change.id not in taken_back:
            lines.append(step_of(change))
    return lines


def step_of(change: RuleChange) -> Step:
    """Describe an applied change."""
    effect = effect_sentence(change) if touches_goods(change) else None
    return Step(change.id, change.applied_at, change.title, moves_of(change), effect)


def _moment(cursor: Cursor) -> datetime:
    try:
        return datetime.fromisoformat(cursor.value)
    except ValueError:
        raise BadCursor(cursor.value) from None
