"""The price list's address: made, replaced and switched off by its owner."""

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.connections.models import EVOTOR
from app.connections.state import connection_of
from app.publishing.feed.address import close_feed, open_feed
from app.publishing.forms import OPEN, FeedForm
from app.publishing.pages.feed_view import feed_view
from app.rules.notices import say
from app.web.error_pages import bad_request
from app.web.htmx import wants_fragment
from app.words import gettext_noop

feed = Blueprint("feed", __name__, url_prefix="/settings/feed")

NO_EVOTOR = gettext_noop("Прайс-лист составляется по каталогу Эвотора. Сначала подключите Эвотор.")


@feed.post("")
@login_required
def save() -> ResponseReturnValue:
    """`action` is `open`, which replaces an address there is, or `close`."""
    form = FeedForm()
    if not form.validate():
        abort(
            400,
            gettext("Непонятно, что сделать с прайс-листом. Откройте настройки и нажмите кнопку ещё раз."),
        )
    if form.action.data == OPEN:
        if connection_of(current_user.id, EVOTOR) is None:
            return bad_request(gettext(NO_EVOTOR))
        open_feed(current_user.id)
        notice = gettext("Новый адрес прайс-листа готов. Прежний, если он был, больше не открывается.")
    else:
        close_feed(user_id=current_user.id)
        notice = gettext("Прайс-лист выключен: его адрес больше не открывается.")
    if wants_fragment():
        fragment = render_template("publishing/_feed.html", feed=feed_view(current_user.id), notice=notice)
        return make_response(fragment)
    say(notice)
    return redirect(url_for("sync.settings.show") + "#feed", 303)
