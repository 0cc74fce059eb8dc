"""What goes wrong on our side is one sentence for the owner and a traceback for the log."""

import dataclasses
import logging
import sqlite3

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.clients.evotor.client import Store
from app.connections.models import EVOTOR
from app.connections.secret import NOT_DECRYPTED
from app.data.db import db
from app.data.engine import AWAY
from app.mirror.models import StagedProduct
from app.mirror.refresh.run import OUR_FAULT, run_refresh
from app.mirror.refresh.stores import StoreRun
from tests.mirror.refresh.conftest import MAIN, said, state
from tests.owners import Owner


def test_an_unexpected_error_is_a_sentence_and_its_traceback_is_in_the_log(
    app: Flask, owner: Owner, refresh, shop, runs, goods, db_session: Session, caplog
) -> None:
    refresh()
    shop.main.products.change("p0", {"price": 7})
    owner.client.post("/catalog/refresh")
    db_session.execute(text("ALTER TABLE cached_group_sizes RENAME TO mislaid"))
    try:
        with caplog.at_level(logging.ERROR), app.app_context(), pytest.raises(Exception, match="group_sizes"):
            run_refresh(runs()[-1].id)
    finally:
        db_session.execute(text("ALTER TABLE mislaid RENAME TO cached_group_sizes"))
    run = runs()[-1]
    assert (run.status, run.error) == ("failed", OUR_FAULT)
    assert "Traceback" in caplog.text and "cached_group_sizes" in caplog.text
    words = said(owner)
    assert OUR_FAULT in words and "group_sizes" not in words and "Traceback" not in words
    assert goods(MAIN)["p0"].price == 100
    assert db_session.scalars(select(StagedProduct)).all() == []


def test_a_database_that_drops_all_connections_is_said_at_once(
    app: Flask, owner: Owner, refresh, shop, runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dropped(*_: object) -> None:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("terminating connection"))

    refresh()
    owner.client.post("/catalog/refresh")
    with app.app_context(), monkeypatch.context() as patched, pytest.raises(OperationalError):
        patched.setattr(StoreRun, "fetch_and_apply", dropped)
        patched.setattr(db.session, "rollback", dropped)
        run_refresh(runs()[-1].id)
    assert (runs()[-1].status, runs()[-1].error) == ("failed", AWAY.run)


def test_no_connection_is_held_while_the_cloud_hands_its_goods_over(
    refresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []
    fetch = StoreRun.fetch_and_apply

    def look_and_fetch(run: StoreRun, stores: list[Store]) -> None:
        held.append(db.session().in_transaction())
        fetch(run, stores)

    monkeypatch.setattr(StoreRun, "fetch_and_apply", look_and_fetch)
    refresh()
    refresh()
    assert held == [False, False]


def test_a_lost_key_fails_with_what_to_do_and_marks_the_connection(
    owner: Owner, runs, run_jobs, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.client.post("/catalog/refresh")
    settings = owner.app.extensions["settings"]
    stranger = dataclasses.replace(settings, token_keys=(Fernet.generate_key().decode(),))
    monkeypatch.setitem(owner.app.extensions, "settings", stranger)
    run_jobs()
    assert (runs()[-1].status, runs()[-1].error) == ("failed", NOT_DECRYPTED[EVOTOR])
    assert NOT_DECRYPTED[EVOTOR] in said(owner) and state(owner) == "failed"
    assert "Переподключите" in owner.client.get("/connections").page.text


def test_disconnecting_stops_the_refresh_that_waits(owner: Owner, runs, run_jobs, shop) -> None:
    owner.client.post("/catalog/refresh")
    owner.disconnect()
    shop.world.journal.clear()
    run_jobs()
    assert runs()[-1].status == "cancelled"
    assert shop.world.journal.entries() == []


def test_a_refresh_without_a_connection_says_so(owner: Owner, runs, run_jobs) -> None:
    owner.disconnect()
    owner.client.post("/catalog/refresh")
    run_jobs()
    assert runs()[-1].status == "failed"
    assert "Эвотор не подключён" in said(owner) and "Подключить Эвотор" in said(owner)
