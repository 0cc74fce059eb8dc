"""One click on a row: put a rule on a store, a group or a product, or take it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import url_for
from sqlalchemy import Row, select

from app.catalog.lists import rows, surroundings
from app.catalog.lists.address import NO_RULE, BadQuery, ListQuery
from app.catalog.lists.shelf import find_record
from app.catalog.lists.stores_and_groups import select_groups, select_stores
from app.data.db import db
from app.data.types import fits_text
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.rules.changes.one import Held, hold_rules, set_rule
from app.rules.decide import ENTITY_TYPES, EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE, decide_group
from app.rules.models import RuleChange
from app.rules.read import Target, find_rule
from app.rules.words import effect_sentence
from app.web.formatting import quoted
from app.web.keys import read_key

_TABLES: dict[str, Any] = {
    STORE: (CachedStore, CachedStore.evotor_id),
    GROUP: (CachedGroup, CachedGroup.store_evotor_id),
    PRODUCT: (CachedProduct, CachedProduct.store_evotor_id),
}
_SENTENCES = {
    INCLUDE: "«{name}»: включено в синхронизацию",
    EXCLUDE: "«{name}»: исключено из синхронизации",
    None: "«{name}»: правило убрано",
}


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
            return f"«{name}» {'публикуется' if self.row.verdict.published else 'не публикуется'}"
        sentence = _SENTENCES[self.after].format(name=name)
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


def filter_entity(user_id: int, values: Mapping[str, str]) -> Filtered | None:
    """Carry out the form of a row; None when this owner has no such entity.

    The form names the row by the cloud's ids, or as the lists' own forms do by `row`, the id of the row's
    head. Raises BadQuery when a field is missing or unusable.
    """
    if "row" in values:
        ids = _ids_of(user_id, values["row"])
        if ids is None:
            return None
        values = {**values, **ids}
    entity_type = _one_of(values, "entity_type", ENTITY_TYPES)
    mode = _one_of(values, "filter_mode", (INCLUDE, EXCLUDE, NO_RULE))
    entity_id = _id(values, "entity_id")
    store_id = entity_id if entity_type == STORE else _id(values, "store_id")

    after = None if mode == NO_RULE else mode
    held = hold_rules(user_id)
    target: Target | None
    if entity_type == PRODUCT and (product := find_record(user_id, store_id, entity_id)):
        target = Target(PRODUCT, entity_id, store_id, product.name, product.group_evotor_id)
        is_inside_group = values.get("view") == GROUP
        change, row = _filter_product(held, target, product, after, is_inside_group=is_inside_group)
    elif target := _find_target(user_id, entity_type, entity_id, store_id):
        change = set_rule(held, target, after)
        row = _row(user_id, target)
    else:
        return None
    before = change.moves[0]["before"] if change else after
    effect = effect_sentence(change) if change else None
    has_relatives = entity_type == GROUP and surroundings.has_relatives(user_id, store_id, entity_id)
    # Last: what is read after it is read a second time.
    db.session.commit()
    return Filtered(target, before, after, change, row, effect, reaches_other_rows=has_relatives)


def _filter_product(
    held: Held, target: Target, product: Row[Any], mode: str | None, *, is_inside_group: bool
) -> tuple[RuleChange | None, rows.CatalogRow | None]:
    """Decide about one good of the cache: the click that is made most, and so in few statements."""
    groups = [target.parent_id] if target.parent_id else []
    family = surroundings.find_family(held.user_id, target.store_id, groups, [target.entity_id])
    inherited = decide_group(family.rules, target.parent_id).mode
    change = set_rule(held, target, mode, inherited=inherited)
    store = surroundings.find_store(held.user_id, target.store_id)
    if store is None:
        return change, None
    # All else of the good is as it was read.
    record: Any = SimpleNamespace(**product._asdict() | {"rule_mode": mode})
    (row,) = rows.product_rows(held.user_id, store, [record], inside_group=is_inside_group, family=family)
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
        found += rows.store_rows(user_id, records)
    elif target.entity_type == GROUP and (store := surroundings.find_store(user_id, target.store_id)):
        groups = select_groups(user_id, store.evotor_id, ListQuery("catalog.groups"))
        records = db.session.execute(groups.where(CachedGroup.evotor_id == target.entity_id))
        found += rows.group_rows(user_id, store, records)
    return found[0] if found else None


def _ids_of(user_id: int, head: str) -> dict[str, str] | None:
    """Find the row of this owner with that head, as the fields of a form name it."""
    key = read_key(head[1:])
    for entity_type, (model, store_id) in _TABLES.items():
        if key is not None and head[0] == entity_type[0]:
            ids = select(model.evotor_id, store_id).where(model.user_id == user_id, model.id == key)
            found = db.session.execute(ids).first()
            if found:
                return {"entity_type": entity_type, "entity_id": found[0], "store_id": found[1]}
    return None


def _one_of(values: Mapping[str, str], name: str, offered: tuple[str, ...]) -> str:
    value = values.get(name, "")
    if value not in offered:
        raise BadQuery(f"Поле «{name}» должно быть одним из: {', '.join(offered)}.")
    return value


def _id(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "")
    if not fits_text(value, 255):
        raise BadQuery(f"Поле «{name}» пустое или непонятное. Откройте список заново и повторите.")
    return value
