"""Rules and their changes in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.rules.criteria.words import policy_moves
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange
from app.rules.policy import Policy
from app.rules.read import Target
from app.web.formatting import number, plural, plural_form, quoted
from app.words import Sentence, gettext_noop, ngettext_noop

# Shown by `gettext`, as all words of the tables below.
MODE_WORDS = {
    INCLUDE: gettext_noop("Включено"),
    EXCLUDE: gettext_noop("Исключено"),
    None: gettext_noop("Нет правила"),
}
DEFAULT_WORDS = {INCLUDE: gettext_noop("публиковать"), EXCLUDE: gettext_noop("не публиковать")}
SWITCH_WORDS = {True: gettext_noop("включена"), False: gettext_noop("выключена")}
SWITCHED = {True: gettext_noop("Публикация включена."), False: gettext_noop("Публикация выключена.")}
KIND_WORDS = {STORE: gettext_noop("Магазин"), GROUP: gettext_noop("Группа"), PRODUCT: gettext_noop("Товар")}
NO_EFFECT = gettext_noop("Итог не изменился")
NO_EFFECT_OF_PLAN = gettext_noop("Итог не изменится")
APPEAR, DISAPPEAR = gettext_noop("Начнут публиковаться"), gettext_noop("Перестанут публиковаться")
_THEIRS_GO = gettext_noop("Собственные правила уйдут")
_THEIRS_TURN = gettext_noop("Собственные правила сменятся на противоположные")
_OF_THESE = {
    STORE: ngettext_noop("у %(count)s магазина", "у %(count)s магазинов", "у %(count)s магазинов"),
    GROUP: ngettext_noop("у %(count)s группы", "у %(count)s групп", "у %(count)s групп"),
    PRODUCT: ngettext_noop("у %(count)s товара", "у %(count)s товаров", "у %(count)s товаров"),
}
_BY_DEFAULT_AGAIN = {
    INCLUDE: gettext_noop("товары без правила снова публикуются"),
    EXCLUDE: gettext_noop("товары без правила снова не публикуются"),
}
_SWITCHED_AGAIN = {
    True: gettext_noop("публикация снова включена"),
    False: gettext_noop("публикация снова выключена"),
}
_MADE_AGAIN = {INCLUDE: gettext_noop("снова включено"), EXCLUDE: gettext_noop("снова исключено")}
_TAKEN_OFF = ngettext_noop(
    "снят с публикации %(goods)s", "снято с публикации %(goods)s", "снято с публикации %(goods)s"
)
_BACK = ngettext_noop(
    "%(goods)s снова публикуется", "%(goods)s снова публикуются", "%(goods)s снова публикуются"
)
_NO_MORE = ngettext_noop(
    "%(goods)s больше не публикуется", "%(goods)s больше не публикуются", "%(goods)s больше не публикуются"
)


def name_target(target: Target) -> Sentence:
    """Name what a rule is on: `Группа «Чай»`."""
    kind = Sentence(KIND_WORDS[target.entity_type])
    return Sentence("%(kind)s «%(name)s»", kind=kind, name=quoted(target.name))


def goods(count: int) -> str:
    """`312 товаров`."""
    return plural(count, "товар", "товара", "товаров")


def rules(count: int) -> str:
    """`12 правил`."""
    return plural(count, "правило", "правила", "правил")


def _of_goods(count: int, one: str, few: str, many: str) -> str:
    return plural_form(count, one, few, many) % {"goods": goods(count)}


def effect_sentence(change: RuleChange) -> str:
    """What a change did to the goods: `Снято с публикации 312 товаров`."""
    parts = []
    if change.hidden:
        parts.append(_of_goods(change.hidden, *_TAKEN_OFF))
    if change.appeared:
        parts.append(gettext("вернули в публикацию %(goods)s", goods=goods(change.appeared)))
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] if sentence else gettext(NO_EFFECT)


def plan_sentence(appear: int, disappear: int) -> str:
    """What a plan would do to the goods: `Начнут публиковаться: 12. Перестанут публиковаться: 3`."""
    parts = [
        f"{gettext(words)}: {number(count)}"
        for words, count in ((APPEAR, appear), (DISAPPEAR, disappear))
        if count
    ]
    return ". ".join(parts) or gettext(NO_EFFECT_OF_PLAN)


def replaced_sentences(taken_off: Mapping[str, int], turned: Mapping[str, int]) -> list[str]:
    """Whose own rules go or turn, by kind: `Собственные правила уйдут: у 3 товаров, у 1 группы`."""
    said = []
    for counted, words in ((taken_off, _THEIRS_GO), (turned, _THEIRS_TURN)):
        owners = [
            plural_form(counted[kind], *_OF_THESE[kind]) % {"count": number(counted[kind])}
            for kind in (PRODUCT, GROUP, STORE)
            if counted.get(kind)
        ]
        if owners:
            said.append(f"{gettext(words)}: {', '.join(owners)}")
    return said


def undone_sentence(change: RuleChange) -> str:
    """What taking a change back did: `Отменено: снято 3 правила, 1 товар снова публикуется`."""
    parts = [_undone(move, is_alone=len(change.moves) == 1) for move in change.moves]
    if change.default_after is not None:
        parts.append(gettext(_BY_DEFAULT_AGAIN[change.default_after]))
    if change.enabled_after is not None:
        parts.append(gettext(_SWITCHED_AGAIN[change.enabled_after]))
    if change.policy_after is not None:
        lines = policy_moves(Policy.of(change.policy_before), Policy.of(change.policy_after))
        parts += [line[0].lower() + line[1:] for line in lines]
    if change.appeared:
        parts.append(_of_goods(change.appeared, *_BACK))
    if change.hidden:
        parts.append(_of_goods(change.hidden, *_NO_MORE))
    return gettext("Отменено: %(what)s", what=", ".join(parts))


def moves_of(change: RuleChange) -> list[str]:
    """What a change does to rules, switch and default, as `Нет правила → Исключено: 12 правил`."""
    # One rule alone needs no number; beside others it would look as if it had been left out.
    is_alone = len(change.moves) == 1
    lines = [_move(move, is_alone=is_alone) for move in change.moves]
    if change.default_after is not None:
        lines.append(_arrow(DEFAULT_WORDS, change.default_before, change.default_after))
    if change.enabled_after is not None:
        # A switch has but two sides: where it was goes without saying.
        lines.append(gettext(SWITCH_WORDS[change.enabled_after]))
    if change.policy_after is not None:
        lines += policy_moves(Policy.of(change.policy_before), Policy.of(change.policy_after))
    return lines


def _move(move: Mapping[str, Any], *, is_alone: bool) -> str:
    arrow = _arrow(MODE_WORDS, move["before"], move["after"])
    return arrow if move["rules"] == 1 and is_alone else f"{arrow}: {rules(move['rules'])}"


def _arrow(words: Mapping[Any, str], before: Any, after: Any) -> str:
    becomes = gettext(words[after])
    return f"{gettext(words[before])} → {becomes}" if before in words else becomes


def _undone(move: Mapping[str, Any], *, is_alone: bool) -> str:
    count, mode = move["rules"], move["after"]
    if mode is None:
        return gettext("правило снято") if count == 1 else gettext("снято %(rules)s", rules=rules(count))
    return gettext(_MADE_AGAIN[mode]) + ("" if count == 1 and is_alone else f": {rules(count)}")
