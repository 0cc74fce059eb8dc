"""Every template is at least sound, also one that no other test renders."""

import re

from flask import Flask

from app.config import ROOT
from tests.product import AppMaker


def test_every_template_compiles(make_app: AppMaker) -> None:
    app: Flask = make_app()
    names = app.jinja_env.list_templates(extensions=["html"])
    assert "base.html" in names
    for name in names:
        app.jinja_env.get_template(name)


def test_one_component_draws_the_links_between_pages(make_app: AppMaker) -> None:
    found = {
        str(path.relative_to(ROOT / "templates"))
        for path in (ROOT / "templates").rglob("*.html")
        if re.search(r"""rel=["']?(next|prev)|rel="{{""", path.read_text())
    }
    assert found == {"components/pages.html"}
