"""The form over a list that changes many rows: it leads to a plan, which is applied from there."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.catalog.deciding.bulk import FoundRows, plan_bulk
from app.catalog.lists.address import BadQuery, ListQuery
from app.catalog.lists.requested import groups_query, own_group, own_store, products_query, stores_query
from app.data.db import db
from app.rules.decide import GROUP, PRODUCT, STORE
from app.web.keys import read_key

bulk = Blueprint("bulk", __name__, url_prefix="/bulk")

_MOST_TICKED = 1000
_ALL_FOUND = "found"


@bulk.post("")
@login_required
def plan() -> ResponseReturnValue:
    """Plan a rule for the ticked rows (`n`), or for all that the list finds (`scope=found`)."""
    found, query = _list()
    ticked = None if request.form.get("scope") == _ALL_FOUND else _ticked()
    change = plan_bulk(current_user.id, found, query, request.form.get("filter_mode", ""), ticked)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=change.id, next=query.url()), 303)


def _list() -> tuple[FoundRows, ListQuery]:
    kind = request.args.get("type")
    if kind == "stores":
        return FoundRows(STORE, "каталог"), stores_query()
    if kind not in ("groups", "products"):
        raise BadQuery("Непонятно, что менять: type должно быть stores, groups или products.")
    store = own_store()
    if kind == "groups":
        return FoundRows(GROUP, store.name), groups_query(store)
    group = own_group(store)
    place = f"{store.name} › {group.name}" if group else store.name
    return FoundRows(PRODUCT, place), products_query(store, group)


def _ticked() -> list[int]:
    numbers = request.form.getlist("n")
    if not numbers:
        raise BadQuery("Отметьте хотя бы одну строку или «Выбрать все».")
    keys = [read_key(number) for number in numbers]
    if len(numbers) > _MOST_TICKED or None in keys:
        raise BadQuery("Отмеченные строки не удалось прочитать. Откройте список заново.")
    return [key for key in keys if key is not None]
