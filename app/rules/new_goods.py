"""New goods that nobody has decided about: they have no rule of their own, and were not left as they are.

A rule of their own takes them out of sight without a word to the table, and taking it off brings them back:
so every step of the history can be undone.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, delete, func, or_, select

from app.data.db import db
from app.data.types import now
from app.mirror.departed import forget_long_gone
from app.mirror.models import CachedProduct, NewProduct
from app.rules import as_sql
from app.rules.decide import INCLUDE, PRODUCT
from app.rules.models import SyncConfig, SyncFilter
from app.work.jobs import job

# Longer lists are counted up to here only.
COUNTED = 1_000
# A good that was decided about, or left as it is, can be brought back for so long.
KEPT_FOR = timedelta(days=7)

_new = NewProduct.__table__.c
_goods = CachedProduct.__table__.c
_filters = SyncFilter.__table__.c


class Waiting(NamedTuple):
    """How many goods there are, at most one more than `COUNTED`, and the key of the newest, 0 for none."""

    goods: int
    newest: int


def select_new(user_id: int, *, are_left: bool = False) -> Select[Any]:
    """The owner's new goods without a decision, or those left as they are: product_id, came_at, left_at."""
    own = as_sql.rules_on(user_id, PRODUCT).subquery("own_rules")
    return (
        select(_new.product_id, _new.came_at, _new.left_at)
        .join_from(NewProduct.__table__, CachedProduct.__table__, _goods.id == _new.product_id)
        .outerjoin(own, as_sql.is_on_good(own))
        .where(_new.user_id == user_id, own.c.entity_id.is_(None))
        .where(_new.left_at.is_not(None) if are_left else _new.left_at.is_(None))
    )


def count_new(user_id: int, *, are_left: bool = False) -> Waiting:
    """Count them, from the newest on."""
    return counted(select_new(user_id, are_left=are_left))


def counted(new_goods: Select[Any]) -> Waiting:
    """Count what a statement of `select_new`, narrowed or not, finds, from the newest on."""
    newest_first = new_goods.order_by(_new.product_id.desc())
    some = newest_first.limit(COUNTED + 1).subquery()
    count = select(func.count(), func.coalesce(func.max(some.c.product_id), 0))
    return Waiting._make(db.session.execute(count.select_from(some)).one())


@job
def forget_decided() -> None:
    """Forget new goods of all owners that have long been included or left; the clock asks for it. Commits.

    What is excluded waits on under its rule: without it the good would go before buyers, undecided.
    """
    since = now() - KEPT_FOR
    is_included = (
        select(_filters.id)
        .join(SyncConfig.__table__, SyncConfig.__table__.c.id == _filters.sync_config_id)
        .join(
            CachedProduct.__table__,
            and_(
                _filters.entity_type == PRODUCT,
                _filters.store_evotor_id == _goods.store_evotor_id,
                _filters.entity_id == _goods.evotor_id,
            ),
        )
        .where(SyncConfig.__table__.c.user_id == _new.user_id, _goods.id == _new.product_id)
        .where(_filters.created_at < since, _filters.filter_mode == INCLUDE)
        .exists()
    )
    is_over = or_(_new.left_at < since, and_(_new.came_at < since, is_included))
    db.session.execute(delete(NewProduct.__table__).where(is_over))
    forget_long_gone(db.session.connection())
    db.session.commit()
