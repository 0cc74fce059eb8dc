"""Plans and the history of rules: look, apply, take back."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app.data.db import db
from app.mirror.big_shops import big_change_in_turn
from app.rules.changes import apply as steps
from app.rules.changes import plan as plans
from app.rules.changes.view import step_view
from app.rules.changes.whole import offered_whole, plan_one_rule
from app.rules.models import RuleChange
from app.rules.notices import NOTHING_TO_UNDO, TOO_OLD, say, say_changed, say_undone
from app.web.security import local_path, local_place

changes = Blueprint("changes", __name__, url_prefix="/changes")


@changes.get("")
@login_required
def index() -> ResponseReturnValue:
    """Lead to the changes among all that happened."""
    return redirect(url_for("sync.history.show", kind="rules"))


@changes.get("/<key:change_id>")
@login_required
def show(change_id: int) -> ResponseReturnValue:
    change = _own(change_id)
    return render_template(
        "rules/change.html",
        step=step_view(change),
        whole=offered_whole(change),
        too_old=TOO_OLD,
        next_url=_next(),
    )


@changes.post("/<key:change_id>/apply")
@login_required
def apply(change_id: int) -> ResponseReturnValue:
    change = _own(change_id)
    planned = change.rules
    try:
        with big_change_in_turn(current_user.id):
            applied = steps.apply(change)
            db.session.commit()
    except steps.AlreadyApplied:
        db.session.rollback()
        say(gettext("Это изменение уже применено."))
        return _leave()
    except steps.TooOld:
        return _leave_too_old()
    if applied is None:
        say(gettext("Ничего не изменилось: всё уже так, или с тех пор решено отдельно."))
    else:
        say_changed(applied, _asked_back() or "", left=planned - applied.rules)
    return _leave()


@changes.post("/<key:change_id>/one-rule")
@login_required
def one_rule(change_id: int) -> ResponseReturnValue:
    """Plan one rule on a store or a group instead of a plan of one on each of its goods, which stays."""
    whole = offered_whole(_own(change_id)) or abort(404)
    planned = plan_one_rule(current_user.id, whole)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=planned.id, next=_next()), 303)


@changes.post("/<key:change_id>/discard")
@login_required
def discard(change_id: int) -> ResponseReturnValue:
    plans.discard_unapplied(_own(change_id))
    db.session.commit()
    say(gettext("Ничего не изменилось."))
    return _leave()


@changes.post("/<key:change_id>/undo")
@login_required
def undo(change_id: int) -> ResponseReturnValue:
    """Take a change back at once."""
    step = _own_step(change_id)
    try:
        with big_change_in_turn(current_user.id):
            undone = steps.undo(step)
            db.session.commit()
    except steps.TooOld:
        return _leave_too_old()
    if undone is None:
        say(gettext(NOTHING_TO_UNDO))
    else:
        say_undone(undone, _asked_back() or "")
    return _leave()


@changes.post("/<key:change_id>/revert")
@login_required
def revert(change_id: int) -> ResponseReturnValue:
    """Plan to take a change back: shown first, as later changes may have touched the same rules."""
    step = _own_step(change_id)
    if step.is_too_old:
        return _leave_too_old()
    planned = plans.plan_revert(step)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=planned.id, next=_next()), 303)


def _own_step(change_id: int) -> RuleChange:
    change = _own(change_id)
    return change if change.applied_at is not None else abort(404)


def _own(change_id: int) -> RuleChange:
    return plans.own_change(current_user.id, change_id) or abort(404)


def _asked_back() -> str | None:
    """The place that a button of a page, or the address of a plan, names to lead back to."""
    return local_place(request.values.get("next"))


def _next() -> str:
    return _asked_back() or url_for("sync.history.show")


def _leave_too_old() -> Response:
    db.session.rollback()
    say(gettext(TOO_OLD))
    return _leave()


def _leave() -> Response:
    target = _asked_back() or local_path(request.referrer)
    return redirect(target or url_for("sync.history.show"), 303)
