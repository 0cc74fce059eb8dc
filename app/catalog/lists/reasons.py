"""Why the goods of a row are published or not, in words, and where the rule stands that decided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.catalog.lists.family import GroupName
from app.mirror.models import CachedStore
from app.mirror.stores import NamedStore
from app.rules.criteria.words import criterion_words
from app.rules.decide import (
    CRITERION,
    EXCLUDE,
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
from app.web.language import catalogue
from app.words import gettext_noop

_OWN_RULE = {
    STORE: gettext_noop("правило магазина"),
    GROUP: gettext_noop("правило группы"),
    PRODUCT: gettext_noop("правило товара"),
}
_OF_STORE = {
    INCLUDE: gettext_noop("магазин «%(name)s» включён"),
    EXCLUDE: gettext_noop("магазин «%(name)s» исключён"),
}
_OF_GROUP = {
    INCLUDE: gettext_noop("включена группа «%(name)s»"),
    EXCLUDE: gettext_noop("исключена группа «%(name)s»"),
}
_OF_LOST_GROUP = {
    INCLUDE: gettext_noop("включена группа, которой больше нет в Эвоторе"),
    EXCLUDE: gettext_noop("исключена группа, которой больше нет в Эвоторе"),
}
_OF_CONDITION = gettext_noop("по условию «%(name)s»")
_WAITS = gettext_noop("новый товар: ждёт вашего решения")
_BY_DEFAULT = gettext_noop("по умолчанию")


@dataclass(frozen=True)
class Verdict:
    """What happens to the goods of a row, and why, in words; `url` leads to the rule that decided."""

    published: bool
    reason: str
    url: str | None = None


def verdict_of(
    decision: Decision,
    row: tuple[str, str],
    store: NamedStore | CachedStore | Row[Any],
    groups: Mapping[str, GroupName],
    policy: Policy = EMPTY,
    *,
    spoken: str,
) -> Verdict:
    """What comes of a decision about `row`, its kind and id; `store` and `groups` may have decided.

    spoken: the language; to ask for it anew takes longer than all else, and a page has two hundred rows.
    """
    say = catalogue(spoken).ugettext
    if decision.entity_type == CRITERION and (criterion := policy.find(decision.entity_id or "")):
        words = say(_OF_CONDITION) % {"name": quoted(criterion_words(criterion))}
        return Verdict(decision.is_published, words, url_for("sync.conditions.index", _anchor=criterion.key))
    if decision.entity_type == NEW:
        return Verdict(decision.is_published, say(_WAITS), url_for("catalog.inbox.show"))
    own = (decision.entity_type, decision.entity_id) == row
    url = None if own else _rule_url(decision, store.id, groups)
    return Verdict(decision.is_published, _reason(say, decision, row, store.name, groups), url)


def _rule_url(decision: Decision, store_number: int, groups: Mapping[str, GroupName]) -> str | None:
    if decision.entity_type is None:
        return url_for("sync.index", _anchor="default")
    if decision.entity_type == STORE:
        return url_for("catalog.show_store_rule", number=store_number)
    group = groups.get(decision.entity_id or "")
    return url_for("catalog.show_group_rule", number=group.number) if group else None


def _reason(
    say: Callable[[str], str],
    decision: Decision,
    row: tuple[str, str],
    store_name: str,
    groups: Mapping[str, GroupName],
) -> str:
    if decision.entity_type is None:
        return say(_BY_DEFAULT)
    if (decision.entity_type, decision.entity_id) == row:
        return say(_OWN_RULE[decision.entity_type])
    if decision.entity_type == STORE:
        return say(_OF_STORE[decision.mode]) % {"name": store_name}
    group = groups.get(decision.entity_id or "")
    if group is None:
        return say(_OF_LOST_GROUP[decision.mode])
    return say(_OF_GROUP[decision.mode]) % {"name": group.name}
