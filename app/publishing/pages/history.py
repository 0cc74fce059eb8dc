"""The page of the history: publications, refreshes and rules in one timeline."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.mirror.big_shops import big_shop_in_turn
from app.publishing.pages.events import KINDS
from app.publishing.pages.timeline import timeline
from app.publishing.pages.touched import Touched, found_goods
from app.rules.changes.room import has_let_go
from app.rules.hoards import many_steps_in_turn
from app.web.cursor import BadCursor
from app.web.error_pages import bad_request
from app.web.typed import LONGEST_SEARCH, typed_words
from app.words import gettext_noop

history = Blueprint("history", __name__, url_prefix="/history")

_STALE_PAGE = gettext_noop("Ссылка на страницу истории устарела. Откройте историю с начала.")


@history.get("")
@login_required
def show() -> ResponseReturnValue:
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        return bad_request(gettext(_STALE_PAGE))
    q = typed_words(request.args.get("q", "")[:LONGEST_SEARCH]) or None
    after = request.args.get("after") or None
    try:
        with _in_turn() if q else nullcontext():
            goods = found_goods(current_user.id, q) if q else None
            touched = Touched(current_user.id, q, goods) if q and goods else None
            page = timeline(current_user.id, kind, touched, after)
    except BadCursor:
        return bad_request(gettext(_STALE_PAGE))
    return render_template(
        "publishing/history.html",
        timeline=page,
        kind=kind,
        kinds=KINDS,
        q=q,
        goods=goods,
        has_let_go=bool(q) and has_let_go(current_user.id),
        here=url_for("sync.history.show", kind=kind, q=q, after=after),
    )


@contextmanager
def _in_turn() -> Iterator[None]:
    # A few steps of a big shop are as long: each may be about all its goods.
    with big_shop_in_turn(current_user.id), many_steps_in_turn(current_user.id):
        yield
