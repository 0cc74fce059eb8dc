"""What belongs to an owner, in whatever tables there are."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from app.accounts.models import User
from app.catalog.export.models import CatalogExport, ExportPart
from app.data.db import db
from app.data.types import UtcDateTime, now
from app.mirror.models import CachedProduct, CatalogRefresh, NewProduct, StagedProduct
from app.publishing.planning.settings import Settings
from app.publishing.settings.models import PublicationSettings
from app.publishing.settings.read import KEPT
from tests.owners import Owner

Rows = dict[str, list[tuple[Any, ...]]]

# Columns that hold one of a few words, or what no number is made into.
_WORDS = {"status": "done", "origin": "hand", "day": date(2026, 3, 6)}


def belongings(session: Session, user_id: int) -> Rows:
    """Read every row of every table that leads to an owner by its foreign keys: this owner's rows."""
    found: Rows = {}
    for table in filter(_leads_to_an_owner, db.metadata.sorted_tables):
        statement = select(table).where(_owned(table, user_id)).order_by(*table.primary_key.columns)
        found[table.name] = [tuple(row) for row in session.execute(statement)]
    return found


def fill_every_table(owner: Owner, session: Session, run_jobs: Callable[[], None]) -> None:
    """Give the owner at least one row in every table."""
    owner.connect_evotor()
    owner.client.get("/catalog")
    run_jobs()
    product = session.scalars(select(CachedProduct).filter_by(user_id=owner.id).limit(1)).one()
    rule = {"entity_type": "product", "entity_id": product.evotor_id, "store_id": product.store_evotor_id}
    owner.client.post("/catalog/filter", data={**rule, "filter_mode": "exclude"})
    run = session.scalars(select(CatalogRefresh).filter_by(user_id=owner.id)).one()
    staged = {"refresh_id": run.id, "store_evotor_id": product.store_evotor_id, "evotor_id": "left behind"}
    session.execute(insert(StagedProduct).values(**staged, name="left behind"))
    session.execute(insert(NewProduct).values(user_id=owner.id, product_id=product.id))
    workbook = {"file_name": "hers.xlsx", "args": {"type": "stores"}, "status": "done", "parts": 1}
    made = insert(CatalogExport).values(user_id=owner.id, **workbook).returning(CatalogExport.id)
    session.execute(insert(ExportPart).values(export_id=session.scalar(made), number=0, data=b"hers"))
    fill_what_is_empty(session, owner.id)


def fill_what_is_empty(session: Session, user_id: int) -> None:
    """Give the owner a row, of whatever it may hold, in every table that has none."""
    for table, rows in belongings(session, user_id).items():
        if not rows:
            _put_anything(session, db.metadata.tables[table], user_id)


def _put_anything(session: Session, table: Table, user_id: int) -> None:
    """Insert a row of this owner's: what a column needs and nobody gives is anything of its type."""
    values: dict[str, Any] = {}
    if table is PublicationSettings.__table__:
        values = {name: getattr(Settings(), name) for name in KEPT} | {"store_order": []}
    for column in table.c:
        if column.name in values:
            continue
        if column.name == "user_id":
            values[column.name] = user_id
        elif column.foreign_keys:
            key = next(iter(column.foreign_keys)).column
            values[column.name] = session.scalar(select(key).where(_owned(key.table, user_id)).limit(1))
        elif column.name in _WORDS:
            values[column.name] = _WORDS[column.name]
        elif not (
            column.nullable or column.default or column.server_default or column is table.autoincrement_column
        ):
            # The owner's number: some of these may stand in the table once only.
            values[column.name] = _anything(column.type, user_id)
    session.execute(insert(table).values(values))


def _anything(kind: TypeEngine[Any], number: int) -> Any:
    if isinstance(kind, UtcDateTime):
        return now()
    return [] if isinstance(kind, JSON) else kind.python_type(number)


def _leads_to_an_owner(table: Table) -> bool:
    parents = {key.column.table for key in table.foreign_keys}
    return table is User.__table__ or any(map(_leads_to_an_owner, parents))


def _owned(table: Table, user_id: int) -> ColumnElement[bool]:
    if table is User.__table__:
        return table.c.id == user_id
    if "user_id" in table.c:
        return table.c.user_id == user_id
    key = next(key for key in table.foreign_keys if not key.parent.nullable)
    parent = key.column.table
    return key.parent.in_(select(key.column).where(_owned(parent, user_id)))
