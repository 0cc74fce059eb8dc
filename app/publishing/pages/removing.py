"""«Удалить из ВКонтакте»: the owner is told which listings go and what goes with them, then they go."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.connections.may_publish import may_publish
from app.publishing.forms import ListingsForm
from app.publishing.ledger.removing import Doomed, listings_in_vk
from app.publishing.pages.run_view import shown_run
from app.publishing.pages.words import UNDER_WAY
from app.publishing.run.requests import delete_listings
from app.rules.notices import say
from app.web.error_pages import bad_request
from app.words import gettext_noop

removing = Blueprint("removing", __name__, url_prefix="/listings/delete")

_STALE = gettext_noop("Не отмечено ни одного товара. Откройте страницу «ВКонтакте» и отметьте, что удалить.")


@removing.get("")
@login_required
def confirm() -> ResponseReturnValue:
    """Name what would be deleted; nothing is."""
    # What is only shown needs no token.
    form = ListingsForm(request.args, meta={"csrf": False})
    if not form.validate():
        return bad_request(gettext(_STALE))
    return render_template("publishing/delete.html", doomed=_own(form.ids))


@removing.post("")
@login_required
def delete() -> ResponseReturnValue:
    """Start the run that deletes what was named."""
    form = ListingsForm()
    if not form.validate():
        return bad_request(gettext(_STALE))
    doomed = _own(form.ids)
    community, problem = may_publish(current_user.id)
    if problem is not None or community is None:
        say(f"{problem.sentence}." if problem else gettext("Сначала выберите сообщество."))
        return redirect(url_for("sync.listings.show"), 303)
    run = delete_listings(current_user.id, community.id, [each.listing_id for each in doomed])
    if run is None:
        say(gettext(UNDER_WAY))
        return redirect(url_for("sync.listings.show"), 303)
    return shown_run(run)


def _own(ids: list[int]) -> list[Doomed]:
    community = may_publish(current_user.id).community
    return listings_in_vk(current_user.id, community.id if community else 0, ids) or abort(404)
