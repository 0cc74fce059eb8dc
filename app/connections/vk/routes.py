"""The pages that connect VK and choose its community."""

import hashlib
from contextlib import suppress

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.clients.vk.api import Community
from app.connections.attempts import (
    AlreadyTried,
    AnotherUnderWay,
    Ended,
    UnderWay,
    attempt,
    state_of,
)
from app.connections.jobs import ask_for_check
from app.connections.may_publish import community_of
from app.connections.models import VK, CloudAccount
from app.connections.state import connection_of
from app.connections.vk.account import administrated, choose_community, connect_vk
from app.connections.vk.authorisation import PENDING, Granted, NotConnected, begin, exchange, granted
from app.connections.vk.forms import CommunityForm
from app.connections.vk.letting_go import NOT_REVOKED_BEFORE, hand_back, replaced_by
from app.data.db import db
from app.web.cloud_waits import NoPlace, StillAsking
from app.web.htmx import redirect_whole_page, wants_fragment
from app.web.language import translated
from app.words import gettext_noop
from app.work.queue import QueueUnavailable

CROWDED = gettext_noop(
    "ВКонтакте отвечает медленно, и его ждут другие владельцы. Обновите эту страницу через минуту."
)
IN_TURN = gettext_noop(
    "Другой вход через ВКонтакте ещё не закончен. Обновите эту страницу через несколько секунд."
)
NOT_KNOWN = gettext_noop(
    "Не удалось узнать, чем кончился вход. Если ВКонтакте не подключён, начните ещё раз."
)

vk = Blueprint("vk", __name__, url_prefix="/vk")


@vk.before_request
def refuse_without_an_app() -> ResponseReturnValue | None:
    if current_app.extensions["settings"].vk_client_id is None:
        abort(404, gettext("Вход через ВКонтакте на этом сервере ещё не настроен."))
    return None


@vk.get("/start")
@login_required
def start() -> ResponseReturnValue:
    return redirect(begin(current_user.id))


@vk.get("/callback")
@login_required
def callback() -> ResponseReturnValue:
    user_id, pending = current_user.id, session.get(PENDING)
    try:
        grant = granted(user_id, request.args)
    except NotConnected as error:
        return _answer(Ended(gettext(str(error)), error.status))
    once = _once(grant)
    try:
        return _answer(attempt(VK, user_id, lambda: _tried(user_id, grant), once=once))
    except (NoPlace, AnotherUnderWay) as error:
        # Nothing has been exchanged: the same address works when there is a place.
        session[PENDING] = pending
        return _answer(
            Ended(gettext(CROWDED), 503) if isinstance(error, NoPlace) else Ended(gettext(IN_TURN), 409)
        )
    except (StillAsking, AlreadyTried):
        return redirect(url_for("connections.vk.trying", attempt=once), 303)


@vk.get("/trying")
@login_required
def trying() -> ResponseReturnValue:
    """Wait with the owner for VK to take its time; then show what came of this `attempt` and no other."""
    once = request.args.get("attempt", "")
    state = state_of(VK, current_user.id, once)
    if isinstance(state, UnderWay):
        return render_template(f"connections/{'_' * wants_fragment()}trying.html", cloud=gettext("ВКонтакте"))
    if wants_fragment():
        return redirect_whole_page(url_for("connections.vk.trying", attempt=once))
    return _answer(state or Ended(gettext(NOT_KNOWN), 503))


@vk.get("/community")
@login_required
def community() -> ResponseReturnValue:
    connection = connection_of(current_user.id, VK)
    if connection is None:
        flash(gettext("Сначала подключите ВКонтакте."), "info")
        return redirect_whole_page(url_for("connections.index"))
    communities = administrated(connection)
    if connection.is_being_checked:
        return _page(connection, None)
    if communities is None:
        reason = translated(connection.last_error or "") or gettext("Нажмите «Проверить сейчас» и повторите")
        flash(gettext("Список сообществ не получен. %(reason)s.", reason=reason), "error")
        return redirect_whole_page(url_for("connections.index"))
    return _page(connection, _form(communities))


@vk.post("/community/list")
@login_required
def read_communities() -> ResponseReturnValue:
    """Let a worker read the list anew; the page shows it when it is there."""
    connection = connection_of(current_user.id, VK)
    if connection is not None:
        try:
            ask_for_check(connection.id)
        except QueueUnavailable:
            flash(
                gettext("Список сейчас не обновить: очередь заданий не отвечает. Повторите через минуту."),
                "error",
            )
    return redirect(url_for("connections.vk.community"), 303)


@vk.post("/community")
@login_required
def choose() -> ResponseReturnValue:
    connection = connection_of(current_user.id, VK)
    if connection is None:
        flash(gettext("Сначала подключите ВКонтакте."), "info")
        return redirect(url_for("connections.index"), 303)
    communities = administrated(connection) or []
    form = _form(communities)
    if not form.validate_on_submit():
        return _page(connection, form), 422
    chosen = next(each for each in communities if each.id == form.community_id.data)
    is_first = community_of(connection) is None
    choose_community(connection, chosen)
    db.session.commit()
    # What the community lacks is found out by then.
    with suppress(QueueUnavailable):
        ask_for_check(connection.id)
    flash(gettext("Сообщество выбрано: %(name)s.", name=chosen.name), "success")
    # The first time the way leads on to what is asked before the first good can go.
    return redirect(url_for("sync.settings.show" if is_first else "connections.index"), 303)


def _tried(user_id: int, grant: Granted) -> Ended:
    """Exchange what the owner granted, keep it, and hand back the rights of the account before."""
    try:
        tokens = exchange(grant)
    except NotConnected as error:
        return Ended(gettext(str(error)), error.status)
    replaced = replaced_by(user_id, tokens)
    connection = connect_vk(user_id, tokens, grant.device_id)
    # The pair is ours from here on, whatever the first look brings.
    db.session.commit()
    with suppress(QueueUnavailable):
        ask_for_check(connection.id)
    is_left = replaced is not None and not hand_back(replaced)
    return Ended(warning=gettext(NOT_REVOKED_BEFORE) if is_left else None)


def _once(grant: Granted) -> str:
    """Name the grant without telling it."""
    return hashlib.sha256(grant.challenge.state.encode()).hexdigest()


def _answer(ended: Ended) -> ResponseReturnValue:
    if ended.reason is not None:
        was_connected = connection_of(current_user.id, VK) is not None
        page = render_template("connections/vk_failed.html", reason=ended.reason, was_connected=was_connected)
        return page, ended.status
    if ended.warning:
        flash(ended.warning, "warning")
    return redirect(url_for("connections.vk.community"), 303)


def _form(communities: list[Community]) -> CommunityForm:
    form = CommunityForm()
    form.community_id.choices = [(each.id, each.name) for each in communities]
    return form


def _page(connection: CloudAccount, form: CommunityForm | None) -> str:
    """Show the choice, or, without a form, that the list is being read; the part that changes to HTMX."""
    chosen = community_of(connection)
    template = "_communities" if wants_fragment() else "vk_community"
    return render_template(
        f"connections/{template}.html",
        form=form,
        communities=administrated(connection) or [],
        current=chosen.id if chosen else None,
    )
