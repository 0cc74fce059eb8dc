"""The refresh as its fragment drives it: begun, looked at, stopped, a drop confirmed."""

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.mirror.models import CatalogRefresh
from app.mirror.refresh import requests
from app.mirror.refresh.run import refreshes
from app.mirror.refresh.view import refresh_context
from app.web.htmx import CATALOG_CHANGED, trigger, vary_by_request_type, wants_fragment
from app.web.keys import read_key
from app.words import gettext_noop

refresh = Blueprint("refresh", __name__, url_prefix="/catalog/refresh")

CHANGED_MEANWHILE = gettext_noop(
    "Пока страница была открыта, каталог обновился ещё раз. Посмотрите и решите заново."
)

REFRESHED_NOW = gettext_noop(
    "Каталог уже обновляется, поэтому ничего не удалено и не добавлено. "
    "Когда обновление закончится, посмотрите и решите заново."
)


@refresh.post("")
@login_required
def start() -> ResponseReturnValue:
    return _fragment(requests.request_refresh(current_user.id))


@refresh.get("/<key:refresh_id>")
@login_required
def progress(refresh_id: int) -> ResponseReturnValue:
    return _fragment(_own(refresh_id))


@refresh.post("/<key:refresh_id>/cancel")
@login_required
def cancel(refresh_id: int) -> ResponseReturnValue:
    run = _own(refresh_id)
    refreshes.cancel(run)
    return _fragment(run)


@refresh.post("/<key:refresh_id>/confirm")
@login_required
def confirm_drop(refresh_id: int) -> ResponseReturnValue:
    fields = requests.Withheld._fields
    shown = requests.Withheld(*(read_key(request.values.get(name, "")) or 0 for name in fields))
    store_id = request.values.get("store_id", "")
    run = requests.confirm_drop(_own(refresh_id), store_id, shown) or abort(404)
    is_heard = requests.is_confirmed(run, store_id, shown)
    unheard = gettext(REFRESHED_NOW if run.is_active else CHANGED_MEANWHILE)
    return _fragment(run, notice=None if is_heard else unheard)


def _own(refresh_id: int) -> CatalogRefresh:
    return refreshes.own(current_user.id, refresh_id) or abort(404)


def _fragment(run: CatalogRefresh, notice: str | None = None) -> ResponseReturnValue:
    if not wants_fragment():
        if notice:
            flash(notice, "info")
        return redirect(url_for("catalog.stores"), 303)
    context = refresh_context(current_user.id, run)
    response = vary_by_request_type(
        make_response(render_template("refresh/_answer.html", notice=notice, **context))
    )
    return response if run.is_active else trigger(response, CATALOG_CHANGED)
