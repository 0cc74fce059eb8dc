"""The owner's word on what the community had before: this is that good, or another one."""

from flask import Blueprint, abort, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from app.connections.may_publish import may_publish
from app.publishing.ledger.pairing import Accepted, accept, call_other, is_known
from app.publishing.pages.pairs_view import pairs_fragment, pairs_view
from app.publishing.pages.words import STALE_LINK, UNDER_WAY
from app.publishing.pairs import pairs_of
from app.publishing.run.lives import publications
from app.rules.notices import say
from app.web.error_pages import bad_request
from app.web.formatting import plural
from app.web.htmx import LISTINGS_CHANGED, trigger_on_page, wants_fragment
from app.web.keys import LARGEST_KEY
from app.web.shown import CHANGED, is_as_seen
from app.web.whole_field import WholeField
from app.work.runs.row import QUEUED, RUNNING

pairing = Blueprint("pairing", __name__, url_prefix="/listings")

_IN_REACH = NumberRange(1, LARGEST_KEY)


class PairForm(FlaskForm):
    """One pair: VK's number and the main good; or all that are proposed."""

    all = BooleanField()
    # Of all that the page proposed.
    seen = StringField()
    item_id = WholeField(validators=[Optional(), _IN_REACH])
    store_id = StringField(validators=[Length(max=255)])
    product_id = StringField(validators=[Length(max=255)])


class OtherForm(FlaskForm):
    """A listing that is another good, or (`other` is empty) may be one of these after all."""

    item_id = WholeField(validators=[InputRequired(), _IN_REACH])
    other = BooleanField()


@pairing.post("/pair")
@login_required
def pair() -> ResponseReturnValue:
    """Accept one pair or all that are proposed; nothing is sent by that."""
    form = PairForm()
    if not form.validate() or not (form.all.data or form.item_id.data):
        return bad_request(gettext(STALE_LINK))
    community_id = _community_id()
    item_id = None if form.all.data else _known(form.item_id.data)
    run = publications.latest(current_user.id)
    if run is not None and run.status in (QUEUED, RUNNING):
        return _shown(community_id, gettext(UNDER_WAY))
    found = pairs_of(current_user.id, community_id)
    key = form.store_id.data or "", form.product_id.data or ""
    chosen = found.all() if item_id is None else found.one(item_id, key)
    is_seen = item_id is not None or is_as_seen(form.seen.data, found.keys())
    if not chosen or not is_seen:
        return _shown(community_id, gettext(CHANGED))
    return _shown(community_id, _told(accept(current_user.id, community_id, chosen, found.published)))


@pairing.post("/other")
@login_required
def other() -> ResponseReturnValue:
    """Note that a listing is another good, or take that back."""
    form = OtherForm()
    if not form.validate():
        return bad_request(gettext(STALE_LINK))
    community_id = _community_id()
    item_id = _known(form.item_id.data)
    if not call_other(current_user.id, community_id, item_id, is_other=form.other.data):
        return _shown(community_id, gettext(CHANGED))
    noted = gettext("Запомнили: это другой товар.") if form.other.data else gettext("Снова предлагаем.")
    return _shown(community_id, noted)


def _community_id() -> int:
    community = may_publish(current_user.id).community
    return community.id if community else 0


def _known(item_id: int | None) -> int:
    if item_id is None or not is_known(current_user.id, item_id):
        abort(404)
    return item_id


def _told(accepted: Accepted) -> str:
    done = plural(accepted.done, "товар", "товара", "товаров")
    told = gettext("Связано: %(goods)s. Ничего не отправлено: что изменится, покажет план.", goods=done)
    if not accepted.refused:
        return told
    left = plural(accepted.refused, "товар", "товара", "товаров")
    not_paired = gettext(
        "Не удалось связать %(goods)s: они уже связаны здесь или в другом аккаунте Витрины.", goods=left
    )
    return f"{told} {not_paired}"


def _shown(community_id: int, said: str) -> ResponseReturnValue:
    if wants_fragment():
        fragment = make_response(pairs_fragment(pairs_view(current_user.id, community_id, said)))
        # What has been paired is among the listings of the page from now on.
        return trigger_on_page(fragment, LISTINGS_CHANGED)
    say(said)
    return redirect(url_for("sync.listings.show", _anchor="pairs"), 303)
