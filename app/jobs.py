"""The application that jobs run in, made once per worker and shared by its forked children."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec

from flask import Flask, has_app_context
from rq import get_current_job

from app import create_app
from app.logs import belonging_to

Arguments = ParamSpec("Arguments")


@lru_cache(maxsize=1)
def application() -> Flask:
    """Give the worker's application, reading the settings from the environment the first time."""
    return create_app()


def job(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Run `function` inside the application's context."""

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        running = get_current_job()
        with belonging_to(job=running.id if running else None):
            if has_app_context():
                return function(*args, **kwargs)
            with application().app_context():
                return function(*args, **kwargs)

    return run
