"""A step of the history of rules in words."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.data.db import db
from app.rules.changes.plan import title_of, touches_goods
from app.rules.models import RuleChange
from app.rules.words import effect_sentence, moves_of
from app.web.language import translated


class Step(NamedTuple):
    """One line of the timeline; `moves` are sentences, `effect` is None where goods cannot be affected."""

    id: int
    applied_at: datetime | None
    title: str
    moves: list[str]
    effect: str | None


class UndoneBy(NamedTuple):
    """The step that took another one back, and when."""

    id: int
    applied_at: datetime


def undone_by(user_id: int, change_ids: Collection[int]) -> dict[int, UndoneBy]:
    """Those of the steps that another one took back, which was not taken back in turn; one query."""
    if not change_ids:
        return {}
    again = aliased(RuleChange)
    rows = db.session.execute(
        select(RuleChange.undoes, RuleChange.id, RuleChange.applied_at)
        .where(
            RuleChange.user_id == user_id,
            RuleChange.undoes.in_(change_ids),
            RuleChange.applied_at.is_not(None),
            ~select(again.id).where(again.undoes == RuleChange.id, again.applied_at.is_not(None)).exists(),
        )
        .order_by(RuleChange.applied_at, RuleChange.id)
    )
    return {undoes: UndoneBy(change_id, at) for undoes, change_id, at in rows if undoes and at}


def step_of(change: RuleChange) -> Step:
    """Describe an applied change."""
    effect = effect_sentence(change) if touches_goods(change) else None
    return Step(change.id, change.applied_at, translated(title_of(change)), moves_of(change), effect)
