"""A store brought in line with what was fetched: in one transaction, writing only what differs."""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, insert, select, update

from app.clients.evotor.client import Store
from app.data.engine import THIS_MOMENT, measure_table
from app.data.types import now
from app.mirror import change_log
from app.mirror.bulk_sql import batches
from app.mirror.departed import forget_returned, keep_unsaid_types, let_go, remembers
from app.mirror.drop_guard import DropGuard
from app.mirror.former_prices import keep_former
from app.mirror.group_sizes import count_in_groups
from app.mirror.held_groups import HeldGroups
from app.mirror.kept_fields import keep_unsaid
from app.mirror.known_pages import forget_pages
from app.mirror.models import CachedGroup, CachedProduct, CachedStore, GroupSize, StagedProduct
from app.mirror.name_blocks import forget_names, keep_names, names_brought
from app.mirror.new_goods import forget_new, new_in, note_new
from app.mirror.product_row import GOODS_COLUMNS
from app.mirror.regrouping import Regrouped, keep_groups
from app.mirror.retyping import keep_types
from app.mirror.signals import goods_moved, goods_will_move
from app.mirror.staging import (
    DIFFERS,
    IS_NEW,
    OWNER_ID,
    Staging,
    count_goods,
    count_new,
    discard_new,
    discard_staged,
    drop_repeated,
    find_missing,
    mark_of,
)
from app.mirror.store_rows import apply_store_row, empty_groups, write_groups

# PostgreSQL is told of so many at once, before it looks any of them up.
MANY_NEW_GOODS = 1000

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_CHANGING = (
    update(_cached)
    .where(DIFFERS)
    .values({name: _staged.c[name] for name in GOODS_COLUMNS} | {"fetched_at": THIS_MOMENT})
)
_COPIED = ("store_evotor_id", "evotor_id", *GOODS_COLUMNS)
_ADDING = (
    insert(_cached)
    .from_select(
        ["user_id", "fetched_at", "added_by", *_COPIED],
        select(
            OWNER_ID,
            THIS_MOMENT,
            bindparam("bringer", type_=_cached.c.added_by.type),
            *(_staged.c[name] for name in _COPIED),
        )
        .where(IS_NEW)
        .order_by(_staged.c.id),
    )
    .execution_options(preserve_rowcount=True)
)


class Difference(NamedTuple):
    """What applying a store did: numbers of goods, those `moved` to other groups among them.

    The guard kept `withheld`, which were to go (`withheld_mark` tells them from others), in their groups
    `regrouped`, which were to be in others, and `retyped` of the types they had; `put_off` new ones wait with
    these, with those of another store or, if they `wait_for_stores`, for one that was not read. Of
    `unsaid_stock` no stock came, and what was known stays. `is_first` tells that the store was not known
    before; `kinds` counts goods by what changed in them.
    """

    added: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0
    withheld: int = 0
    withheld_mark: int = 0
    regrouped: int = 0
    retyped: int = 0
    put_off: int = 0
    wait_for_stores: bool = False
    unsaid_stock: int = 0
    is_first: bool = False
    kinds: Mapping[str, int] = MappingProxyType({})


def apply_store(
    connection: Connection,
    staging: Staging,
    store: Store,
    groups: HeldGroups,
    would_move: Regrouped,
    guard: DropGuard,
    *,
    takes_new: bool = True,
    unread: Collection[str] = (),
) -> Difference:
    """Bring the cached store in line with what was staged; the caller holds the transaction.

    would_move: as `count_regrouped` counted before; takes_new: whether new goods come in; else they wait, as
    they do for those that the guard keeps; unread: the stores that could not be read: what was in one of
    these waits, too, since it may still be there.
    """
    only_store = staging.store_id if staging.is_alone else None
    change_log.forget_earlier(connection, staging.user_id, staging.refresh_id, only_store)
    is_first, is_renamed = apply_store_row(connection, staging, store)
    drop_repeated(connection, staging)
    unsaid_stock = keep_unsaid(connection, staging) if staging.existing else 0
    if has_memory := remembers(connection, staging):
        keep_unsaid_types(connection, staging)
    retyped = keep_types(connection, staging, guard, remembers=has_memory)
    if is_first and retyped:
        return _keep_out(connection, staging, retyped)
    moved, regrouped, unlisted_groups, is_regrouped = would_move.goods, 0, array("q"), False
    missing = staging.missing
    kept = guard.judge(missing, staging.existing, would_move)
    once_moved: Sequence[tuple[object, Callable[[], object]]] = ()
    if kept.groups:
        moved, regrouped = 0, would_move.goods
        keep_groups(connection, staging)
    else:
        unlisted_groups, is_regrouped = would_move.groups.unlisted, bool(would_move.groups.wanted)
        if staging.existing and (moved or is_regrouped):
            once_moved = goods_will_move.send(connection=connection, user_id=staging.user_id)
        write_groups(connection, staging, groups, would_move.groups)
    withheld = missing if kept.goods else 0
    mark = mark_of(find_missing(connection, staging)) if withheld else 0
    gone = _remove_missing(connection, staging) if missing and not withheld else array("q")
    removed = len(gone)
    # The same goods by other ids, maybe: all would stand twice, and rules on what is withheld not hold.
    takes_new = takes_new and not (withheld or regrouped or retyped)
    if guard.confirmed_new and count_new(connection, staging, unread) <= guard.confirmed_new:
        unread = ()
    put_off = discard_new(connection, staging, unread if takes_new else None)
    names = names_brought(connection, staging)
    changed, kinds = _change(connection, staging)
    added = _add(connection, staging, is_first=is_first, has_memory=has_memory)
    keep_names(connection, staging.user_id, staging.refresh_id, staging.store_id, names, removed)
    staging.pages.keep(connection)

    # An earlier release may have moved goods without a word to whoever counts them now.
    are_moved = bool(added or removed or change_log.GROUP in kinds or staging.pages.is_written_by_others)
    if are_moved:
        count_in_groups(connection, staging.user_id, staging.store_id)
    gone_groups = empty_groups(connection, staging, unlisted_groups)
    for keys in batches(gone_groups):
        connection.execute(delete(CachedGroup).where(CachedGroup.id.in_(keys)))
    if is_first or is_renamed or is_regrouped or gone_groups or added or changed or removed:
        own_row = {"user_id": staging.user_id, "evotor_id": staging.store_id}
        connection.execute(update(CachedStore).filter_by(**own_row).values(changed_at=now()))
    discard_staged(connection, staging.refresh_id, staging.store_id)
    if are_moved:
        goods_moved.send(connection=connection, user_id=staging.user_id, store_id=staging.store_id)
    # After rules are held, which whoever answers for new goods does first, and for those that are away.
    forget_new(connection, staging.user_id, gone)
    for _, call in once_moved:
        call()
    if added and has_memory:
        forget_returned(connection, staging)
    return Difference(
        added=added,
        changed=changed,
        removed=removed,
        moved=moved,
        withheld=withheld,
        withheld_mark=mark,
        regrouped=regrouped,
        retyped=retyped,
        put_off=put_off,
        wait_for_stores=takes_new and put_off > 0,
        unsaid_stock=unsaid_stock,
        is_first=is_first,
        kinds=kinds,
    )


def remove_store(
    connection: Connection, user_id: int, refresh_id: int, store_id: str, guard: DropGuard
) -> Difference:
    """Forget a store that the cloud no longer lists, unless the guard keeps it."""
    in_store = {"user_id": user_id, "store_evotor_id": store_id}
    products = count_goods(connection, user_id, store_id)
    if guard.withholds(products, products):
        return Difference(withheld=products)
    change_log.forget_earlier(connection, user_id, refresh_id)
    change_log.note_gone(connection, refresh_id, _in_store(user_id, store_id))
    new = new_in(connection, user_id, store_id)
    forget_names(connection, user_id, store_id)
    forget_pages(connection, user_id, store_id)
    let_go(connection, user_id, _in_store(user_id, store_id))
    for table in (CachedGroup, GroupSize):
        connection.execute(delete(table).filter_by(**in_store))
    connection.execute(delete(CachedStore).filter_by(user_id=user_id, evotor_id=store_id))
    goods_moved.send(connection=connection, user_id=user_id, store_id=store_id)
    forget_new(connection, user_id, new)
    return Difference(removed=products)


def _keep_out(connection: Connection, staging: Staging, retyped: int) -> Difference:
    """Let a store wait that comes back, as its goods do: once it were there, all of them would be news."""
    connection.execute(delete(CachedStore).filter_by(user_id=staging.user_id, evotor_id=staging.store_id))
    return Difference(retyped=retyped, put_off=discard_new(connection, staging, None))


def _in_store(user_id: int, store_id: str) -> ColumnElement[bool]:
    return and_(_cached.c.user_id == user_id, _cached.c.store_evotor_id == store_id)


def _remove_missing(connection: Connection, staging: Staging) -> "array[int]":
    missing = find_missing(connection, staging)
    for keys in batches(missing):
        gone = _cached.c.id.in_(keys)
        change_log.note_gone(connection, staging.refresh_id, gone)
        let_go(connection, staging.user_id, gone)
    return missing


def _change(connection: Connection, staging: Staging) -> tuple[int, dict[str, int]]:
    """Write what differs; give the number of goods changed, and how many by each kind of change."""
    if not staging.existing:
        return 0, {}
    kinds = change_log.note_changed(connection, staging)
    keep_former(connection, staging)
    return connection.execute(_CHANGING, staging.place).rowcount, kinds


def _add(connection: Connection, staging: Staging, *, is_first: bool, has_memory: bool) -> int:
    """Insert new goods; those of a store that comes in for the first time are no change of what there was."""
    if not is_first:
        change_log.note_new(connection, staging)
    bringer = {"bringer": None if is_first else staging.refresh_id}
    added = connection.execute(_ADDING, staging.place | bringer).rowcount
    if added >= MANY_NEW_GOODS:
        # It knows the goods of other owners, and none of these: one index of an owner's goods would seem as
        # good as another, and each good would be looked for among them all.
        measure_table(connection, CachedProduct.__table__)
    # Of a store that was here before, what is not remembered has come since.
    if added and (staging.is_news or not is_first or has_memory):
        note_new(connection, staging)
    return added
