"""An owner's catalogue that changes from one refresh to the next, without a cloud."""

import pytest
from flask import Flask
from sqlalchemy import insert

from app.clients.evotor.client import Group, Product, Store
from app.data.db import db
from app.mirror.difference import apply_store, remove_store
from app.mirror.drop_guard import DropGuard
from app.mirror.held_groups import HeldGroups
from app.mirror.models import CatalogRefresh
from app.mirror.regrouping import count_regrouped
from app.mirror.staging import Staging
from app.work.runs.row import DONE
from tests.owners import Owner
from tests.stock import as_sent, differing

_ANYTHING_MAY_GO = DropGuard(percent=100, confirmed=0)


class Changing:
    """Each call is one refresh: it brings stores to exactly the given state."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner

    def refresh(self, groups: list[Group] | None = None, **stores: list[Product] | None) -> None:
        """Apply a run; a store is named by its id, None removes it."""
        with self.owner.app.app_context(), db.engine.begin() as connection:
            row = insert(CatalogRefresh).values(user_id=self.owner.id, status=DONE)
            run = connection.execute(row.returning(CatalogRefresh.id)).scalar_one()
            for store_id, products in stores.items():
                if products is None:
                    remove_store(connection, self.owner.id, run, store_id, _ANYTHING_MAY_GO)
                    continue
                staging = Staging(connection, self.owner.id, run, store_id)
                # A page for each product, as in a big store every product has its own place.
                for product in products:
                    staging.keep(connection, differing(staging, connection, [as_sent(product)]))
                store = Store(store_id, f"Магазин {store_id}", None)
                held = HeldGroups(groups or ())
                moves = count_regrouped(connection, staging, held)
                apply_store(connection, staging, store, held, moves, _ANYTHING_MAY_GO)


@pytest.fixture
def changing(app: Flask, alice: Owner) -> Changing:
    """Alice's catalogue, empty at first."""
    return Changing(alice)
