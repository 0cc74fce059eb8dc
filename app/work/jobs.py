"""Jobs: functions that a worker runs inside the application's context, and nothing else that it would run.

The worker hands its application over before the first job; nothing here knows how one is made.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, has_app_context
from rq import get_current_job
from rq.job import Job

from app.logs import belonging_to

Arguments = ParamSpec("Arguments")

_applications: list[tuple[Flask, Callable[[], None]]] = []
_known: dict[str, Callable[..., None]] = {}


class UnknownJob(Exception):
    """The queue names a function that is no job of ours."""


class OurJob(Job):
    """A job as our workers take it: whoever can write to the queue cannot have just anything called."""

    @property
    def func(self) -> Callable[..., None]:
        try:
            return _known[str(self.func_name)]
        except KeyError:
            raise UnknownJob(self.func_name) from None


def is_job(path: str) -> bool:
    """Tell whether `path`, a module and its function, is a job."""
    return path in _known


def path_of(function: Callable[..., None]) -> str:
    """The module and the name of a function, as the queue has it."""
    return f"{function.__module__}.{function.__qualname__}"


def run_in(application: Flask, prepare: Callable[[], None]) -> None:
    """Let every job of this process and its children run in `application`, after `prepare()`."""
    _applications[:] = [(application, prepare)]


def job(function: Callable[Arguments, None]) -> Callable[Arguments, None]:
    """Make `function` a job: it runs inside the application's context."""

    @wraps(function)
    def run(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        running: Any = get_current_job()
        with belonging_to(job=running.id if running else None):
            if has_app_context():
                return function(*args, **kwargs)
            application, prepare = _applications[0]
            prepare()
            with application.app_context():
                return function(*args, **kwargs)

    _known[path_of(function)] = run
    return run
