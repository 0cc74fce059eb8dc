"""The form over a list that changes many rows: it leads to a plan, which is applied from there."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.catalog.deciding.bulk import FoundRows, plan_bulk
from app.catalog.deciding.forms import BulkForm
from app.catalog.lists.address import BadQuery, ListQuery
from app.catalog.lists.requested import (
    all_products_query,
    groups_query,
    own_group,
    own_store,
    products_query,
    stores_query,
)
from app.data.db import db
from app.mirror.long_searches import search_in_turn
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.hoards import own_words_in_turn
from app.web.error_pages import bad_form
from app.web.security import local_path
from app.words import Sentence

bulk = Blueprint("bulk", __name__, url_prefix="/bulk")


@bulk.post("")
@login_required
def plan() -> ResponseReturnValue:
    """Plan a rule for the ticked rows (`n`), or for all that the list finds (`scope=found`)."""
    found, query = _list()
    form = BulkForm()
    if not form.validate():
        return bad_form(form)
    with (
        search_in_turn(current_user.id, query.q, reads_all=form.ticked is None),
        own_words_in_turn(current_user.id),
    ):
        change = plan_bulk(current_user.id, found, query, form.mode, form.ticked)
    db.session.commit()
    back = local_path(request.referrer) or query.url()
    if form.ticked:
        # To the first of the ticked rows, not to the top of a long page.
        back = f"{back}#{found.entity_type[0]}{form.ticked[0]}"
    return redirect(url_for("sync.changes.show", change_id=change.id, next=back), 303)


def _list() -> tuple[FoundRows, ListQuery]:
    kind = request.args.get("type")
    if kind == "stores":
        return FoundRows(STORE, ""), stores_query()
    if kind == "all":
        return FoundRows(PRODUCT, Sentence("все магазины")), all_products_query()
    if kind not in ("groups", "products"):
        raise BadQuery(gettext("Непонятно, что менять: type должно быть stores, groups или products."))
    store = own_store()
    if kind == "groups":
        return FoundRows(GROUP, store.name), groups_query(store)
    group = own_group(store)
    place = f"{store.name} › {group.name}" if group else store.name
    return FoundRows(PRODUCT, place), products_query(store, group)
