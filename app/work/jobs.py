"""Jobs: functions that a worker runs inside the application's context.

The worker hands its application over before the first job; nothing here knows how one is made.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Flask, has_app_context
from rq import get_current_job

from app.logs import belonging_to

Arguments = ParamSpec("Arguments")

_applications: list[Flask] = []


def run_in(application: Flask) -> None:
    """Let every job of this process and its children run in `application`."""
    _applications[:] = [application]


def job(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Run `function` inside the application's context."""

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        running = get_current_job()
        with belonging_to(job=running.id if running else None):
            if has_app_context():
                return function(*args, **kwargs)
            with _applications[0].app_context():
                return function(*args, **kwargs)

    return run
