"""Rules and their changes in words."""

from collections.abc import Mapping
from typing import Any

from app.rules.criteria.words import policy_moves
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange
from app.rules.policy import Policy
from app.rules.read import Target
from app.web.formatting import number, plural, quoted

MODE_WORDS = {INCLUDE: "Включено", EXCLUDE: "Исключено", None: "Нет правила"}
DEFAULT_WORDS = {INCLUDE: "публиковать", EXCLUDE: "не публиковать"}
SWITCH_WORDS = {True: "включена", False: "выключена"}
KIND_WORDS = {STORE: "Магазин", GROUP: "Группа", PRODUCT: "Товар"}
NO_EFFECT = "Итог не изменился"
NO_EFFECT_OF_PLAN = "Итог не изменится"
APPEAR, DISAPPEAR = "Начнут публиковаться", "Перестанут публиковаться"
_BY_DEFAULT = {INCLUDE: "публикуются", EXCLUDE: "не публикуются"}
_MADE_AGAIN = {INCLUDE: "включено", EXCLUDE: "исключено"}


def name_target(target: Target) -> str:
    """Name what a rule is on: `Группа «Чай»`."""
    return f"{KIND_WORDS[target.entity_type]} «{quoted(target.name)}»"


def goods(count: int) -> str:
    """`312 товаров`."""
    return plural(count, "товар", "товара", "товаров")


def rules(count: int) -> str:
    """`12 правил`."""
    return plural(count, "правило", "правила", "правил")


def effect_sentence(change: RuleChange) -> str:
    """What a change did to the goods: `Снято с публикации 312 товаров`."""
    parts = []
    if change.hidden:
        parts.append(f"{'снят' if _is_one(change.hidden) else 'снято'} с публикации {goods(change.hidden)}")
    if change.appeared:
        parts.append(f"вернули в публикацию {goods(change.appeared)}")
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] if sentence else NO_EFFECT


def plan_sentence(appear: int, disappear: int) -> str:
    """What a plan would do to the goods: `Начнут публиковаться: 12. Перестанут публиковаться: 3`."""
    parts = [
        f"{words}: {number(count)}" for words, count in ((APPEAR, appear), (DISAPPEAR, disappear)) if count
    ]
    return ". ".join(parts) or NO_EFFECT_OF_PLAN


def undone_sentence(change: RuleChange) -> str:
    """What taking a change back did: `Отменено: снято 3 правила, 1 товар снова публикуется`."""
    parts = [_undone(move) for move in change.moves]
    if change.default_after is not None:
        parts.append(f"товары без правила снова {_BY_DEFAULT[change.default_after]}")
    if change.enabled_after is not None:
        parts.append(f"публикация снова {SWITCH_WORDS[change.enabled_after]}")
    if change.policy_after is not None:
        lines = policy_moves(Policy.of(change.policy_before), Policy.of(change.policy_after))
        parts += [line[0].lower() + line[1:] for line in lines]
    if change.appeared:
        word = "публикуется" if _is_one(change.appeared) else "публикуются"
        parts.append(f"{goods(change.appeared)} снова {word}")
    if change.hidden:
        word = "публикуется" if _is_one(change.hidden) else "публикуются"
        parts.append(f"{goods(change.hidden)} больше не {word}")
    return f"Отменено: {', '.join(parts)}"


def moves_of(change: RuleChange) -> list[str]:
    """What a change does to rules, switch and default, as `Нет правила → Исключено: 12 правил`."""
    lines = [_move(move) for move in change.moves]
    if change.default_after is not None:
        lines.append(_arrow(DEFAULT_WORDS, change.default_before, change.default_after))
    if change.enabled_after is not None:
        # A switch has but two sides: where it was goes without saying.
        lines.append(SWITCH_WORDS[change.enabled_after])
    if change.policy_after is not None:
        lines += policy_moves(Policy.of(change.policy_before), Policy.of(change.policy_after))
    return lines


def _move(move: Mapping[str, Any]) -> str:
    arrow = f"{MODE_WORDS[move['before']]} → {MODE_WORDS[move['after']]}"
    return arrow if move["rules"] == 1 else f"{arrow}: {rules(move['rules'])}"


def _arrow(words: Mapping[Any, str], before: Any, after: Any) -> str:
    return f"{words[before]} → {words[after]}" if before in words else words[after]


def _undone(move: Mapping[str, Any]) -> str:
    count = move["rules"]
    if move["after"] is None:
        return "правило снято" if count == 1 else f"снято {rules(count)}"
    return f"снова {_MADE_AGAIN[move['after']]}" + ("" if count == 1 else f": {rules(count)}")


def _is_one(count: int) -> bool:
    return count % 10 == 1 and count % 100 != 11
