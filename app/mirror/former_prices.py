"""What goods cost before: one former price a good, kept for as long as anybody may be shown it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, literal, or_, select

from app.data.engine import insert_or_update
from app.data.types import now
from app.mirror.models import CachedProduct, FormerPrice, StagedProduct

KEPT_DAYS = 90

_former: Any = FormerPrice.__table__
_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__


def keep_former(connection: Connection, user_id: int, store_id: str, differs: ColumnElement[bool]) -> None:
    """Keep the prices of a store's goods that are about to change, and let those go that are too old.

    differs: joins a staged good with the cached one that it replaces.
    """
    is_of_another_unit = _cached.c.measure_name.is_distinct_from(_staged.c.measure_name)
    has_another_price = and_(_cached.c.price > 0, _staged.c.price > 0, _cached.c.price != _staged.c.price)
    # What a kilogram cost says nothing of what a piece did.
    price = case((is_of_another_unit, 0), else_=_cached.c.price)
    changes = select(
        literal(user_id), _cached.c.store_evotor_id, _cached.c.evotor_id, price, literal(now())
    ).where(differs, or_(is_of_another_unit, has_another_price))
    columns = ["user_id", "store_evotor_id", "evotor_id", "price", "changed_at"]
    statement = insert_or_update(connection.dialect.name, _former).from_select(columns, changes)
    statement = statement.on_conflict_do_update(
        index_elements=columns[:3],
        set_={name: statement.excluded[name] for name in ("price", "changed_at")},
    )
    if connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount:
        in_store = (_former.c.user_id == user_id, _former.c.store_evotor_id == store_id)
        too_old = _former.c.changed_at < now() - timedelta(days=KEPT_DAYS)
        connection.execute(delete(_former).where(*in_store, too_old))
