"""Macros whose words follow from their arguments alone: rendered once for each, and kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from jinja2 import Template

from app.web.language import language


def init_kept_macros(app: Flask) -> None:
    """Offer the filter `kept`, and let a page take the macros that it imports without looking around."""
    app.add_template_filter(kept)
    app.jinja_env.template_class = _PageTemplate


def kept(macro: Callable[..., str]) -> Callable[..., str]:
    """The same macro, for arguments that can be keys; it may not look at the visitor, nor at a token."""
    # `request.root_path`: addresses begin with it.
    remembered = lru_cache(maxsize=2048)(lambda _root, _spoken, values, named: macro(*values, **dict(named)))

    def remembering(*values: Any, **named: Any) -> str:
        root = request.root_path if has_request_context() else ""
        return remembered(root, language(), values, tuple(named.items()))

    return remembering


class _PageTemplate(Template):
    # Jinja compares the globals of both templates at every import: here one environment has made them all.
    def _get_default_module(self, _ctx: Any = None) -> Any:
        return super()._get_default_module()
