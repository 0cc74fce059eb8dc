"""What a refresh did to each good, written set by set in the transaction that does it.

A good has a row for each thing that differs, so every list of changes is one index read from its start.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, literal, null, select
from sqlalchemy.orm import aliased

from app.mirror.models import CachedGroup, CachedProduct, CatalogChange, StagedProduct

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


def note_new(connection: Connection, user_id: int, refresh_id: int, is_new: ColumnElement[bool]) -> None:
    """Note staged goods that the cache does not hold yet."""
    _note(connection, _row(literal(user_id), refresh_id, NEW, _staged).where(is_new))


def note_gone(connection: Connection, refresh_id: int, is_gone: ColumnElement[bool]) -> None:
    """Note cached goods that are about to be deleted."""
    _note(connection, _row(_cached.c.user_id, refresh_id, GONE, _cached).where(is_gone))


def note_changed(connection: Connection, refresh_id: int, differs: ColumnElement[bool]) -> dict[str, int]:
    """Note what is about to change in cached goods; give how many goods by each kind of change there is.

    differs: joins a staged good with the cached one that it replaces.
    """
    was_in, now_in = aliased(CachedGroup), aliased(CachedGroup)

    def changed(what: str, column: str, **values: Any) -> Any:
        differs_here = _staged.c[column].is_distinct_from(_cached.c[column])
        return _row(_cached.c.user_id, refresh_id, what, _staged, **values).where(differs, differs_here)

    counts = {
        what: _note(
            connection,
            changed(what, column, number_was=_cached.c[column], number_now=_staged.c[column]),
        )
        for what, column in ((PRICE, "price"), (STOCK, "quantity"))
    }
    counts[NAME] = _note(connection, changed(NAME, "name", text_was=_cached.c.name, text_now=_staged.c.name))
    moved = changed(GROUP, "group_evotor_id", text_was=was_in.name, text_now=now_in.name)
    counts[GROUP] = _note(
        connection,
        moved.select_from(_staged)
        .join(_cached, _staged.c.cached_id == _cached.c.id)
        .outerjoin(was_in, _is_group(was_in, _cached.c.group_evotor_id))
        .outerjoin(now_in, _is_group(now_in, _staged.c.group_evotor_id)),
    )
    return {what: count for what, count in counts.items() if count}


def _row(user_id: ColumnElement[int], refresh_id: int, what: str, goods: Any, **values: Any) -> Any:
    named = (goods.c.store_evotor_id, goods.c.evotor_id, goods.c.name, goods.c.sort_name)
    given = (values.get(name, null()) for name in _COLUMNS[-4:])
    return select(user_id, literal(refresh_id), literal(what), *named, *given)


def _is_group(group: Any, evotor_id: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        group.user_id == _cached.c.user_id,
        group.store_evotor_id == _cached.c.store_evotor_id,
        group.evotor_id == evotor_id,
    )


def _note(connection: Connection, rows: Any) -> int:
    statement = insert(CatalogChange).from_select(_COLUMNS, rows)
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
