"""The page of connections and its actions."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import delete, select

from app.connections.attempts import is_under_way
from app.connections.cards import card_of, cards_of, title_of
from app.connections.evotor.merchants import forget_owner
from app.connections.evotor.routes import evotor
from app.connections.forms import DisconnectForm
from app.connections.jobs import ask_for_check
from app.connections.models import EVOTOR, PROVIDERS, VK, CloudAccount
from app.connections.signals import evotor_disconnected
from app.connections.state import connection_of
from app.connections.vk.letting_go import disconnect_vk
from app.connections.vk.routes import vk
from app.data.db import db
from app.web.htmx import wants_fragment
from app.words import gettext_noop
from app.work.queue import QueueUnavailable

NO_QUEUE = gettext_noop("Проверка не началась: очередь заданий не отвечает. Повторите через минуту.")
STILL_CONNECTING = gettext_noop(
    "Новое подключение ещё проверяется, и после него оно осталось бы. Повторите через несколько секунд."
)
ANOTHER_NOW = gettext_noop("Здесь уже другое подключение. Посмотрите на него и решите заново.")

connections = Blueprint("connections", __name__, url_prefix="/connections")
connections.register_blueprint(evotor)
connections.register_blueprint(vk)


@connections.get("")
@login_required
def index() -> ResponseReturnValue:
    owned = db.session.scalars(select(CloudAccount).filter_by(user_id=current_user.id))
    cards = cards_of({connection.provider: connection for connection in owned})
    return render_template("connections/index.html", cards=cards)


@connections.post("/<provider>/check")
@login_required
def check(provider: str) -> ResponseReturnValue:
    connection = _own(provider)
    try:
        ask_for_check(connection.id)
    except QueueUnavailable:
        if wants_fragment():
            return _checked(provider, notice=gettext(NO_QUEUE))
        flash(gettext(NO_QUEUE), "error")
    if wants_fragment():
        return _checked(provider)
    return redirect(url_for("connections.index"), 303)


@connections.get("/<provider>/card")
@login_required
def card(provider: str) -> ResponseReturnValue:
    if provider not in PROVIDERS:
        abort(404)
    if not wants_fragment():
        return redirect(url_for("connections.index"), 303)
    return _checked(provider)


@connections.get("/<provider>/delete", endpoint="delete")
@login_required
def ask_to_delete(provider: str) -> ResponseReturnValue:
    connection = _own(provider)
    card = card_of(provider, connection)
    return render_template("connections/delete.html", card=card, seen=_seen(connection))


@connections.post("/<provider>/delete")
@login_required
def delete_confirmed(provider: str) -> ResponseReturnValue:
    connection = _own(provider)
    form = DisconnectForm()
    if not form.validate() or form.seen.data != _seen(connection):
        flash(gettext(ANOTHER_NOW), "info")
        return redirect(url_for("connections.delete", provider=provider), 303)
    if is_under_way(provider, current_user.id):
        flash(gettext(STILL_CONNECTING), "info")
        return redirect(url_for("connections.delete", provider=provider), 303)
    # Another click may delete it while VK is asked, or another account take its place: what was seen goes.
    key, external_user_id = connection.id, connection.external_user_id
    left_to_do = disconnect_vk(connection) if provider == VK else None
    if provider == EVOTOR:
        forget_owner(current_user.id, external_user_id)
    seen = CloudAccount.external_user_id.is_not_distinct_from(external_user_id)
    db.session.execute(delete(CloudAccount).filter_by(user_id=current_user.id, id=key).where(seen))
    db.session.commit()
    if provider == EVOTOR:
        evotor_disconnected.send(user_id=current_user.id)
    if left_to_do:
        flash(left_to_do, "warning")
    said = gettext(
        "%(cloud)s: отключено, токен удалён. Каталог и правила сохранены.", cloud=title_of(provider)
    )
    flash(said, "info")
    return redirect(url_for("connections.index"), 303)


def _checked(provider: str, notice: str | None = None) -> str:
    # Disconnected on another page meanwhile, perhaps: then this is the offer to connect.
    connection = connection_of(current_user.id, provider)
    return render_template("connections/_checked.html", card=card_of(provider, connection), notice=notice)


def _seen(connection: CloudAccount) -> str:
    """Name what the owner is about to disconnect."""
    return f"{connection.id} {connection.external_user_id or ''}"


def _own(provider: str) -> CloudAccount:
    connection = connection_of(current_user.id, provider) if provider in PROVIDERS else None
    return connection or abort(404)
