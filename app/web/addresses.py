"""Addresses on pages: one has some forty, and nearly all are those of the page before."""

from functools import lru_cache
from typing import Any

import flask
from flask import Flask, has_request_context, request


def init_addresses(app: Flask) -> None:
    """Let templates write `url_for` as ever, and keep what it gives for words."""
    app.jinja_env.globals["url_for"] = url_for


def url_for(endpoint: str, **values: Any) -> str:
    """Give what Flask's `url_for` gives; for words, and nothing but words, it is kept."""
    # Letters are written outside a request, and `.name` depends on it.
    is_same = has_request_context() and not endpoint.startswith(".")
    if is_same and all(type(value) is str for value in values.values()):
        return _kept(request.root_path, endpoint, tuple(values.items()))
    return flask.url_for(endpoint, **values)


@lru_cache(maxsize=1024)
def _kept(_root: str, endpoint: str, values: tuple[tuple[str, str], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))  # type: ignore[arg-type]
