"""What goods cost before: one former price a good, kept for as long as anybody may be shown it."""

from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, and_, case, delete, or_, select

from app.data.engine import THIS_MOMENT, insert_or_update
from app.data.types import now
from app.mirror.models import CachedProduct, FormerPrice, StagedProduct
from app.mirror.staging import DIFFERS, OWNER_ID, Staging

KEPT_DAYS = 90

_former: Any = FormerPrice.__table__
_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__


def keep_former(connection: Connection, staging: Staging) -> None:
    """Keep the prices of a store's goods that are about to change, and let those go that are too old."""
    if connection.execute(_keeping(connection.dialect.name), staging.place).rowcount:
        in_store = (_former.c.user_id == staging.user_id, _former.c.store_evotor_id == staging.store_id)
        too_old = _former.c.changed_at < now() - timedelta(days=KEPT_DAYS)
        connection.execute(delete(_former).where(*in_store, too_old))


# Built once: to build it takes longer than to keep the prices of a small store.
@cache
def _keeping(dialect: str) -> Executable:
    is_of_another_unit = _cached.c.measure_name.is_distinct_from(_staged.c.measure_name)
    has_another_price = and_(_cached.c.price > 0, _staged.c.price > 0, _cached.c.price != _staged.c.price)
    # What a kilogram cost says nothing of what a piece did.
    price = case((is_of_another_unit, 0), else_=_cached.c.price)
    changes = select(OWNER_ID, _cached.c.store_evotor_id, _cached.c.evotor_id, price, THIS_MOMENT).where(
        DIFFERS, or_(is_of_another_unit, has_another_price)
    )
    columns = ["user_id", "store_evotor_id", "evotor_id", "price", "changed_at"]
    statement = insert_or_update(dialect, _former).from_select(columns, changes)
    statement = statement.on_conflict_do_update(
        index_elements=columns[:3],
        set_={name: statement.excluded[name] for name in ("price", "changed_at")},
    )
    return statement.execution_options(preserve_rowcount=True)
