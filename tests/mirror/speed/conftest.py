"""A generated shop in the cloud, and refreshes in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.config import ROOT
from bench.product import application, prepare
from sandbox.generator import add_generated_merchant
from sandbox.world import Merchant, World

Refresher = Callable[[str], dict[str, Any]]


@pytest.fixture
def add_shop(world: World) -> Callable[..., Merchant]:
    """Add a merchant with so many goods: `add_shop("token", 1000, stores=1)`; `of`: that one another day."""

    def add(token: str, goods: int, *, stores: int = 1, of: Merchant | None = None) -> Merchant:
        return add_generated_merchant(world, token, goods, stores=stores, user_id=of.id if of else None)

    return add


@pytest.fixture
def start_refresh(
    app: Flask, database_url: str, evotor_url: str
) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a refresh of the shop behind a token in a process of its own."""
    with application(database_url).app_context():
        prepare()
    started: list[subprocess.Popen[str]] = []

    def start(token: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.refresh", database_url, evotor_url, token],
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def refresh(start_refresh: Callable[[str], subprocess.Popen[str]]) -> Refresher:
    """Run such a refresh and give its report: see `bench.refresh`."""

    def run(token: str) -> dict[str, Any]:
        output, _ = start_refresh(token).communicate(timeout=120)
        report: dict[str, Any] = json.loads(output.splitlines()[-1])
        return report

    return run
