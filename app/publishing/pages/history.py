"""The page of the history: publications, refreshes and rules in one timeline."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.publishing.pages.timeline import KINDS, timeline
from app.web.cursor import BadCursor
from app.web.errors import bad_request
from app.words import gettext_noop

history = Blueprint("history", __name__, url_prefix="/history")

_STALE_PAGE = gettext_noop("Ссылка на страницу истории устарела. Откройте историю с начала.")


@history.get("")
@login_required
def show() -> ResponseReturnValue:
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        return bad_request(gettext(_STALE_PAGE))
    try:
        page = timeline(current_user.id, kind, request.args.get("after") or None)
    except BadCursor:
        return bad_request(gettext(_STALE_PAGE))
    return render_template("publishing/history.html", timeline=page, kind=kind, kinds=KINDS)
