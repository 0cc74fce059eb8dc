"""A step of the history of rules in words."""

from datetime import datetime
from typing import NamedTuple

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


def step_of(change: RuleChange) -> Step:
    """Describe an applied change."""
    effect = effect_sentence(change) if touches_goods(change) else None
    return Step(change.id, change.applied_at, translated(title_of(change)), moves_of(change), effect)
