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
    (idle,) = (line for line in plan if line.startswith(("SEARCH idle ", "SCAN idle ")))
    assert "(store_id=? AND group_id=?)" in idle
    (ruled,) = (line for line in plan if "rule_tallies" in line)
    assert "(sync_config_id=? AND store_evotor_id=? AND is_present=? AND group_evotor_id=?)" in ruled
    # Rules on goods are met only from the few goods that wait.
    for rules in (line for line in plan if "sync_filters" in line and "entity_id=?" in line):
        assert "entity_type=? AND store_evotor_id=? AND entity_id=?" in rules
    assert not any(line.startswith(("SCAN sync_filters", "SCAN cached_products")) for line in plan)
