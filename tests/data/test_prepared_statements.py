"""What PostgreSQL keeps prepared from one page to the next."""

import pytest
from flask import Flask
from sqlalchemy import text

from app.data.db import db
from tests.owners import Owner
from tests.stock import Stock, product

pytestmark = pytest.mark.databases("postgresql")


def test_a_page_that_is_asked_again_and_again_is_no_longer_planned(app: Flask, alice: Owner) -> None:
    with app.app_context():
        # What one connection has prepared, of those that the tests before left in the pool.
        db.engine.dispose()
    for _ in range(7):
        assert alice.client.get("/profile").status_code == 200
    with app.app_context():
        prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
        # Also after a transaction that has failed.
        with pytest.raises(Exception, match="division by zero"):
            db.session.execute(text("SELECT 1 / 0"))
        db.session.rollback()
        kept = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert [statement for statement in prepared if "FROM users JOIN sign_ins" in statement]
    assert kept == prepared


def test_a_search_is_planned_for_its_words_however_often_it_is_asked(
    app: Flask, alice: Owner, stock: Stock
) -> None:
    stock.put("s1", products=[product("tea", "Чай")])
    with app.app_context():
        db.engine.dispose()
    for _ in range(7):
        assert alice.client.get("/catalog/products?store_id=s1&q=чай").status_code == 200
    with app.app_context():
        prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert prepared
    assert not [statement for statement in prepared if "hits AS MATERIALIZED" in statement]
