"""The community's albums on the page of what is in VK, and the owner's word on those that are not ours."""

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms.validators import InputRequired, NumberRange

from app.connections.may_publish import may_publish
from app.publishing.ledger.albums import market_albums, take_album
from app.publishing.pages.words import STALE_LINK
from app.rules.notices import say
from app.web.error_pages import bad_request
from app.web.formatting import quoted
from app.web.htmx import wants_fragment
from app.web.keys import LARGEST_KEY
from app.web.whole_field import WholeField

albums = Blueprint("albums", __name__, url_prefix="/listings")


class TakeForm(FlaskForm):
    """One album, by its number in the ledger."""

    album = WholeField(validators=[InputRequired(), NumberRange(1, LARGEST_KEY)])


@albums.post("/album")
@login_required
def take() -> ResponseReturnValue:
    """Let goods be put into an album that was made without us; nothing is sent by that."""
    form = TakeForm()
    if not form.validate():
        return bad_request(gettext(STALE_LINK))
    community = may_publish(current_user.id).community
    community_id = community.id if community else 0
    row = take_album(current_user.id, community_id, form.album.data or 0) or abort(404)
    said = gettext(
        "Подборка «%(title)s» теперь для товаров из кассы. Что изменится, покажет план.",
        title=quoted(row.title),
    )
    if wants_fragment():
        shown = market_albums(current_user.id, community_id)
        return render_template("publishing/_albums.html", albums=shown, said=said)
    say(said)
    return redirect(url_for("sync.listings.show", _anchor="albums"), 303)
