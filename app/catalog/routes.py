"""The catalogue: its three tables, their rules, refresh and export."""

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.catalog import changes as changed
from app.catalog import pages, queries, refresh
from app.catalog.filtering import Filtered, filter_entity
from app.catalog.list_query import PRODUCT_SORTS, BadQuery, ListQuery
from app.catalog.models import CachedStore, CatalogRefresh
from app.catalog.places import group_id_in, store_id_in
from app.catalog.queries import Place
from app.errors import bad_request
from app.htmx import CATALOG_CHANGED, trigger, vary_by_request_type, wants_fragment
from app.security import local_path

catalog = Blueprint("catalog", __name__, url_prefix="/catalog")


@catalog.errorhandler(BadQuery)
def unusable_parameter(error: BadQuery) -> ResponseReturnValue:
    return bad_request(str(error))


@catalog.get("")
@login_required
def stores() -> ResponseReturnValue:
    return _page("catalog/stores.html", pages.stores_page(current_user.id, _stores_query()))


@catalog.get("/groups")
@login_required
def groups() -> ResponseReturnValue:
    store = _own_store()
    return _page("catalog/groups.html", pages.groups_page(current_user.id, store, _groups_query(store)))


@catalog.get("/products")
@login_required
def products() -> ResponseReturnValue:
    place = _own_place()
    return _page("catalog/products.html", pages.products_page(current_user.id, place, _products_query(place)))


@catalog.get("/changes")
@login_required
def changes() -> ResponseReturnValue:
    what = _what() if "what" in request.args else None
    return _page("catalog/changes.html", changed.changes_page(current_user.id, what, request.args))


@catalog.post("/filter")
@login_required
def set_filter() -> ResponseReturnValue:
    filtered = filter_entity(current_user.id, request.values)
    if filtered is None:
        abort(404)
    if wants_fragment():
        return _changed_row(filtered)
    flash(filtered.sentence, "success")
    return redirect(_back_to(filtered), 303)


@catalog.post("/refresh")
@login_required
def start_refresh() -> ResponseReturnValue:
    return _progress(refresh.request_refresh(current_user.id))


@catalog.get("/refresh/<int:refresh_id>")
@login_required
def refresh_progress(refresh_id: int) -> ResponseReturnValue:
    return _progress(_own_refresh(refresh_id))


@catalog.post("/refresh/<int:refresh_id>/cancel")
@login_required
def cancel_refresh(refresh_id: int) -> ResponseReturnValue:
    run = _own_refresh(refresh_id)
    refresh.cancel_refresh(run)
    return _progress(run)


@catalog.post("/refresh/<int:refresh_id>/confirm")
@login_required
def confirm_drop(refresh_id: int) -> ResponseReturnValue:
    store_id = request.values.get("store_id", "")
    return _progress(refresh.confirm_drop(_own_refresh(refresh_id), store_id) or abort(404))


def _what() -> str:
    what = request.args.get("what", "")
    if what not in changed.TITLES:
        raise BadQuery("В адресе непонятный вид изменений. Откройте «Что изменилось» из каталога.")
    return what


def _stores_query() -> ListQuery:
    return ListQuery.parse(request.args, "catalog.stores")


def _groups_query(store: CachedStore) -> ListQuery:
    return ListQuery.parse(request.args, "catalog.groups", {"store_id": store.evotor_id})


def _products_query(place: Place) -> ListQuery:
    fixed = {"store_id": place.store.evotor_id} | ({"group_id": place.group.evotor_id} if place.group else {})
    return ListQuery.parse(request.args, "catalog.products", fixed, PRODUCT_SORTS)


def _own_store() -> CachedStore:
    return queries.find_store(current_user.id, store_id_in(request.args)) or abort(404)


def _own_place() -> Place:
    group_id = group_id_in(request.args)
    place = queries.find_place(current_user.id, store_id_in(request.args), group_id)
    if place is None or (group_id is not None and place.group is None):
        abort(404)
    return place


def _own_refresh(refresh_id: int) -> CatalogRefresh:
    # PostgreSQL refuses numbers that no key can have.
    if refresh_id >= 2**31:
        abort(404)
    return refresh.own_refresh(current_user.id, refresh_id) or abort(404)


def _page(template: str, context: dict[str, Any]) -> Response:
    return vary_by_request_type(make_response(render_template(template, in_page=True, **context)))


def _changed_row(filtered: Filtered) -> ResponseReturnValue:
    if filtered.row is None:
        return ""
    return render_template(
        "catalog/_row_changed.html",
        row=filtered.row,
        undo_mode=filtered.undo_mode,
        show_group=not filtered.row.inside_group,
        in_page=False,
    )


def _progress(run: CatalogRefresh) -> ResponseReturnValue:
    if not wants_fragment():
        return redirect(url_for("catalog.stores"), 303)
    context = pages.refresh_context(current_user.id, run)
    response = vary_by_request_type(make_response(render_template("catalog/_refresh.html", **context)))
    return response if run.is_active else trigger(response, CATALOG_CHANGED)


def _back_to(filtered: Filtered) -> str:
    return local_path(request.referrer) or filtered.list_url
