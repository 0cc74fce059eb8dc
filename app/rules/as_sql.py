"""The resolver of `app.rules.decide` as SQL over whole sets: for counts and for filtered lists."""

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    CTE,
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    select,
)

from app.data.recursion import lacking, step
from app.mirror.models import CachedGroup, CachedProduct, GroupSize
from app.mirror.way_up import above_good, way_up
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, STORE
from app.rules.models import SyncConfig, SyncFilter

# A value, or the parameter of a statement that is built once and run with many values.
UserId = int | BindParameter[int]
StoreId = str | BindParameter[str]
# What has an outer join.
Joined = TypeVar("Joined", Select[Any], FromClause)

_configs = SyncConfig.__table__
_filters = SyncFilter.__table__
_groups = CachedGroup.__table__
_products = CachedProduct.__table__
_sizes = GroupSize.__table__


class Inherited(NamedTuple):
    """What goods without a rule of their own follow: sets to be joined to them, and the mode that results.

    `groups` is made by `group_modes`; `stores` by `rules_on`, None where `store_rule` is of the one store.
    """

    groups: CTE
    stores: FromClause | None
    store_rule: ColumnElement[Any]
    default: ColumnElement[str]

    @property
    def ruled(self) -> ColumnElement[str]:
        """The mode that a rule hands down, NULL where none does; where the sets are joined."""
        return func.coalesce(self.groups.c.mode, self.store_rule)

    @property
    def mode(self) -> ColumnElement[str]:
        """The mode of goods that meet no condition, where the sets are joined."""
        return func.coalesce(self.groups.c.mode, self.store_rule, self.default)

    @property
    def by_store(self) -> ColumnElement[str]:
        """The mode of goods in no group that meet no condition."""
        return func.coalesce(self.store_rule, self.default)

    def mode_of(self, met: ColumnElement[Any]) -> ColumnElement[str]:
        """The mode of goods, where the sets are joined; `met` is that of the first condition they meet."""
        return func.coalesce(self.groups.c.mode, self.store_rule, met, self.default)

    def decided(
        self, own: ColumnElement[Any], waits: ColumnElement[bool], met: ColumnElement[Any]
    ) -> ColumnElement[str]:
        """The mode of goods with an `own` rule, else new ones that wait, else what they inherit or meet."""
        return func.coalesce(own, case((waits, EXCLUDE)), self.mode_of(met))

    def join(self, goods: Joined, store_id: Any, group_id: Any) -> Joined:
        """Join the sets to `goods` by their store, a column or a value, and the column of their group."""
        groups = self.groups.c
        # Not by `=`: PostgreSQL would meet goods and groups by the store, and compare each with each.
        is_there = groups.store_id.is_not_distinct_from(store_id)
        joined = goods.outerjoin(self.groups, and_(is_there, groups.group_id == group_id))
        if self.stores is None:
            return joined
        return joined.outerjoin(self.stores, self.stores.c.entity_id == store_id)


def inherited_by(user_id: UserId, store_id: StoreId | None = None, *, name: str = "group_modes") -> Inherited:
    """What the owner's goods inherit, everywhere or in one store; two in a statement need other names."""
    groups = group_modes(user_id, store_id, name=name)
    if store_id is not None:
        return Inherited(groups, None, store_rule(user_id, store_id), default_mode(user_id))
    stores = rules_on(user_id, STORE).subquery(f"{name}_stores")
    return Inherited(groups, stores, stores.c.filter_mode, default_mode(user_id))


def inherited_by_one(user_id: UserId, store_id: StoreId, product_id: StoreId) -> Inherited:
    """What one good inherits."""
    groups = nearest_mode(user_id, (store_id, product_id), rules_on(user_id, GROUP, store_id))
    return Inherited(groups, None, store_rule(user_id, store_id), default_mode(user_id))


def config_key(user_id: UserId) -> ColumnElement[int]:
    """The key of the owner's configuration, NULL while there is none.

    Not a join: SQLite would not find one rule of many thousands by the index.
    """
    return select(_configs.c.id).where(_configs.c.user_id == user_id).scalar_subquery()


def rules_on(user_id: UserId, entity_type: str, store_id: StoreId | None = None) -> Select[Any]:
    """The owner's rules of one kind: store_evotor_id, entity_id, filter_mode."""
    statement = select(_filters.c.store_evotor_id, _filters.c.entity_id, _filters.c.filter_mode).where(
        _filters.c.sync_config_id == config_key(user_id), _filters.c.entity_type == entity_type
    )
    return statement if store_id is None else statement.where(_filters.c.store_evotor_id == store_id)


def group_modes(
    user_id: UserId,
    store_id: StoreId | None = None,
    *,
    rules_from: Select[Any] | None = None,
    name: str = "group_modes",
) -> CTE:
    """The groups to which a group rule applies: store_id, group_id, mode, and `ruled_by`, the rule's group.

    Each rule is handed down from its group to the groups within, as far as none has a rule of its own. A
    group has one parent, so it is reached once, however deep it lies, and a loop ends where it began.
    `rules_from` stands in for the owner's rules as they are.
    """
    rules = (rules_on(user_id, GROUP, store_id) if rules_from is None else rules_from).cte(f"{name}_rules")
    modes = select(
        rules.c.store_evotor_id.label("store_id"),
        rules.c.entity_id.label("group_id"),
        rules.c.filter_mode.label("mode"),
        rules.c.entity_id.label("ruled_by"),
    ).cte(name, recursive=True)
    nearer = rules.alias(f"{name}_nearer")
    lies_within = and_(
        _groups.c.user_id == user_id,
        _groups.c.store_evotor_id == modes.c.store_id,
        _groups.c.parent_evotor_id == modes.c.group_id,
    )
    has_own = nearer.c.store_evotor_id == modes.c.store_id, nearer.c.entity_id == _groups.c.evotor_id
    return modes.union_all(
        select(modes.c.store_id, _groups.c.evotor_id, modes.c.mode, modes.c.ruled_by)
        .select_from(lacking(step(modes, _groups, lies_within), nearer, *has_own))
        .where(nearer.c.entity_id.is_(None))
    )


def nearest_mode(
    user_id: UserId, good: tuple[StoreId, StoreId], rules_from: Select[Any], *, name: str = "group_modes"
) -> CTE:
    """The same of the one group that a good lies in: nothing is walked but the way up to the nearest rule."""
    rules = rules_from.subquery(f"{name}_rules").c

    def mode_on(way: CTE) -> ColumnElement[Any]:
        # A scalar is looked up at each step: PostgreSQL makes a join of EXISTS, and reads all rules for it.
        is_on = rules.store_evotor_id == way.c.store_id, rules.entity_id == way.c.group_id
        return select(rules.filter_mode).where(*is_on).scalar_subquery()

    start = above_good(user_id, *good)
    way = way_up(user_id, start, lambda way: mode_on(way).is_(None), name=f"{name}_way")
    columns = (
        start.with_only_columns(_products.c.group_evotor_id).scalar_subquery().label("group_id"),
        mode_on(way).label("mode"),
        way.c.group_id.label("ruled_by"),
    )
    return select(way.c.store_id, *columns).where(mode_on(way).is_not(None)).cte(name)


def default_mode(user_id: UserId) -> ColumnElement[str]:
    """The owner's mode for goods without a rule, as a scalar."""
    own = select(_configs.c.default_mode).where(_configs.c.user_id == user_id).scalar_subquery()
    return func.coalesce(own, literal(INCLUDE))


def is_on_good(row: FromClause) -> ColumnElement[bool]:
    """The condition that a row, a rule or one of a change, names a good."""
    return and_(
        row.c.store_evotor_id == _products.c.store_evotor_id, row.c.entity_id == _products.c.evotor_id
    )


def select_policy(user_id: UserId) -> Select[Any]:
    """What the owner has said about goods at large, as stored: see `app.rules.policy`."""
    return select(_configs.c.policy).where(_configs.c.user_id == user_id)


def store_rule(user_id: UserId, store_id: StoreId) -> ColumnElement[Any]:
    """The mode of the store's own rule, as a scalar."""
    return select(rules_on(user_id, STORE, store_id).subquery().c.filter_mode).scalar_subquery()
