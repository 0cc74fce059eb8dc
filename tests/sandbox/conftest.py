"""A small world of our own and a careful client for the sandbox."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox import create_app
from sandbox.world import V2, Merchant, World

TOKEN = "small-token"
STORE = "20240101-0000-4000-8000-000000000001"

# Answers are read as their tests expect them: the JSON of an answer may be anything.
Ask = Callable[..., Any]


@pytest.fixture
def world() -> World:
    """One merchant with five products and two groups."""

    def stock(empty: World) -> None:
        merchant = empty.add_merchant(TOKEN)
        store = merchant.add_store({"id": STORE, "name": "Лавка"})
        for number in range(1, 3):
            store.groups.put({"id": f"g{number}", "name": f"Полка {number}"})
        for number in range(1, 6):
            born = f"2025-01-0{number}T00:00:00.000+0000"
            store.products.put(
                {"id": f"p{number}", "name": f"Товар {number}", "price": number, "updated_at": born}
            )

    return World(stock)


@pytest.fixture
def merchant(world: World) -> Merchant:
    """The only merchant."""
    return world.merchants()[0]


@pytest.fixture(scope="session")
def sandbox_app() -> Flask:
    """The app, built once: only its world changes."""
    return create_app(World())


@pytest.fixture
def visitor(sandbox_app: Flask, world: World) -> FlaskClient:
    """A browser of sorts in this world."""
    sandbox_app.extensions["sandbox"] = world
    return sandbox_app.test_client()


@pytest.fixture
def ask(visitor: FlaskClient) -> Ask:
    """Call the Evotor cloud with a good token and media type: ask("/stores", cursor="...")."""

    def get(path: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        good = {"Authorization": f"Bearer {TOKEN}", "Accept": V2}
        return visitor.get(f"/evotor{path}", query_string=query, headers=good if headers is None else headers)

    return get


@pytest.fixture
def products(ask: Ask) -> Ask:
    """Call the products of the only store."""
    return lambda **query: ask(f"/stores/{STORE}/products", **query)


@pytest.fixture
def api(visitor: FlaskClient) -> Ask:
    """Post to the control API: api("/faults", name="timeout")."""
    return lambda path, **body: visitor.post(f"/__sandbox__/api{path}", json=body)
