"""Help for owners: a short page a topic, open to everybody."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.words import gettext_noop

help_pages = Blueprint("help", __name__, url_prefix="/help")

# In the order in which owners meet them; each has its template in templates/help.
TOPICS = {
    "start": gettext_noop("Первые шаги"),
    "published": gettext_noop("Что публикуется и почему"),
    "conditions": gettext_noop("Условия: остаток, цена, фото, тип, слово"),
    "plan": gettext_noop("План и подтверждение"),
    "photos": gettext_noop("Фото"),
    "prices": gettext_noop("Цены"),
    "stock": gettext_noop("Нет в наличии"),
    "groups": gettext_noop("Категории и подборки"),
    "edits": gettext_noop("Правки, сделанные во ВКонтакте"),
    "before": gettext_noop("Что уже было в сообществе"),
    "limits": gettext_noop("Ограничения ВКонтакте"),
    "feed": gettext_noop("Прайс-лист YML"),
    "stopped": gettext_noop("Когда что-то остановилось"),
}


@help_pages.get("")
def index() -> ResponseReturnValue:
    return render_template("help/index.html", topics=TOPICS)


@help_pages.get("/<name>")
def topic(name: str) -> ResponseReturnValue:
    if name not in TOPICS:
        abort(404)
    names = list(TOPICS)
    following = names[(names.index(name) + 1) % len(names)]
    return render_template(
        f"help/{name}.html", name=name, title=gettext(TOPICS[name]), topics=TOPICS, following=following
    )
