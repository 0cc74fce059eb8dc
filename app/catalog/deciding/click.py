"""One click on a row: put a rule on a store, a group or a product, or take it off."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from sqlalchemy import select

from app.catalog.lists import place_rows, rows, surroundings
from app.catalog.lists.address import ListQuery
from app.catalog.lists.all_rows import in_all_stores
from app.catalog.lists.elsewhere import find_elsewhere
from app.catalog.lists.family import find_family
from app.catalog.lists.filters import NO_RULE
from app.catalog.lists.shelf import Good, find_record
from app.catalog.lists.stores_and_groups import select_groups, select_stores
from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.rules.changes.one import Held, hold_rules, set_rule
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE, decide_product
from app.rules.models import RuleChange
from app.rules.read import Target, find_rule
from app.rules.words import effect_sentence
from app.web.formatting import quoted
from app.web.keys import read_key
from app.words import gettext_noop

_TABLES: dict[str, Any] = {
    STORE: (CachedStore, CachedStore.evotor_id),
    GROUP: (CachedGroup, CachedGroup.store_evotor_id),
    PRODUCT: (CachedProduct, CachedProduct.store_evotor_id),
}
_SENTENCES = {
    INCLUDE: gettext_noop("«%(name)s»: включено в синхронизацию"),
    EXCLUDE: gettext_noop("«%(name)s»: исключено из синхронизации"),
    None: gettext_noop("«%(name)s»: правило убрано"),
}


class Entity(NamedTuple):
    """A store, a group or a product by the cloud's ids."""

    entity_type: str
    store_id: str
    entity_id: str


@dataclass(frozen=True)
class Filtered:
    """What a click did: the rule before and after, its step in the history, and the row as it is now.

    `change` is None for a click that changed nothing; `row` is None for a rule whose store, group or product
    the cache no longer holds. `effect` is what it did to the goods: `Снято с публикации 312 товаров`.
    `reaches_other_rows` tells that more rows of the same list have changed.
    """

    target: Target
    before: str | None
    after: str | None
    change: RuleChange | None
    row: rows.CatalogRow | None
    effect: str | None
    reaches_other_rows: bool = False

    @property
    def sentence(self) -> str:
        name = quoted(self.target.name)
        if self.target.entity_type == PRODUCT and self.row is not None:
            published = self.row.verdict.published
            return (
                gettext("«%(name)s» публикуется", name=name)
                if published
                else gettext("«%(name)s» не публикуется", name=name)
            )
        sentence = gettext(_SENTENCES[self.after], name=name)
        return f"{sentence}. {self.effect}" if self.effect else sentence

    @property
    def undo_mode(self) -> str:
        """What the row's form sends to take the change back."""
        return self.before or NO_RULE

    @property
    def list_url(self) -> str:
        """The list in which the row stands."""
        if self.target.entity_type == STORE:
            return url_for("catalog.stores")
        kind = "groups" if self.target.entity_type == GROUP else "products"
        return url_for(f"catalog.{kind}", store_id=self.target.store_id)


def entity_of_row(user_id: int, head: str) -> Entity | None:
    """Find what stands in this owner's row with that head."""
    key = read_key(head[1:])
    for entity_type, (model, store_id) in _TABLES.items():
        if key is not None and head[0] == entity_type[0]:
            ids = select(store_id, model.evotor_id).where(model.user_id == user_id, model.id == key)
            found = db.session.execute(ids).first()
            if found:
                return Entity(entity_type, *found)
    return None


def filter_entity(
    user_id: int,
    entity: Entity,
    mode: str | None,
    *,
    is_inside_group: bool,
    is_in_all_stores: bool = False,
    stands_for: int = 1,
    is_in_tree: bool = False,
) -> Filtered | None:
    """Put a rule on an entity, or (None) take it off; None when this owner has no such entity.

    `is_inside_group` tells that the row stands in its group's own list, which has no column for groups;
    `is_in_all_stores` that it stands in the list that has a column for stores, and there for the goods of
    `stands_for` of them, `is_in_tree` in that of groups in which each stands below the one it lies in.
    """
    entity_type, store_id, entity_id = entity
    held = hold_rules(user_id)
    target: Target | None
    policy = held.policy
    if entity_type == PRODUCT and (product := find_record(user_id, store_id, entity_id, policy)):
        target = Target(PRODUCT, entity_id, store_id, product.name, product.group_evotor_id)
        change, row = _filter_product(
            held,
            target,
            product,
            mode,
            is_inside_group=is_inside_group,
            is_in_all_stores=is_in_all_stores,
            stands_for=stands_for,
        )
    elif target := _find_target(user_id, entity_type, entity_id, store_id):
        change = set_rule(held, target, mode)
        row = _row(user_id, target)
        if isinstance(row, rows.GroupRow):
            row.depth = len(row.path) if is_in_tree else None
    else:
        return None
    before = change.moves[0]["before"] if change else mode
    effect = effect_sentence(change) if change else None
    has_relatives = entity_type == GROUP and surroundings.has_relatives(user_id, store_id, entity_id)
    # Last: what is read after it is read a second time.
    db.session.commit()
    return Filtered(target, before, mode, change, row, effect, reaches_other_rows=has_relatives)


def _filter_product(
    held: Held,
    target: Target,
    product: Good,
    mode: str | None,
    *,
    is_inside_group: bool,
    is_in_all_stores: bool,
    stands_for: int,
) -> tuple[RuleChange | None, rows.CatalogRow | None]:
    """Decide about one good of the cache: the click that is made most, and so in few statements."""
    groups = [target.parent_id] if target.parent_id else []
    family = find_family(held.user_id, target.store_id, groups, [target.entity_id])
    met = held.policy.find(product.criterion)
    waits = target.entity_id in family.waiting
    inherited = decide_product(family.rules, target.entity_id, target.parent_id, met, waits=waits).mode
    change = set_rule(held, target, mode, inherited=inherited)
    store = surroundings.find_store(held.user_id, target.store_id)
    if store is None:
        return change, None
    # All else of the good is as it was read.
    good = product._replace(rule_mode=mode)
    (row,) = rows.product_rows(
        held.user_id, store, [good], inside_group=is_inside_group, policy=held.policy, family=family
    )
    if is_in_all_stores:
        # A row that is folded, or has others folded into it, has them beside it.
        same = find_elsewhere(held.user_id, target.store_id, good) if stands_for == 1 else None
        row = in_all_stores(row, store.name, same, stands_for)
    return change, row


def _find_target(user_id: int, entity_type: str, entity_id: str, store_id: str) -> Target | None:
    """Take name and parent from the cache, not from the form; a rule outlives its row in the cache."""
    if entity_type == STORE and (store := surroundings.find_store(user_id, entity_id)):
        return Target(STORE, entity_id, store_id, store.name, None)
    if entity_type == GROUP and (group := surroundings.find_group(user_id, store_id, entity_id)):
        return Target(GROUP, entity_id, store_id, group.name, store_id)
    if rule := find_rule(user_id, entity_type, entity_id, store_id):
        return Target(entity_type, entity_id, store_id, rule.entity_name, rule.parent_entity_id)
    return None


def _row(user_id: int, target: Target) -> rows.CatalogRow | None:
    found: list[rows.CatalogRow] = []
    if target.entity_type == STORE:
        stores = select_stores(user_id, ListQuery("catalog.stores"))
        records = db.session.execute(stores.where(CachedStore.evotor_id == target.entity_id))
        found += place_rows.store_rows(user_id, records)
    elif target.entity_type == GROUP and (store := surroundings.find_store(user_id, target.store_id)):
        groups = select_groups(user_id, store.evotor_id, ListQuery("catalog.groups"))
        records = db.session.execute(groups.where(CachedGroup.evotor_id == target.entity_id))
        found += place_rows.group_rows(user_id, store, records)
    return found[0] if found else None
