"""How `flask db` and the tests reach the migrations.

Pages and jobs migrate nothing, so Alembic, which takes longer to load than most of what they are made of, is
loaded when somebody asks for it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import click
from flask import Flask
from werkzeug.local import LocalProxy

from app.config import ROOT
from app.data.db import db


def init_migrations(app: Flask, is_ours: Callable[..., bool]) -> None:
    """Let migrations be run on the application's database; `is_ours` leaves objects out of comparisons."""

    @cache
    def known() -> Any:
        from flask_migrate import Migrate

        directory = str(ROOT / "migrations")
        Migrate(app, db, directory, compare_type=True, include_object=is_ours)
        return app.extensions["migrate"]

    app.extensions["migrate"] = LocalProxy(known)
    app.cli.add_command(_Migrations("db", help="Perform database migrations."))


class _Migrations(click.Command):
    """Stands for the commands until one of them is called."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        from flask_migrate.cli import db as commands

        return commands.make_context(*args, **extra)
