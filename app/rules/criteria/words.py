"""Conditions in words."""

from collections.abc import Sequence
from decimal import Decimal

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
from app.web.formatting import price, quantity, quoted

TYPE_WORDS = {
    NORMAL: "обычный товар",
    SERVICE: "услуга",
    ALCOHOL: "алкоголь и пиво",
    TOBACCO: "табак и никотин",
    MEDICINE: "лекарства",
    SHOES: "обувь",
    OTHER: "другой",
}
ACTION_WORDS = {INCLUDE: "публиковать", EXCLUDE: "не публиковать"}


def criterion_words(criterion: Criterion) -> str:
    """What a condition says of a good: `остаток меньше 3`."""
    if criterion.kind == STOCK:
        return f"остаток {_stock(criterion)}"
    if criterion.kind == PRICE:
        return f"цена {_range(criterion)}"
    if criterion.kind == NO_PRICE:
        return "нет цены"
    if criterion.kind == NO_PHOTO:
        return "нет фото"
    if criterion.kind == TYPE:
        return f"тип: {TYPE_WORDS[criterion.text]}"
    words = ", ".join(f"«{quoted(word)}»" for word in criterion.words)
    if criterion.is_part:
        return f"в названии есть {words}, и как часть слова"
    return f"в названии {'слово' if len(criterion.words) == 1 else 'слова'} {words}"


def criterion_sentence(criterion: Criterion) -> str:
    """A condition with what it does: `не публиковать, если остаток меньше 3`."""
    return f"{ACTION_WORDS[criterion.mode]}, если {criterion_words(criterion)}"


def first_sentences(policy: Policy, most: int = 3) -> tuple[list[str], int]:
    """The first conditions in words, and how many there are besides."""
    sentences = [criterion_sentence(criterion) for criterion in policy.criteria[:most]]
    return sentences, max(0, len(policy.criteria) - most)


def policy_moves(before: Policy, after: Policy) -> list[str]:
    """What becomes of the conditions, a line each."""
    was = {criterion.key: criterion for criterion in before.criteria}
    becomes = {criterion.key: criterion for criterion in after.criteria}
    lines = [f"новое условие: {criterion_sentence(becomes[key])}" for key in becomes if key not in was]
    lines += [f"условие убрано: {criterion_sentence(was[key])}" for key in was if key not in becomes]
    lines += [
        f"условие: {criterion_sentence(was[key])} → {criterion_sentence(becomes[key])}"
        for key in becomes
        if key in was and was[key] != becomes[key]
    ]
    if _order(before, becomes) != _order(after, was):
        order = "; ".join(criterion_words(criterion) for criterion in after.criteria)
        lines.append(f"порядок условий: {order}")
    return [line[0].upper() + line[1:] for line in lines]


def _order(policy: Policy, others: object) -> Sequence[str]:
    return [criterion.key for criterion in policy.criteria if criterion.key in others]  # type: ignore[operator]


def _stock(criterion: Criterion) -> str:
    low, high = criterion.low, criterion.high
    if high is None:
        return f"не меньше {quantity(low)}"
    if low == high:
        return f"равен {quantity(high)}"
    word = "меньше" if criterion.is_below else "не больше"
    return f"{word} {quantity(high)}"


def _range(criterion: Criterion) -> str:
    bounds: list[tuple[str, Decimal | None]] = [("от", criterion.low), ("до", criterion.high)]
    return " ".join(f"{word} {price(bound)}" for word, bound in bounds if bound is not None)
