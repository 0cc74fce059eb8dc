"""Counting goods by group joins groups by an index, however many goods have rules of their own."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.data.db import db
from app.rules.group_counts import counts_by_group
from app.rules.policy import EMPTY
from tests.owners import Owner


@pytest.mark.parametrize("store_id", [None, "s1"])
def test_counts_of_groups_are_found_by_the_store_and_the_group(
    app: Flask, alice: Owner, store_id: str | None
):
    with app.app_context():
        statement = counts_by_group(alice.id, EMPTY, store_id)
        words = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
        plan = [str(row[-1]) for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {words}"))]
    for part in ("ruled", "idle"):
        (found,) = (line for line in plan if line.startswith((f"SEARCH {part} ", f"SCAN {part} ")))
        assert "(store_id=? AND group_id=?)" in found
