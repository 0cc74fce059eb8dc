"""A generated shop in the cloud, and refreshes in processes of their own."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.config import ROOT
from bench.product import application, prepare
from sandbox.generator import add_generated_merchant
from sandbox.world import Merchant, World

Refresher = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def add_shop(world: World) -> Callable[..., Merchant]:
    """Add a merchant with so many goods: `add_shop("token", 1000, stores=1)`; `of`: that one another day."""

    def add(token: str, goods: int, *, stores: int = 1, of: Merchant | None = None) -> Merchant:
        return add_generated_merchant(world, token, goods, stores=stores, user_id=of.id if of else None)

    return add


@pytest.fixture
def measured_refreshes(app: Flask, database_url: str, evotor_url: str) -> Refresher:
    """Refresh the shops behind these tokens in one process; give its reports: see `bench.refresh`.

    cloud: the address of another one than the sandbox's.
    """
    with application(database_url).app_context():
        prepare()

    def run(*tokens: str, cloud: str = evotor_url) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "bench.refresh", database_url, cloud, *tokens],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=300,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run
