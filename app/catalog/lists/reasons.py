"""Why the goods of a row are published or not, in words, and where the rule stands that decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalog.lists.family import GroupName
from app.rules.criteria.words import criterion_words
from app.rules.decide import (
    CRITERION,
    GROUP,
    INCLUDE,
    NEW,
    PRODUCT,
    STORE,
    Decision,
)
from app.rules.policy import EMPTY, Policy
from app.web.addresses import url_for
from app.web.formatting import quoted

_RULED = {INCLUDE: "включена", "exclude": "исключена"}

_RULED_STORE = {INCLUDE: "включён", "exclude": "исключён"}

_OWN_RULE = {STORE: "правило магазина", GROUP: "правило группы", PRODUCT: "правило товара"}

WAITS = "новый товар: ждёт вашего решения"

BY_DEFAULT = "по умолчанию"


@dataclass(frozen=True)
class Verdict:
    """What happens to the goods of a row, and why, in words; `url` leads to the rule that decided."""

    published: bool
    reason: str
    url: str | None = None


def verdict_of(
    decision: Decision,
    row: tuple[str, str],
    store_name: str,
    groups: Mapping[str, GroupName],
    policy: Policy = EMPTY,
) -> Verdict:
    """What comes of a decision about `row`, its kind and id; `groups` are those that may have decided."""
    if decision.entity_type == CRITERION and (criterion := policy.find(decision.entity_id or "")):
        words = f"по условию «{quoted(criterion_words(criterion))}»"
        return Verdict(decision.is_published, words, url_for("sync.conditions.index", _anchor=criterion.key))
    if decision.entity_type == NEW:
        return Verdict(decision.is_published, WAITS, url_for("catalog.inbox.show"))
    own = (decision.entity_type, decision.entity_id) == row
    url = None if own else _rule_url(decision, groups)
    return Verdict(decision.is_published, _reason(decision, row, store_name, groups), url)


def _rule_url(decision: Decision, groups: Mapping[str, GroupName]) -> str | None:
    if decision.entity_type is None:
        return url_for("sync.index", _anchor="default")
    if decision.entity_type == STORE:
        return url_for("catalog.stores", _anchor="listing")
    group = groups.get(decision.entity_id or "")
    return url_for("catalog.show_group_rule", number=group.number) if group else None


def _reason(
    decision: Decision, row: tuple[str, str], store_name: str, groups: Mapping[str, GroupName]
) -> str:
    if decision.entity_type is None:
        return BY_DEFAULT
    if (decision.entity_type, decision.entity_id) == row:
        return _OWN_RULE[decision.entity_type]
    if decision.entity_type == STORE:
        return f"магазин «{store_name}» {_RULED_STORE[decision.mode]}"
    group = groups.get(decision.entity_id or "")
    name = f" «{group.name}»" if group else ", которой больше нет в Эвоторе"
    return f"{_RULED[decision.mode]} группа{name}"
