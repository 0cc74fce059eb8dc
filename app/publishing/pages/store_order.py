"""The order of the owner's stores: whose price and texts a good of several stores has."""

from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf, InputRequired, Length

from app.data.db import db
from app.data.types import now
from app.mirror.stores import store_names
from app.publishing.settings.read import settings_of, settings_row
from app.web.errors import bad_request
from app.web.htmx import wants_fragment

store_order = Blueprint("store_order", __name__, url_prefix="/settings")

UP, DOWN = "up", "down"


class MoveForm(FlaskForm):
    """One step of one store."""

    store_id = StringField(validators=[InputRequired(), Length(max=255)])
    move = StringField(validators=[AnyOf((UP, DOWN))])


class StorePlace(NamedTuple):
    """A store at its place in the order."""

    store_id: str
    name: str


def ordered_stores(user_id: int) -> list[StorePlace]:
    """The stores as the owner has put them, those that have no place yet at the end by name."""
    names = store_names(user_id)
    rank = {store_id: place for place, store_id in enumerate(settings_of(user_id).store_order)}
    by_name = sorted(names, key=lambda store_id: (rank.get(store_id, len(rank)), names[store_id], store_id))
    return [StorePlace(store_id, names[store_id]) for store_id in by_name]


@store_order.post("/stores")
@login_required
def move() -> ResponseReturnValue:
    """Move a store up or down by one."""
    form = MoveForm()
    if not form.validate():
        return bad_request("Не получилось переставить магазин. Откройте настройки заново.")
    order = [place.store_id for place in ordered_stores(current_user.id)]
    store_id = form.store_id.data or ""
    if store_id not in order:
        abort(404)
    place = order.index(store_id)
    other = max(0, place - 1) if form.move.data == UP else min(len(order) - 1, place + 1)
    order[place], order[other] = order[other], order[place]
    row = settings_row(current_user.id)
    if row is None or row.configured_at is None:
        # The four questions come first.
        return redirect(url_for("sync.settings.show"), 303)
    row.store_order, row.updated_at = order, now()
    db.session.commit()
    if wants_fragment():
        return render_template("publishing/_store_order.html", stores=ordered_stores(current_user.id))
    return redirect(url_for("sync.settings.show", _anchor="store-order"), 303)
