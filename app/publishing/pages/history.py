"""What publication did: every run, the newest first."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import select

from app.data.db import db
from app.publishing.run.models import AUTO, HAND, ONE, UNDO, Publication
from app.web.cursor import BadCursor, Cursor
from app.web.errors import bad_request

history = Blueprint("history", __name__, url_prefix="/history")

PAGE = 50
ORIGINS = {
    HAND: "вы нажали «Опубликовать»",
    AUTO: "Витрина, сама",
    ONE: "один товар",
    UNDO: "возврат к тому, что было",
}
STATUSES = {
    "planned": "готовится",
    "queued": "ждёт очереди",
    "running": "идёт",
    "held": "ждёт вашего слова",
    "paused": "стоит",
    "done": "готово",
    "partial": "готово не всё",
    "failed": "не получилось",
    "cancelled": "остановлена",
}


@history.get("")
@login_required
def show() -> ResponseReturnValue:
    after = request.args.get("after") or None
    statement = (
        select(Publication).filter_by(user_id=current_user.id).order_by(Publication.id.desc()).limit(PAGE + 1)
    )
    try:
        if after is not None:
            statement = statement.where(Publication.id < Cursor.decode(after).id)
    except BadCursor:
        return bad_request("Ссылка на страницу истории устарела. Откройте историю с начала.")
    found = list(db.session.scalars(statement))
    more = Cursor("", found[PAGE - 1].id, 0).encode() if len(found) > PAGE else None
    return render_template(
        "publishing/history.html", runs=found[:PAGE], after=more, origins=ORIGINS, statuses=STATUSES
    )
