"""What a refresh did to each good, written set by set in the transaction that does it.

A good has a row for each thing that differs, so every list of changes is one index read from its start.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, delete, insert, literal, null, select
from sqlalchemy.orm import aliased

from app.mirror.models import CachedGroup, CachedProduct, CatalogChange, StagedProduct
from app.mirror.staging import DIFFERS, IS_NEW, OWNER_ID, RUN_ID, Staging

NEW, GONE, PRICE, NAME, GROUP, STOCK = "new", "gone", "price", "name", "group", "stock"

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_COLUMNS = [
    *("user_id", "refresh_id", "what", "store_evotor_id", "evotor_id", "name", "sort_name"),
    *("text_was", "text_now", "number_was", "number_now"),
]


def forget_earlier(
    connection: Connection, user_id: int, refresh_id: int, only_store: str | None = None
) -> None:
    """Drop what the owner's earlier runs noted: changes are shown until the next refresh.

    only_store: the one store that this run is about; what was noted of the others stays.
    """
    earlier = delete(CatalogChange).where(
        CatalogChange.user_id == user_id, CatalogChange.refresh_id != refresh_id
    )
    connection.execute(earlier.filter_by(store_evotor_id=only_store) if only_store else earlier)


def note_new(connection: Connection, staging: Staging) -> None:
    """Note staged goods that the cache does not hold yet."""
    connection.execute(_NEW_ROWS, staging.place)


def note_gone(connection: Connection, refresh_id: int, is_gone: ColumnElement[bool]) -> None:
    """Note cached goods that are about to be deleted."""
    connection.execute(_noting(_row(_cached.c.user_id, GONE, _cached).where(is_gone)), {"run_id": refresh_id})


def note_changed(connection: Connection, staging: Staging) -> dict[str, int]:
    """Note what is about to change in cached goods; give how many goods by each kind of change there is."""
    counts = {
        what: connection.execute(noting, staging.place).rowcount for what, noting in _CHANGED_ROWS.items()
    }
    return {what: count for what, count in counts.items() if count}


def _changed_rows() -> dict[str, Executable]:
    """What notes each kind of change."""
    was_in, now_in = aliased(CachedGroup), aliased(CachedGroup)

    def changed(what: str, column: str, **values: Any) -> Any:
        differs_here = _staged.c[column].is_distinct_from(_cached.c[column])
        return _row(_cached.c.user_id, what, _staged, **values).where(DIFFERS, differs_here)

    rows = {
        what: changed(what, column, number_was=_cached.c[column], number_now=_staged.c[column])
        for what, column in ((PRICE, "price"), (STOCK, "quantity"))
    }
    rows[NAME] = changed(NAME, "name", text_was=_cached.c.name, text_now=_staged.c.name)
    rows[GROUP] = (
        changed(GROUP, "group_evotor_id", text_was=was_in.name, text_now=now_in.name)
        .select_from(_staged)
        .join(_cached, _staged.c.cached_id == _cached.c.id)
        .outerjoin(was_in, _is_group(was_in, _cached.c.group_evotor_id))
        .outerjoin(now_in, _is_group(now_in, _staged.c.group_evotor_id))
    )
    return {what: _noting(rows[what]) for what in rows}


def _row(user_id: ColumnElement[int], what: str, goods: Any, **values: Any) -> Any:
    named = (goods.c.store_evotor_id, goods.c.evotor_id, goods.c.name, goods.c.sort_name)
    given = (values.get(name, null()) for name in _COLUMNS[-4:])
    return select(user_id, RUN_ID, literal(what), *named, *given)


def _is_group(group: Any, evotor_id: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        group.user_id == _cached.c.user_id,
        group.store_evotor_id == _cached.c.store_evotor_id,
        group.evotor_id == evotor_id,
    )


def _noting(rows: Any) -> Executable:
    statement = insert(CatalogChange).from_select(_COLUMNS, rows)
    return statement.execution_options(preserve_rowcount=True)


_NEW_ROWS = _noting(_row(OWNER_ID, NEW, _staged).where(IS_NEW))
_CHANGED_ROWS = _changed_rows()
