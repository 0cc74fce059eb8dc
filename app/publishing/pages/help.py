"""Help for owners: a short page a topic, open to everybody."""

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

help_pages = Blueprint("help", __name__, url_prefix="/help")

# In the order in which owners meet them; each has its template in templates/help.
TOPICS = {
    "start": "Первые шаги",
    "published": "Что публикуется и почему",
    "conditions": "Условия: остаток, цена, фото, тип, слово",
    "plan": "План и подтверждение",
    "photos": "Фото",
    "prices": "Цены",
    "stock": "Нет в наличии",
    "groups": "Категории и подборки",
    "edits": "Правки, сделанные во ВКонтакте",
    "before": "Что уже было в сообществе",
    "limits": "Ограничения ВКонтакте",
    "feed": "Прайс-лист YML",
    "stopped": "Когда что-то остановилось",
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
        f"help/{name}.html", name=name, title=TOPICS[name], topics=TOPICS, following=following
    )
