"""The page that connects Evotor."""

import hashlib

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.clients.errors import CloudError, Unauthorized
from app.connections.attempts import AnotherUnderWay, Ended, UnderWay, attempt, state_of
from app.connections.evotor.account import connect_evotor
from app.connections.evotor.forms import EvotorForm
from app.connections.models import EVOTOR
from app.connections.problems import problem_of
from app.connections.reasons import NOT_TAKEN, explain
from app.connections.signals import evotor_connected
from app.connections.state import connection_of
from app.data.db import db
from app.web.cloud_waits import NoPlace, StillAsking
from app.web.htmx import redirect_whole_page, wants_fragment
from app.words import gettext_noop

CROWDED = gettext_noop("Эвотор отвечает медленно, и его ждут другие владельцы. Повторите через минуту.")
STILL_TRYING = gettext_noop("Прежний токен ещё проверяется. Повторите через несколько секунд.")
NOT_KNOWN = gettext_noop(
    "Не удалось узнать, принят ли токен. Если Эвотор не подключён, вставьте токен ещё раз."
)
NOT_CONNECTED_NOW = gettext_noop("Эвотор сейчас не подключён.")

evotor = Blueprint("evotor", __name__, url_prefix="/evotor")


@evotor.route("", methods=["GET", "POST"])
@login_required
def connect() -> ResponseReturnValue:
    form = EvotorForm()
    if form.validate_on_submit():
        user_id, token = current_user.id, form.token.data
        try:
            return _answer(form, attempt(EVOTOR, user_id, lambda: _tried(user_id, token), mark=_mark(token)))
        except StillAsking:
            return redirect(url_for("connections.evotor.trying"), 303)
        except AnotherUnderWay:
            form.token.errors = [gettext(STILL_TRYING)]
        except NoPlace:
            form.token.errors = [gettext(CROWDED)]
    return _page(form)


@evotor.get("/trying")
@login_required
def trying() -> ResponseReturnValue:
    """Wait with the owner for a cloud that takes its time; then show what came of it."""
    state = state_of(EVOTOR, current_user.id)
    if isinstance(state, UnderWay):
        return render_template(f"connections/{'_' * wants_fragment()}trying.html", cloud=gettext("Эвотор"))
    if wants_fragment():
        return redirect_whole_page(url_for("connections.evotor.trying"))
    if state is None:
        flash(gettext(NOT_KNOWN), "info")
        return redirect(url_for("connections.index"), 303)
    connection = connection_of(current_user.id, EVOTOR)
    if state.reason is None and problem_of(EVOTOR, connection) is not None:
        # It was connected then; the page of connections says what is wrong with that now.
        if connection is None:
            flash(gettext(NOT_CONNECTED_NOW), "info")
        return redirect(url_for("connections.index"), 303)
    return _answer(EvotorForm(formdata=None), state)


def _tried(user_id: int, token: str) -> Ended:
    """Try the token and keep it when the cloud takes it."""
    try:
        connect_evotor(user_id, token)
    except CloudError as error:
        refused = isinstance(error, Unauthorized)
        if refused:
            return Ended(f"{gettext(NOT_TAKEN)}.")
        return Ended(gettext("Токен не сохранён: %(reason)s.", reason=gettext(explain(error))))
    db.session.commit()
    evotor_connected.send(user_id=user_id)
    return Ended()


def _mark(token: str) -> str:
    """Name the token without telling it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _answer(form: EvotorForm, ended: Ended) -> ResponseReturnValue:
    if ended.reason is None:
        flash(gettext("Эвотор подключён."), "success")
        return redirect(url_for("catalog.stores"), 303)
    form.token.errors = [ended.reason]
    return _page(form)


def _page(form: EvotorForm) -> ResponseReturnValue:
    is_connected = connection_of(current_user.id, EVOTOR) is not None
    page = render_template("connections/evotor.html", form=form, connected=is_connected)
    return page, 422 if form.is_submitted() else 200
