"""The page that connects Evotor."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

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
from app.web.cloud_waits import NoPlace, waiting_for_a_cloud
from app.work.locks import LockTaken, held_by_one
from app.work.queue import QueueUnavailable

CROWDED = "Эвотор отвечает медленно, и его ждут другие владельцы. Повторите через минуту."
STILL_TRYING = "Прежний токен ещё проверяется. Повторите через несколько секунд."
# Longer than a cloud that hangs is waited for.
_LEASE_SECONDS = 30

evotor = Blueprint("evotor", __name__, url_prefix="/evotor")


@evotor.route("", methods=["GET", "POST"])
@login_required
def connect() -> ResponseReturnValue:
    form = EvotorForm()
    if form.validate_on_submit():
        try:
            with _one_at_a_time(current_user.id), waiting_for_a_cloud():
                connect_evotor(current_user.id, form.token.data)
                db.session.commit()
        except LockTaken:
            form.token.errors = [STILL_TRYING]
        except NoPlace:
            form.token.errors = [CROWDED]
        except CloudError as error:
            refused = isinstance(error, Unauthorized)
            form.token.errors = [f"{NOT_TAKEN}." if refused else f"Токен не сохранён: {explain(error)}."]
        else:
            evotor_connected.send(user_id=current_user.id)
            flash("Эвотор подключён. Загружаем каталог.", "success")
            return redirect(url_for("catalog.stores"), 303)
    is_connected = connection_of(current_user.id, EVOTOR) is not None
    page = render_template("connections/evotor.html", form=form, connected=is_connected)
    return page, 422 if form.is_submitted() else 200


@contextmanager
def _one_at_a_time(user_id: int) -> Iterator[None]:
    """Let one page of an owner wait for the cloud, so that no owner holds up the others; raises LockTaken."""
    with ExitStack() as held:
        # Without the queue server, which keeps the locks, a token can still be tried.
        with suppress(QueueUnavailable):
            lock = held_by_one(f"connect-evotor:{user_id}", lease=_LEASE_SECONDS, patience=0)
            held.enter_context(lock)
        yield
