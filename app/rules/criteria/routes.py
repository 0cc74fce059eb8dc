"""The page of conditions: each change of them is a plan, which is looked at and applied from there."""

import secrets

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.data.db import db
from app.rules.changes.plan import CONDITIONS, is_empty, plan
from app.rules.criteria.criterion import MOST_CRITERIA, Criterion
from app.rules.criteria.forms import DOWN, UP, CriterionForm, StepForm
from app.rules.criteria.view import condition_rows
from app.rules.criteria.words import criterion_words
from app.rules.notices import say
from app.rules.policy import Policy
from app.rules.read import policy_of, present_config
from app.web.error_pages import bad_request
from app.words import Sentence

conditions = Blueprint("conditions", __name__, url_prefix="/conditions")

_STEPS = {UP: -1, DOWN: 1}


@conditions.get("")
@login_required
def index() -> ResponseReturnValue:
    policy = policy_of(current_user.id)
    return render_template(
        "rules/conditions.html",
        rows=condition_rows(current_user.id, policy),
        has_room=len(policy.criteria) < MOST_CRITERIA,
        default_mode=present_config(current_user.id).default_mode,
        form=CriterionForm.of(None),
    )


@conditions.post("")
@login_required
def add() -> ResponseReturnValue:
    """Plan a new condition, behind the others."""
    policy = policy_of(current_user.id)
    if len(policy.criteria) >= MOST_CRITERIA:
        return bad_request(
            gettext(
                "Условий может быть не больше %(most)s. Уберите те, что больше не нужны.", most=MOST_CRITERIA
            )
        )
    form = CriterionForm()
    criterion = _sent(form, policy, secrets.token_hex(4))
    if criterion is None:
        return render_template("rules/condition.html", form=form, criterion=None), 422
    return _look_at(Sentence("Новое условие"), policy, (*policy.criteria, criterion))


@conditions.get("/<key>")
@login_required
def edit(key: str) -> ResponseReturnValue:
    criterion = policy_of(current_user.id).find(key) or abort(404)
    return render_template("rules/condition.html", form=CriterionForm.of(criterion), criterion=criterion)


@conditions.post("/<key>")
@login_required
def change(key: str) -> ResponseReturnValue:
    policy = policy_of(current_user.id)
    criterion = policy.find(key) or abort(404)
    form = CriterionForm()
    becomes = _sent(form, policy, key)
    if becomes is None:
        return render_template("rules/condition.html", form=form, criterion=criterion), 422
    others = (becomes if each.key == key else each for each in policy.criteria)
    return _look_at(Sentence("Условие меняется"), policy, tuple(others))


@conditions.post("/<key>/delete")
@login_required
def delete(key: str) -> ResponseReturnValue:
    policy = policy_of(current_user.id)
    others = tuple(each for each in policy.criteria if each.key != key)
    if len(others) == len(policy.criteria):
        abort(404)
    return _look_at(Sentence("Условие убирается"), policy, others)


@conditions.post("/<key>/move")
@login_required
def move(key: str) -> ResponseReturnValue:
    """Plan to change places with the condition above (`step=up`) or below (`step=down`)."""
    policy = policy_of(current_user.id)
    criterion = policy.find(key) or abort(404)
    form = StepForm()
    if not form.validate():
        return bad_request(gettext("Непонятно, куда передвинуть условие. Откройте список условий заново."))
    order = list(policy.criteria)
    place = order.index(criterion)
    order.insert(max(0, place + _STEPS[form.step.data]), order.pop(place))
    return _look_at(Sentence("Порядок условий"), policy, tuple(order))


def _sent(form: CriterionForm, policy: Policy, key: str) -> Criterion | None:
    """The condition that was sent, None when the form says what is wrong with it."""
    if not form.validate():
        return None
    criterion = form.criterion(key)
    # Another that says the same would never be asked.
    if any(criterion.says == other.says for other in policy.criteria if other.key != key):
        form.kind.errors = [
            gettext("Такое условие уже есть: %(condition)s.", condition=criterion_words(criterion))
        ]
        return None
    return criterion


def _look_at(what: Sentence, policy: Policy, criteria: tuple[Criterion, ...]) -> ResponseReturnValue:
    after = policy._replace(criteria=criteria)
    planned = plan(current_user.id, CONDITIONS, what, policy=(policy, after))
    here = url_for("sync.conditions.index")
    if is_empty(planned):
        db.session.rollback()
        say(gettext("Ничего не изменилось: всё уже так."))
        return redirect(here, 303)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=planned.id, next=here), 303)
