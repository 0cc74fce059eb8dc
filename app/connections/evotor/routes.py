"""The page that connects Evotor."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.clients.errors import CloudError, Unauthorized
from app.connections.evotor.account import connect_evotor
from app.connections.evotor.forms import EvotorForm
from app.connections.models import EVOTOR
from app.connections.reasons import NOT_TAKEN, explain
from app.connections.signals import evotor_connected
from app.connections.state import connection_of
from app.data.db import db

evotor = Blueprint("evotor", __name__, url_prefix="/evotor")


@evotor.route("", methods=["GET", "POST"])
@login_required
def connect() -> ResponseReturnValue:
    form = EvotorForm()
    if form.validate_on_submit():
        try:
            connect_evotor(current_user.id, form.token.data)
        except CloudError as error:
            refused = isinstance(error, Unauthorized)
            form.token.errors = [f"{NOT_TAKEN}." if refused else f"Токен не сохранён: {explain(error)}."]
        else:
            db.session.commit()
            evotor_connected.send(user_id=current_user.id)
            flash("Эвотор подключён. Загружаем каталог.", "success")
            return redirect(url_for("catalog.stores"), 303)
    is_connected = connection_of(current_user.id, EVOTOR) is not None
    page = render_template("connections/evotor.html", form=form, connected=is_connected)
    return page, 422 if form.is_submitted() else 200
