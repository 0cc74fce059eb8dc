"""Clicks that arrive in the same moment end in one of their states, never in an error."""

from collections.abc import Iterable
from threading import Barrier, Thread

import pytest
from flask import Flask

from tests.owners import Owner
from tests.stock import Stock, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FORM = {"entity_type": "product", "entity_id": "p1", "store_id": "s1"}


def click_at_once(app: Flask, owner: Owner, modes: Iterable[str]) -> list[int]:
    """Send one click per mode, each from a browser of its own; give the status codes."""
    modes, codes = list(modes), []
    start = Barrier(len(modes))

    def click(mode: str) -> None:
        client = app.test_client()
        cookie = owner.client.get_cookie("session")
        assert cookie is not None
        client.set_cookie("session", cookie.value)
        token = client.csrf_token()  # type: ignore[attr-defined]
        start.wait()
        answer = client.post("/catalog/filter", data=FORM | {"filter_mode": mode, "csrf_token": token})
        codes.append(answer.status_code)

    threads = [Thread(target=click, args=(mode,)) for mode in modes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


def test_the_first_two_rules_of_an_owner_may_come_at_once(app: Flask, stock: Stock, alice: Owner):
    stock.put(products=[product("p1")])
    for _ in range(5):
        stock.forget_rules()
        assert click_at_once(app, alice, ["include", "exclude", "include"]) == [303] * 3
        assert list(stock.rules()) == [("product", "s1", "p1")]


def test_changing_and_taking_off_a_rule_at_once_harms_nothing(app: Flask, stock: Stock, alice: Owner):
    stock.put(products=[product("p1")])
    for _ in range(10):
        stock.rule("product", "p1", "include")
        assert click_at_once(app, alice, ["exclude", "none", "none", "include"]) == [303] * 4
        assert len(stock.rules()) <= 1
