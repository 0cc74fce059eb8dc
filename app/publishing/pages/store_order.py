"""The order of the owner's stores: whose price and texts a good of several stores has."""

from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired, Length

from app.data.db import db
from app.data.types import now
from app.mirror.folding import fold
from app.mirror.stores import store_names
from app.publishing.settings.read import settings_of, settings_row
from app.web.error_pages import bad_request
from app.web.htmx import wants_fragment
from app.web.keys import read_key
from app.web.leaves import Leaf, leaf_of

store_order = Blueprint("store_order", __name__, url_prefix="/settings")

UP, DOWN, FIRST = "up", "down", "first"


class MoveForm(FlaskForm):
    """One step of one store, and the part of the list that it is shown in."""

    store_id = StringField(validators=[InputRequired(), Length(max=255)])
    move = StringField(validators=[AnyOf((UP, DOWN, FIRST))])
    stores = StringField()


class StorePlace(NamedTuple):
    """A store at its place in the order."""

    store_id: str
    name: str


def ordered_stores(user_id: int) -> list[StorePlace]:
    """The stores as the owner has put them, those that have no place yet at the end by name."""
    names = store_names(user_id)
    rank = {store_id: place for place, store_id in enumerate(settings_of(user_id).store_order)}
    by_name = sorted(
        names, key=lambda store_id: (rank.get(store_id, len(rank)), fold(names[store_id]), store_id)
    )
    return [StorePlace(store_id, names[store_id]) for store_id in by_name]


def shown_stores(asked: str) -> Leaf[StorePlace]:
    """The part of the visitor's stores that an address asks for."""
    return leaf_of(ordered_stores(current_user.id), asked)


@store_order.post("/stores")
@login_required
def move() -> ResponseReturnValue:
    """Move a store up or down by one, or before all others."""
    form = MoveForm()
    if not form.validate():
        return bad_request(gettext("Не получилось переставить магазин. Откройте настройки заново."))
    order = [place.store_id for place in ordered_stores(current_user.id)]
    store_id = form.store_id.data or ""
    if store_id not in order:
        abort(404)
    place = order.index(store_id)
    order.insert({UP: max(0, place - 1), DOWN: place + 1, FIRST: 0}[form.move.data], order.pop(place))
    row = settings_row(current_user.id)
    if row is None or row.configured_at is None:
        # The four questions come first.
        return redirect(url_for("sync.settings.show"), 303)
    row.store_order, row.updated_at = order, now()
    db.session.commit()
    if wants_fragment():
        return render_template("publishing/_store_order.html", leaf=shown_stores(form.stores.data or ""))
    shown = {"stores": form.stores.data} if read_key(form.stores.data or "") else {}
    return redirect(url_for("sync.settings.show", _anchor="store-order", **shown), 303)
