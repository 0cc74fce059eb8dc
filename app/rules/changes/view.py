"""A plan, or a step already made, as its page shows it."""

from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import cast, select

from app.data.db import db
from app.data.types import sorted_text
from app.mirror.big_shops import big_shop_in_turn
from app.mirror.folding import fold
from app.mirror.models import CachedStore
from app.rules.changes.effect import affected_goods, effects
from app.rules.changes.history import UndoneBy, undone_by
from app.rules.changes.items import Counted, count_items, items_of
from app.rules.changes.plan import is_empty, title_of
from app.rules.changes.scope import scope_now
from app.rules.models import RuleChange
from app.rules.summary import counts_by_store
from app.rules.words import APPEAR, DISAPPEAR, effect_sentence, moves_of, plan_sentence, replaced_sentences
from app.web.language import translated

SHOWN_GOODS = 100
SHOWN_RULES = 50


class Affected(NamedTuple):
    """Goods that turn one way: how many, the first of them (store, name), and how many are not shown."""

    heading: str
    total: int
    goods: list[tuple[str, str]]
    more: int


class StepView(NamedTuple):
    """`sentence` says what happens to goods; of a plan `published` is how many are published, and would be.

    `replaced` says of a plan whose own rules go. `affected` is empty once the step is made, `rules` are not
    known of one that is too old to be taken back.
    """

    id: int
    applied_at: datetime | None
    title: str
    moves: list[str]
    sentence: str
    published: tuple[int, int] | None
    replaced: list[str]
    is_empty: bool
    affected: list[Affected]
    rules: list[Any]
    more_rules: int
    notes: list[str]
    undone_by: UndoneBy | None
    is_too_old: bool


def step_view(change: RuleChange) -> StepView:
    """Describe a plan as it stands against the rules of this moment, or a step as it was made."""
    affected: list[Affected] = []
    published = None
    replaced: list[str] = []
    if change.applied_at is None:
        with big_shop_in_turn(change.user_id):
            counted = count_items(items_of(change))
            replaced = replaced_sentences(counted.taken_off, counted.turned) if _puts_many(change) else []
            affected = _affected(change, counted)
            now = sum(store.published for store in counts_by_store(change.user_id))
        appear, disappear = (side.total for side in affected)
        sentence = plan_sentence(appear, disappear)
        published = now, now + appear - disappear
    else:
        sentence = effect_sentence(change)
    return StepView(
        change.id,
        change.applied_at,
        translated(title_of(change)),
        moves_of(change),
        sentence,
        published,
        replaced,
        is_empty(change),
        [side for side in affected if side.total],
        [] if change.is_too_old else _rules(change),
        max(0, change.rules - SHOWN_RULES),
        change.notes,
        undone_by(change.user_id, [change.id]).get(change.id),
        change.is_too_old,
    )


def _puts_many(change: RuleChange) -> bool:
    """Whether a change puts rules, and is about more than one: of one the move itself says what goes."""
    puts = any(move["after"] is not None for move in change.moves)
    return puts and change.rules > 1


def _affected(change: RuleChange, counted_rules: Counted) -> list[Affected]:
    scope = scope_now(change, counted_rules)
    counted = effects(scope)
    names = {row.evotor_id: row.name for row in _stores(change.user_id)}
    sides = []
    for heading, appearing, total in (
        (APPEAR, True, sum(effect.appeared for effect in counted)),
        (DISAPPEAR, False, sum(effect.hidden for effect in counted)),
    ):
        goods = affected_goods(scope, appearing=appearing, limit=SHOWN_GOODS) if total else []
        listed = [(names.get(row.store_id, ""), row.name) for row in goods]
        sides.append(Affected(gettext(heading), total, listed, total - len(listed)))
    return sides


def _stores(user_id: int) -> Any:
    return db.session.execute(
        select(CachedStore.evotor_id, CachedStore.name).where(CachedStore.user_id == user_id)
    )


def _rules(change: RuleChange) -> list[Any]:
    item = items_of(change).subquery("items").c
    statement = select(item.entity_type, item.entity_name, item.mode_before, item.mode_after)
    # Which are the first must not hang on how the database sorts names.
    first = statement.order_by(item.entity_type, cast(item.entity_name, sorted_text(255)), item.entity_id)
    rows = db.session.execute(first.limit(SHOWN_RULES)).all()
    return sorted(rows, key=lambda row: (row.entity_type, fold(row.entity_name)))
