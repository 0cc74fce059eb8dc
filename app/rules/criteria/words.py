"""Conditions in words."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext

from app.rules.criteria.criterion import (
    ALCOHOL,
    MEDICINE,
    NO_PHOTO,
    NO_PRICE,
    NORMAL,
    OTHER,
    PRICE,
    SERVICE,
    SHOES,
    STOCK,
    TOBACCO,
    TYPE,
    Criterion,
)
from app.rules.decide import EXCLUDE, INCLUDE
from app.rules.policy import Policy
from app.web.formatting import in_quotes, price, quantity, quoted
from app.words import gettext_noop

TYPE_WORDS = {
    NORMAL: gettext_noop("обычный товар"),
    SERVICE: gettext_noop("услуга"),
    ALCOHOL: gettext_noop("алкоголь и пиво"),
    TOBACCO: gettext_noop("табак и никотин"),
    MEDICINE: gettext_noop("лекарства"),
    SHOES: gettext_noop("обувь"),
    OTHER: gettext_noop("другой"),
}
ACTION_WORDS = {INCLUDE: gettext_noop("публиковать"), EXCLUDE: gettext_noop("не публиковать")}


def criterion_words(criterion: Criterion) -> str:
    """What a condition says of a good: `остаток меньше 3`."""
    return str(_words(criterion))


def _words(criterion: Criterion) -> Any:
    if criterion.kind == STOCK:
        return _stock(criterion)
    if criterion.kind == PRICE:
        return _range(criterion)
    if criterion.kind == NO_PRICE:
        return gettext("нет цены")
    if criterion.kind == NO_PHOTO:
        return gettext("нет фото")
    if criterion.kind == TYPE:
        return gettext("тип: %(type)s", type=gettext(TYPE_WORDS[criterion.text]))
    words = ", ".join(in_quotes(quoted(word)) for word in criterion.words)
    if criterion.is_part:
        return gettext("в названии есть %(words)s, и как часть слова", words=words)
    if len(criterion.words) == 1:
        return gettext("в названии слово %(words)s", words=words)
    return gettext("в названии слова %(words)s", words=words)


def criterion_sentence(criterion: Criterion) -> str:
    """A condition with what it does: `не публиковать, если остаток меньше 3`."""
    words = criterion_words(criterion)
    if criterion.mode == INCLUDE:
        return gettext("публиковать, если %(condition)s", condition=words)
    return gettext("не публиковать, если %(condition)s", condition=words)


def first_sentences(policy: Policy, most: int = 3) -> tuple[list[str], int]:
    """The first conditions in words, and how many there are besides."""
    sentences = [criterion_sentence(criterion) for criterion in policy.criteria[:most]]
    return sentences, max(0, len(policy.criteria) - most)


def policy_moves(before: Policy, after: Policy) -> list[str]:
    """What becomes of the conditions, a line each."""
    was = {criterion.key: criterion for criterion in before.criteria}
    becomes = {criterion.key: criterion for criterion in after.criteria}
    lines = [
        gettext("новое условие: %(condition)s", condition=criterion_sentence(becomes[key]))
        for key in becomes
        if key not in was
    ]
    lines += [
        gettext("условие убрано: %(condition)s", condition=criterion_sentence(was[key]))
        for key in was
        if key not in becomes
    ]
    lines += [
        gettext(
            "условие: %(before)s → %(after)s",
            before=criterion_sentence(was[key]),
            after=criterion_sentence(becomes[key]),
        )
        for key in becomes
        if key in was and was[key] != becomes[key]
    ]
    if _order(before, becomes) != _order(after, was):
        order = "; ".join(criterion_words(criterion) for criterion in after.criteria)
        lines.append(gettext("порядок условий: %(order)s", order=order))
    return [line[0].upper() + line[1:] for line in lines]


def _order(policy: Policy, others: object) -> Sequence[str]:
    return [criterion.key for criterion in policy.criteria if criterion.key in others]  # type: ignore[operator]


def _stock(criterion: Criterion) -> Any:
    low, high = criterion.low, criterion.high
    if high is None:
        return gettext("остаток не меньше %(number)s", number=quantity(low))
    if low == high:
        return gettext("остаток равен %(number)s", number=quantity(high))
    if criterion.is_below:
        return gettext("остаток меньше %(number)s", number=quantity(high))
    return gettext("остаток не больше %(number)s", number=quantity(high))


def _range(criterion: Criterion) -> Any:
    low, high = price(criterion.low), price(criterion.high)
    if criterion.high is None:
        return gettext("цена от %(low)s", low=low)
    if criterion.low is None:
        return gettext("цена до %(high)s", high=high)
    return gettext("цена от %(low)s до %(high)s", low=low, high=high)
