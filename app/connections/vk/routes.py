"""The pages that connect VK and choose its community."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.clients.errors import CloudError, ScopeMissing
from app.clients.vk.api import Community
from app.connections.evotor.account import ReconnectNeeded
from app.connections.forms import CommunityForm
from app.connections.models import VK, CloudAccount
from app.connections.state import connection_of, is_reported
from app.connections.vk.account import (
    NO_COMMUNITIES_RIGHT,
    ask_vk,
    check_vk,
    choose_community,
    connect_vk,
    note_vk_failure,
)
from app.connections.vk.authorisation import NotConnected, begin, finish
from app.connections.vk.letting_go import NOT_REVOKED_BEFORE, hand_back, replaced_by
from app.data.db import db
from app.work.queue import QueueUnavailable

vk = Blueprint("vk", __name__, url_prefix="/vk")


@vk.before_request
def refuse_without_an_app() -> ResponseReturnValue | None:
    if current_app.extensions["settings"].vk_client_id is None:
        abort(404, "Вход через ВКонтакте на этом сервере ещё не настроен.")
    return None


@vk.get("/start")
@login_required
def start() -> ResponseReturnValue:
    return redirect(begin(current_user.id))


@vk.get("/callback")
@login_required
def callback() -> ResponseReturnValue:
    try:
        tokens, device_id = finish(current_user.id, request.args)
    except NotConnected as error:
        was_connected = connection_of(current_user.id, VK) is not None
        page = render_template("connections/vk_failed.html", reason=str(error), was_connected=was_connected)
        return page, error.status
    replaced = replaced_by(current_user.id, tokens)
    connection = connect_vk(current_user.id, tokens, device_id)
    # The pair is ours from here on, whatever the first look brings.
    db.session.commit()
    if replaced and not hand_back(replaced):
        flash(NOT_REVOKED_BEFORE, "warning")
    check_vk(connection, by_owner=True)
    is_reported(connection)
    db.session.commit()
    return redirect(url_for("connections.vk.community"), 303)


@vk.route("/community", methods=["GET", "POST"])
@login_required
def community() -> ResponseReturnValue:
    connection = connection_of(current_user.id, VK)
    if connection is None:
        flash("Сначала подключите ВКонтакте.", "info")
        return redirect(url_for("connections.index"), 303)
    communities = _communities(connection)
    if communities is None:
        flash(f"Список сообществ не получен. {connection.last_error or 'Повторите через минуту'}.", "error")
        return redirect(url_for("connections.index"), 303)
    form = CommunityForm()
    form.community_id.choices = [(each.id, each.name) for each in communities]
    if form.validate_on_submit():
        chosen = next(each for each in communities if each.id == form.community_id.data)
        choose_community(connection, chosen)
        check_vk(connection, by_owner=True, communities=communities)
        is_reported(connection)
        db.session.commit()
        flash(f"Сообщество выбрано: {chosen.name}.", "success")
        return redirect(url_for("connections.index"), 303)
    current = (connection.profile.get("community") or {}).get("id")
    page = render_template(
        "connections/vk_community.html", form=form, communities=communities, current=current
    )
    return page, 422 if form.is_submitted() else 200


def _communities(connection: CloudAccount) -> list[Community] | None:
    """Ask VK; None when it gave no list, which is then noted in the connection."""
    try:
        return ask_vk(connection, lambda client: client.communities(), by_owner=True)
    except ScopeMissing:
        note_vk_failure(connection, ReconnectNeeded(NO_COMMUNITIES_RIGHT))
    except (CloudError, ReconnectNeeded, QueueUnavailable) as error:
        note_vk_failure(connection, error, believed=True)
    db.session.commit()
    return None
