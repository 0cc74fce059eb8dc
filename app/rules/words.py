"""Rules and their changes in words."""

from collections.abc import Mapping
from typing import Any

from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange
from app.rules.read import Target
from app.web.formatting import plural

MODE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
DEFAULT_WORDS = {INCLUDE: "публиковать", EXCLUDE: "не публиковать"}
SWITCH_WORDS = {True: "включена", False: "выключена"}
KIND_WORDS = {STORE: "Магазин", GROUP: "Группа", PRODUCT: "Товар"}
NO_EFFECT = "На товары это не повлияло"


def name_target(target: Target) -> str:
    """Name what a rule is on: `Группа «Чай»`."""
    return f"{KIND_WORDS[target.entity_type]} «{target.name}»"


def goods(count: int) -> str:
    """`312 товаров`."""
    return plural(count, "товар", "товара", "товаров")


def rules(count: int) -> str:
    """`12 правил`."""
    return plural(count, "правило", "правила", "правил")


def effect_sentence(change: RuleChange) -> str:
    """What a change did to the goods: `Скрыто 312 товаров`."""
    parts = []
    if change.hidden:
        parts.append(f"{_agrees(change.hidden, 'скрыт')} {goods(change.hidden)}")
    if change.appeared:
        parts.append(f"{_agrees(change.appeared, 'показан')} {goods(change.appeared)}")
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] if sentence else NO_EFFECT


def plan_sentence(appear: int, disappear: int) -> str:
    """What a plan would do to the goods: `+12 появятся, −3 исчезнут`."""
    parts = []
    if appear:
        parts.append(f"+{goods(appear)} {'появится' if _is_one(appear) else 'появятся'}")
    if disappear:
        parts.append(f"−{goods(disappear)} {'исчезнет' if _is_one(disappear) else 'исчезнут'}")
    return ", ".join(parts) or "Ни один товар не появится и не исчезнет"


def moves_of(change: RuleChange) -> list[str]:
    """What a change does to rules, switch and default, as `Нет правила → Исключено: 12 правил`."""
    lines = [_move(move) for move in change.moves]
    if change.default_after is not None:
        lines.append(_arrow(DEFAULT_WORDS, change.default_before, change.default_after))
    if change.enabled_after is not None:
        lines.append(_arrow(SWITCH_WORDS, change.enabled_before, change.enabled_after))
    return lines


def _move(move: Mapping[str, Any]) -> str:
    arrow = f"{MODE_WORDS[move['before']]} → {MODE_WORDS[move['after']]}"
    return arrow if move["rules"] == 1 else f"{arrow}: {rules(move['rules'])}"


def _arrow(words: Mapping[Any, str], before: Any, after: Any) -> str:
    return f"{words[before]} → {words[after]}" if before in words else words[after]


def _agrees(count: int, short: str) -> str:
    return short if _is_one(count) else f"{short}о"


def _is_one(count: int) -> bool:
    return count % 10 == 1 and count % 100 != 11
