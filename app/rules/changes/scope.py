"""What a change can reach, and the rules before and after it, as SQL.

Before and after are the same resolver over two sets of rules: the owner's, and the owner's with the change
laid over them.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union,
    union_all,
)
from sqlalchemy.sql.selectable import NamedFromClause

from app.mirror.models import CachedProduct
from app.rules import as_sql
from app.rules.changes.items import Counted, config_id_of, count_items, items_of, written_items
from app.rules.changes.plan import policy_after
from app.rules.criteria.as_sql import mode_of_first
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, STORE
from app.rules.models import RuleChange, SyncConfig, SyncFilter
from app.rules.policy import EMPTY, Policy
from app.rules.read import policy_of
from app.rules.waiting import is_waiting, waiting_goods

_filters = SyncFilter.__table__
_products = CachedProduct.__table__
_USER_ID, _CONFIG_ID, _CHANGE_ID = (
    bindparam(name, type_=SyncConfig.__table__.c.id.type) for name in ("user_id", "config_id", "change_id")
)
_STORE_ID = bindparam("store_id", type_=_filters.c.store_evotor_id.type)


class Scope(NamedTuple):
    """What a change can reach: `store_id` when all its rules lie in one store, `only_products` when it puts
    rules on products alone, so that what goods inherit stays as it is. `config_id` is 0 for an owner who has
    decided nothing yet; `items` are the rules of the change, see `items_of`. `present` and `becomes` are the
    owner's policy before and after the change; `change_id` is None unless its rules are written down."""

    user_id: as_sql.UserId
    config_id: int | BindParameter[int]
    items: Select[Any]
    default_after: str | None
    store_id: as_sql.StoreId | None
    only_products: bool
    present: Policy = EMPTY
    becomes: Policy = EMPTY
    change_id: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether `plain_scope` stands for it: there is nothing but rules that are written down."""
        return self.change_id is not None and self.default_after is None and not self.has_criteria

    @property
    def parameters(self) -> dict[str, Any]:
        """The values for a statement that is made of `plain_scope`."""
        given = {"user_id": self.user_id, "config_id": self.config_id, "change_id": self.change_id}
        return given if self.store_id is None else given | {"store_id": self.store_id}

    @property
    def has_criteria(self) -> bool:
        """Whether conditions may decide about goods, before the change or after it."""
        return bool(self.present.criteria or self.becomes.criteria)

    def met(self) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
        """The modes of the first conditions that a good meets before and after: met_before, met_after."""
        before, after = (
            cast(mode_of_first(policy.criteria, self.user_id, _products.c), String)
            for policy in (self.present, self.becomes)
        )
        return before.label("met_before"), after.label("met_after")

    def items_on(self, entity_type: str, name: str) -> FromClause:
        """The rules of the change of one kind."""
        item = self.items.selected_columns
        found = self.items.where(item.entity_type == entity_type)
        if entity_type != PRODUCT:
            return found.subquery(name)
        # They may be many: found once, so that SQLite makes an index instead of looking for each good again.
        return found.cte(f"{name}_found").prefix_with("MATERIALIZED").alias(name)


def scope_now(change: RuleChange, counted: Counted | None = None) -> Scope:
    """Find what a change can reach; `counted` are its rules, where they have been counted already."""
    items = items_of(change)
    counted = counted or count_items(items)
    present = policy_of(change.user_id)
    return scope_of(change, items, counted.store_ids, counted.entity_types, present=present)


def scope_of(
    change: RuleChange, items: Select[Any], store_ids: set[str], entity_types: set[str], *, present: Policy
) -> Scope:
    """Find the narrowest scope of a change whose rules lie in these stores and are of these kinds.

    `present` is the owner's policy before the change.
    """
    becomes = policy_after(change, present)
    is_narrow = change.default_after is None and becomes == present
    only_products = entity_types <= {PRODUCT} and is_narrow
    store_id = next(iter(store_ids)) if len(store_ids) == 1 and is_narrow else None
    return Scope(
        change.user_id,
        config_id_of(change.user_id),
        items,
        change.default_after,
        store_id,
        only_products,
        present,
        becomes,
        change.id if change.condition is None else None,
    )


def plain_scope(*, is_in_store: bool, only_products: bool) -> Scope:
    """Any change of written down rules, with parameters for values: statements of it are built once."""
    items, store_id = written_items(_CHANGE_ID), _STORE_ID if is_in_store else None
    return Scope(_USER_ID, _CONFIG_ID, items, None, store_id, only_products)


def touched_goods(scope: Scope) -> CTE:
    """Goods with a rule of their own, old or new, and new goods that wait: as if a rule excluded them.

    Gives store_id, group_id ("" for none), product_id, own_before, own_after; with conditions also met_before
    and met_after.
    """
    rule = _filters.alias("own_rule")
    made = scope.items_on(PRODUCT, "made_items").c
    new = select(made.store_evotor_id, made.entity_id, made.mode_after)
    waiting = waiting_goods(scope.user_id, scope.store_id, name="waiting_touched")
    keys = new.cte("touched_keys") if scope.only_products else _new_and_old_keys(scope, waiting)
    is_key = and_(
        _products.c.user_id == scope.user_id,
        _products.c.store_evotor_id == keys.c.store_evotor_id,
        _products.c.evotor_id == keys.c.entity_id,
    )
    # An outer join, and a condition that SQLite cannot see through: else it would go by all goods and look
    # through all keys for each of them.
    source = keys.outerjoin(_products, is_key).outerjoin(rule, is_rule_on(rule, scope))
    own_after: ColumnElement[Any] = keys.c.mode_after if scope.only_products else literal(None)
    if not scope.only_products:
        item = scope.items_on(PRODUCT, "own_item")
        source = source.outerjoin(item, as_sql.is_on_good(item))
        own_after = case((item.c.entity_id.is_not(None), item.c.mode_after), else_=rule.c.filter_mode)
    waits = case((is_waiting(_products.c.id, waiting), EXCLUDE))
    return (
        select(
            _products.c.store_evotor_id.label("store_id"),
            func.coalesce(_products.c.group_evotor_id, "").label("group_id"),
            _products.c.id.label("product_id"),
            func.coalesce(rule.c.filter_mode, waits).label("own_before"),
            func.coalesce(own_after, waits).label("own_after"),
            *(scope.met() if scope.has_criteria else ()),
        )
        .select_from(source)
        .where(func.coalesce(_products.c.id, 0) > 0)
        .cte("touched")
    )


def _new_and_old_keys(scope: Scope, waiting: CTE) -> CTE:
    made = scope.items_on(PRODUCT, "made_keys").c
    old = select(_filters.c.store_evotor_id, _filters.c.entity_id).where(
        _filters.c.sync_config_id == scope.config_id, _filters.c.entity_type == PRODUCT
    )
    if scope.store_id is not None:
        old = old.where(_filters.c.store_evotor_id == scope.store_id)
    new_goods = select(waiting.c.store_id, waiting.c.evotor_id)
    return union(select(made.store_evotor_id, made.entity_id), old, new_goods).cte("touched_keys")


def resolved_modes(
    scope: Scope, goods: NamedFromClause
) -> tuple[ColumnElement[str], ColumnElement[str], FromClause]:
    """The modes of `goods` before and after, and their joins.

    They give store_id, group_id, own_before, own_after, and with conditions met_before and met_after.
    """
    inherited = as_sql.inherited_by(scope.user_id, scope.store_id, name=f"{goods.name}_before")
    source: FromClause = inherited.join(goods, goods.c.store_id, goods.c.group_id)
    met_before: ColumnElement[Any] = goods.c.met_before if scope.has_criteria else null()
    met_after: ColumnElement[Any] = goods.c.met_after if scope.has_criteria else null()
    before = func.coalesce(goods.c.own_before, inherited.mode_of(met_before))
    if not scope.only_products:
        inherited = _inherited_after(scope, f"{goods.name}_after", inherited.default)
        source = inherited.join(source, goods.c.store_id, goods.c.group_id)
    return before, func.coalesce(goods.c.own_after, inherited.mode_of(met_after)), source


def _inherited_after(scope: Scope, name: str, default: ColumnElement[str]) -> as_sql.Inherited:
    rules = _overlaid(scope, GROUP)
    groups = as_sql.group_modes(scope.user_id, scope.store_id, rules_from=rules, name=name)
    stores = _overlaid(scope, STORE).subquery("stores_after")
    if scope.default_after is not None:
        default = literal(scope.default_after)
    return as_sql.Inherited(groups, stores, stores.c.filter_mode, default)


def turns(
    before: ColumnElement[str], after: ColumnElement[str]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The conditions that goods appear, and that they disappear."""
    return and_(before == EXCLUDE, after == INCLUDE), and_(before == INCLUDE, after == EXCLUDE)


def is_rule_on(rule: FromClause, scope: Scope) -> ColumnElement[bool]:
    """The condition that a rule is on a good."""
    return and_(
        rule.c.sync_config_id == scope.config_id, rule.c.entity_type == PRODUCT, as_sql.is_on_good(rule)
    )


def _overlaid(scope: Scope, entity_type: str) -> Select[Any]:
    """The owner's rules of one kind as they will be after the change."""
    item = scope.items_on(entity_type, f"{entity_type}_items")
    rule = as_sql.rules_on(scope.user_id, entity_type, scope.store_id).subquery(f"{entity_type}_rules")
    kept = select(rule.c.store_evotor_id, rule.c.entity_id, rule.c.filter_mode).where(
        ~select(item.c.entity_id)
        .where(item.c.store_evotor_id == rule.c.store_evotor_id, item.c.entity_id == rule.c.entity_id)
        .exists()
    )
    made = select(item.c.store_evotor_id, item.c.entity_id, item.c.mode_after).where(
        item.c.mode_after.is_not(None)
    )
    return select(union_all(kept, made).subquery(f"{entity_type}_overlaid"))
