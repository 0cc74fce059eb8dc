"""Templates without their indentation, which is for those who write them."""

import re

from flask import Flask
from jinja2.ext import Extension

_INDENTATION = re.compile(r"^[ \t]{2,}", re.MULTILINE)


def init_lean_templates(app: Flask) -> None:
    """Read every page's template with one blank where its lines are indented; letters stay as written."""
    app.jinja_env.add_extension(_Unindented)


class _Unindented(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        # Lines stay lines, so that a fault is still named by its line; a blank still parts two attributes.
        return _INDENTATION.sub(" ", source) if (name or "").endswith(".html") else source
