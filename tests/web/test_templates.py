"""Every template is at least sound, also one that no other test renders."""

from flask import Flask

from tests.product import AppMaker


def test_every_template_compiles(make_app: AppMaker) -> None:
    app: Flask = make_app()
    names = app.jinja_env.list_templates(extensions=["html"])
    assert "base.html" in names
    for name in names:
        app.jinja_env.get_template(name)
