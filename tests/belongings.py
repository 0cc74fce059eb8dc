"""What belongs to an owner, in whatever tables there are."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Table, insert, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.catalog.export.models import CatalogExport, ExportPart
from app.connections.models import EvotorAccount
from app.data.db import db
from app.mirror.models import CachedProduct, CatalogChange, CatalogRefresh, PushedStore, StagedProduct
from tests.owners import Owner

Rows = dict[str, list[tuple[Any, ...]]]


def belongings(session: Session, user_id: int) -> Rows:
    """Read every row of every table that leads to this owner by its foreign keys."""
    found: Rows = {}
    for table in db.metadata.sorted_tables:
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
    session.execute(insert(EvotorAccount).values(external_user_id=f"01-{owner.id}", user_id=owner.id))
    pushed = {"store_evotor_id": product.store_evotor_id, "pushed_at": run.requested_at}
    session.execute(insert(PushedStore).values(user_id=owner.id, **pushed))
    changed = {"what": "price", "store_evotor_id": product.store_evotor_id, "evotor_id": product.evotor_id}
    named = {"name": product.name, "sort_name": product.sort_name}
    session.execute(insert(CatalogChange).values(user_id=owner.id, refresh_id=run.id, **changed, **named))
    workbook = {"file_name": "hers.xlsx", "args": {"type": "stores"}, "status": "done", "parts": 1}
    made = insert(CatalogExport).values(user_id=owner.id, **workbook).returning(CatalogExport.id)
    session.execute(insert(ExportPart).values(export_id=session.scalar(made), number=0, data=b"hers"))


def _owned(table: Table, user_id: int) -> ColumnElement[bool]:
    if table is User.__table__:
        return table.c.id == user_id
    if "user_id" in table.c:
        return table.c.user_id == user_id
    key = next(iter(table.foreign_keys))
    parent = key.column.table
    return key.parent.in_(select(key.column).where(_owned(parent, user_id)))
