"""The one sentence that decides what is published.

The nearest rule wins: the product's; a new product without one may wait for it; else its group's, else the
parent groups' upwards, else the store's, else the first of the owner's conditions that the product meets,
else the owner's default. Pure: knows neither tables nor the web.
"""

from collections.abc import Mapping
from typing import NamedTuple

from app.rules.criteria.criterion import Criterion

INCLUDE = "include"
EXCLUDE = "exclude"
MODES = (INCLUDE, EXCLUDE)

STORE = "store"
GROUP = "group"
PRODUCT = "product"
ENTITY_TYPES = (STORE, GROUP, PRODUCT)
# These stand where the kinds of entities do: a condition has decided, or a new product waits for its owner.
CRITERION = "criterion"
NEW = "new"


class Decision(NamedTuple):
    """The mode that holds for an entity, and the rule that set it.

    `entity_type` is CRITERION when a condition decided, and `entity_id` its key; it is NEW for a product that
    waits; it is None when no rule and no condition applies and the owner's default decided.
    """

    mode: str
    entity_type: str | None
    entity_id: str | None

    @property
    def is_published(self) -> bool:
        return self.mode == INCLUDE


class StoreRules(NamedTuple):
    """The rules that matter within one store, and its tree of groups.

    `store` is the store's own mode; `groups` and `products` map ids to modes; `parents` maps a group to its
    parent (None at the root; a parent that is not a key itself is an orphan's and ends the walk).
    """

    store_id: str
    default: str
    store: str | None
    groups: Mapping[str, str]
    products: Mapping[str, str]
    parents: Mapping[str, str | None]


def decide_product(
    rules: StoreRules,
    product_id: str,
    group_id: str | None,
    met: Criterion | None = None,
    *,
    waits: bool = False,
) -> Decision:
    """Resolve a product that lies in `group_id` (None: in no group).

    `met` is the first condition that it meets; `waits`: it is new, and not to be published undecided.
    """
    mode = rules.products.get(product_id)
    if mode:
        return Decision(mode, PRODUCT, product_id)
    if waits:
        return Decision(EXCLUDE, NEW, None)
    inherited = decide_group(rules, group_id)
    if inherited.entity_type is None and met is not None:
        return Decision(met.mode, CRITERION, met.key)
    return inherited


def decide_group(rules: StoreRules, group_id: str | None) -> Decision:
    """Resolve what goods of `group_id` inherit; None stands for goods in no group."""
    visited = set()
    while group_id is not None and group_id not in visited:
        mode = rules.groups.get(group_id)
        if mode:
            return Decision(mode, GROUP, group_id)
        visited.add(group_id)
        group_id = rules.parents.get(group_id)
    return decide_store(rules)


def decide_store(rules: StoreRules) -> Decision:
    """Resolve what goods of the store inherit."""
    if rules.store:
        return Decision(rules.store, STORE, rules.store_id)
    return Decision(rules.default, None, None)
