"""«Удалить из ВКонтакте»: the owner is told which listings go and what goes with them, then they go."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_wtf import FlaskForm

from app.connections.may_publish import may_publish
from app.publishing.ledger.removing import Doomed, listings_in_vk
from app.publishing.pages.run_view import shown_run
from app.publishing.run.requests import delete_listings
from app.rules.notices import say
from app.web.errors import bad_request
from app.web.keys import LARGEST_KEY

removing = Blueprint("removing", __name__, url_prefix="/listings/delete")

# So many a database takes in one statement, and no page shows more to tick.
MOST = 200
_MOVING = "Сейчас идёт публикация. Дождитесь её конца и повторите."
_STALE = "Не отмечено ни одного товара. Откройте страницу «ВКонтакте» и отметьте, что удалить."


@removing.get("")
@login_required
def confirm() -> ResponseReturnValue:
    """Name what would be deleted; nothing is."""
    ids = _ids(request.args.getlist("listing_id"))
    if not ids:
        return bad_request(_STALE)
    return render_template("publishing/delete.html", doomed=_own(ids))


@removing.post("")
@login_required
def delete() -> ResponseReturnValue:
    """Start the run that deletes what was named."""
    ids = _ids(request.form.getlist("listing_id"))
    if not FlaskForm().validate() or not ids:
        return bad_request(_STALE)
    doomed = _own(ids)
    community, problem = may_publish(current_user.id)
    if problem is not None or community is None:
        say(f"{problem.sentence}." if problem else "Сначала выберите сообщество.")
        return redirect(url_for("sync.listings.show"), 303)
    run = delete_listings(current_user.id, community.id, [each.listing_id for each in doomed])
    if run is None:
        say(_MOVING)
        return redirect(url_for("sync.listings.show"), 303)
    return shown_run(run)


def _ids(sent: list[str]) -> list[int]:
    if len(sent) > MOST or not all(each.isascii() and each.isdigit() and len(each) < 20 for each in sent):
        return []
    return [each for each in dict.fromkeys(map(int, sent)) if 0 < each <= LARGEST_KEY]


def _own(ids: list[int]) -> list[Doomed]:
    community = may_publish(current_user.id).community
    return listings_in_vk(current_user.id, community.id if community else 0, ids) or abort(404)
