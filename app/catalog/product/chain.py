"""The rules that a good passes on the way to its result, from the owner's default down to its own."""

from typing import NamedTuple

from flask import url_for
from flask_babel import gettext

from app.catalog.lists.family import Family
from app.catalog.lists.lineage import shown_ancestors
from app.mirror.models import CachedProduct, CachedStore
from app.rules.criteria.criterion import Criterion
from app.rules.criteria.words import criterion_words
from app.rules.decide import CRITERION, EXCLUDE, GROUP, PRODUCT, STORE, decide_product
from app.web.formatting import quoted


class RuleLink(NamedTuple):
    """One link of the chain: what the rule is on, its mode (None: no rule), and where it is changed.

    `decides`: of all the links this one has the last word.
    """

    title: str
    mode: str | None
    decides: bool
    url: str | None = None


def chain_of(
    product: CachedProduct, store: CachedStore, family: Family, met: Criterion | None
) -> list[RuleLink]:
    """The chain of a good; `family` holds its groups and all the rules, its own too.

    `met` is the first of the owner's conditions that it meets.
    """
    rules = family.rules
    waits = product.evotor_id in family.waiting
    decision = decide_product(rules, product.evotor_id, product.group_evotor_id, met, waits=waits)
    decided = (decision.entity_type, decision.entity_id)
    links = [
        RuleLink(
            gettext("По умолчанию"),
            rules.default,
            decided[0] is None,
            url_for("sync.index", _anchor="default"),
        ),
        *([_of_condition(met, decides=decided[0] == CRITERION)] if met else []),
        RuleLink(
            gettext("Магазин «%(name)s»", name=store.name),
            rules.store,
            decided == (STORE, store.evotor_id),
            url_for("catalog.show_store_rule", number=store.id),
        ),
    ]
    group = family.groups.get(product.group_evotor_id or "")
    if group is None and product.group_evotor_id:
        # The till names a group that it does not list; a rule on it counts all the same.
        mode = rules.groups.get(product.group_evotor_id)
        links.append(
            RuleLink(
                gettext("Группа, которой больше нет в Эвоторе"),
                mode,
                decided == (GROUP, product.group_evotor_id),
            )
        )
    elif group is not None:
        links += [
            RuleLink(
                gettext("Группа «%(name)s»", name=each.name),
                rules.groups.get(each.evotor_id),
                decided == (GROUP, each.evotor_id),
                url_for("catalog.show_group_rule", number=each.number),
            )
            for each in (*shown_ancestors(family.groups, group.evotor_id), group)
        ]
    own = rules.products.get(product.evotor_id)
    if waits and not own:
        url = url_for("catalog.inbox.show")
        links.append(RuleLink(gettext("Новый товар ждёт вашего решения"), EXCLUDE, True, url))
    return [*links, RuleLink(gettext("Этот товар"), own, decided[0] == PRODUCT)]


def _of_condition(met: Criterion, *, decides: bool) -> RuleLink:
    url = url_for("sync.conditions.index", _anchor=met.key)
    title = gettext("Условие «%(name)s»", name=quoted(criterion_words(met)))
    return RuleLink(title, met.mode, decides, url)
