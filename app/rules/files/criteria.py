"""The conditions of a file of rules: what becomes of the owner's, and which lines cannot be used."""

import re
import secrets
from collections.abc import Collection, Sequence

from flask_babel import gettext

from app.rules.criteria.criterion import MOST_CRITERIA, Criterion
from app.rules.criteria.written import Unreadable, read_written
from app.rules.decide import EXCLUDE
from app.rules.files.read_file import ConditionLine, Refused
from app.rules.policy import Policy

_KEY = re.compile(r"[0-9a-f]{8}")


def too_many() -> str:
    """What is said of a line that would make one condition too many."""
    return gettext("условий может быть не больше %(most)s", most=MOST_CRITERIA)


def policy_of_lines(
    lines: Sequence[ConditionLine], present: Policy, *, remove_missing: bool
) -> tuple[Policy, list[Refused]]:
    """What the lines make of the present policy: conditions stand in the order of the file.

    A condition is known by its ID, else by what it says. One that no line names keeps its place, or comes off
    with `remove_missing`; one whose line cannot be used stays as it is.
    """
    named = {line.key for line in lines if present.find(line.key)}
    becomes: dict[str, Criterion | None] = {}
    refused: list[Refused] = []
    for line in lines:
        try:
            criterion = read_written(line.words, line.key, line.mode or EXCLUDE)
            key = _key(criterion, present, named, becomes)
            _check(key, criterion, present, named, becomes)
            becomes[key] = criterion._replace(key=key) if line.mode else None
        except Unreadable as error:
            if line.key in named:
                becomes.setdefault(line.key, present.find(line.key))
            refused.append(Refused(line.number, str(error)))
    order = [key for key, criterion in becomes.items() if criterion]
    if not remove_missing:
        order = _with_unnamed(order, present, becomes)
    found = (becomes.get(key) or present.find(key) for key in order)
    return Policy(tuple(criterion for criterion in found if criterion)), refused


def _key(
    criterion: Criterion, present: Policy, named: Collection[str], becomes: dict[str, Criterion | None]
) -> str:
    """The key of the owner's condition that a line means, else one for a new condition."""
    if criterion.key in named:
        return criterion.key
    for each in present.criteria:
        if each.says == criterion.says and each.key not in named:
            return each.key
    is_free = _KEY.fullmatch(criterion.key) and criterion.key not in becomes
    return criterion.key if is_free else secrets.token_hex(4)


def _check(
    key: str,
    criterion: Criterion,
    present: Policy,
    named: Collection[str],
    becomes: dict[str, Criterion | None],
) -> None:
    """Raise Unreadable when the condition has no place beside the others."""
    others = {each.key: each for each in present.criteria if each.key not in named} | becomes
    others.pop(key, None)
    if any(other and other.says == criterion.says for other in others.values()):
        raise Unreadable(gettext("такое условие уже есть"))
    kept = sum(each.key not in others for each in present.criteria if each.key != key)
    if kept + sum(other is not None for other in others.values()) >= max(
        MOST_CRITERIA, len(present.criteria)
    ):
        raise Unreadable(too_many())


def _with_unnamed(order: list[str], present: Policy, becomes: Collection[str]) -> list[str]:
    """Put those that no line names behind those that they stand behind now."""
    before: str | None = None
    for criterion in present.criteria:
        if criterion.key not in becomes:
            order.insert(order.index(before) + 1 if before in order else 0, criterion.key)
        before = criterion.key if criterion.key in order else before
    return order
