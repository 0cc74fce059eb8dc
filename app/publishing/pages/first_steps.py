"""The first steps are put away, or fetched back."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import update

from app.accounts.models import User
from app.data.db import db
from app.publishing.forms import StepsForm
from app.rules.notices import say_returnable
from app.web.error_pages import bad_form

steps = Blueprint("steps", __name__, url_prefix="/first-steps")


@steps.post("")
@login_required
def save() -> ResponseReturnValue:
    """Hide the steps or show them; what the strip says of publication stays either way."""
    form = StepsForm()
    if not form.validate():
        return bad_form(form)
    hidden = update(User).filter_by(id=current_user.id).values(hides_first_steps=form.is_hidden)
    db.session.execute(hidden)
    db.session.commit()
    if form.is_hidden:
        sentence = gettext("Первые шаги скрыты. Показать их снова можно здесь же.")
        say_returnable(sentence, url_for("sync.steps.save"), {"hidden": "0"})
    return redirect(url_for("connections.index"), 303)
