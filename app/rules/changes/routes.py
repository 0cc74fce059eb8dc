"""Plans and the history of rules: look, apply, take back."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app.data.db import db
from app.rules.changes import plan as steps
from app.rules.changes.history import timeline
from app.rules.changes.view import step_view
from app.rules.models import RuleChange
from app.rules.notices import say, say_changed
from app.web.cursor import BadCursor
from app.web.errors import bad_request
from app.web.security import local_path

changes = Blueprint("changes", __name__, url_prefix="/changes")


@changes.get("")
@login_required
def index() -> ResponseReturnValue:
    try:
        page = timeline(current_user.id, request.args.get("after") or None)
    except BadCursor:
        return bad_request("Ссылка на страницу истории устарела. Откройте историю с начала.")
    return render_template("rules/history.html", timeline=page)


@changes.get("/<key:change_id>")
@login_required
def show(change_id: int) -> ResponseReturnValue:
    change = _own(change_id)
    return render_template("rules/change.html", step=step_view(change), next_url=_next())


@changes.post("/<key:change_id>/apply")
@login_required
def apply(change_id: int) -> ResponseReturnValue:
    change = _own(change_id)
    try:
        steps.apply(change)
    except steps.AlreadyApplied:
        db.session.rollback()
        say("Это изменение уже применено.")
        return _leave()
    db.session.commit()
    say_changed(change)
    return _leave()


@changes.post("/<key:change_id>/discard")
@login_required
def discard(change_id: int) -> ResponseReturnValue:
    change = _own(change_id)
    if change.applied_at is None:
        steps.discard(change)
        db.session.commit()
    say("Ничего не изменилось.")
    return _leave()


@changes.post("/<key:change_id>/undo")
@login_required
def undo(change_id: int) -> ResponseReturnValue:
    """Take a change back at once."""
    revert = _plan_revert(change_id)
    if steps.is_empty(revert):
        steps.discard(revert)
        db.session.commit()
        say("Уже отменено: всё так, как было до этого изменения.")
        return _leave()
    steps.apply(revert)
    db.session.commit()
    say_changed(revert)
    return _leave()


@changes.post("/<key:change_id>/revert")
@login_required
def revert(change_id: int) -> ResponseReturnValue:
    """Plan to take a change back: shown first, as later changes may have touched the same rules."""
    planned = _plan_revert(change_id)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=planned.id, next=_next()), 303)


def _plan_revert(change_id: int) -> RuleChange:
    change = _own(change_id)
    if change.applied_at is None:
        abort(404)
    return steps.plan_revert(change)


def _own(change_id: int) -> RuleChange:
    return steps.own_change(current_user.id, change_id) or abort(404)


def _next() -> str:
    return local_path(request.values.get("next")) or url_for("sync.changes.index")


def _leave() -> Response:
    target = local_path(request.values.get("next")) or local_path(request.referrer)
    return redirect(target or url_for("sync.changes.index"), 303)
