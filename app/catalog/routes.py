"""The catalogue: its three tables, what changed in them, and the click on a rule."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.catalog.deciding.click import Filtered, filter_entity
from app.catalog.deciding.forms import EntityForm, RowForm
from app.catalog.deciding.routes import bulk
from app.catalog.inbox.routes import inbox
from app.catalog.lists import pages, surroundings
from app.catalog.lists import what_changed as changed
from app.catalog.lists.address import DEFAULT_PAGE_SIZE, BadQuery, ListQuery
from app.catalog.lists.counts import goods_within
from app.catalog.lists.nesting import Groups, groups_of
from app.catalog.lists.requested import (
    all_products_query,
    groups_query,
    own_group,
    own_place,
    own_store,
    products_query,
    stores_query,
)
from app.catalog.lists.tree import tree_of
from app.catalog.lists.unready_counts import unready_within
from app.catalog.taking.routes import taking
from app.catalog.views.routes import views
from app.mirror.long_searches import search_in_turn
from app.publishing.photos.missing import without_photo
from app.rules.decide import GROUP, PRODUCT
from app.rules.hoards import own_words_in_turn
from app.rules.notices import say_undoable
from app.rules.read import policy_of
from app.web.error_pages import bad_form, bad_request
from app.web.htmx import CATALOG_CHANGED, RULES_CHANGED, trigger, vary_by_request_type, wants_fragment
from app.web.keys import read_key
from app.web.security import local_path
from app.web.typed import LONGEST_SEARCH

catalog = Blueprint("catalog", __name__, url_prefix="/catalog")
catalog.register_blueprint(bulk)
catalog.register_blueprint(taking)
catalog.register_blueprint(inbox)
catalog.register_blueprint(views)


_ALL_STORES = "all"
_TREE = "tree"


@catalog.errorhandler(BadQuery)
def unusable_parameter(error: BadQuery) -> ResponseReturnValue:
    return bad_request(str(error))


@catalog.get("")
@login_required
def stores() -> ResponseReturnValue:
    return _page("catalog/stores.html", pages.stores_page(current_user.id, stores_query()))


@catalog.get("/groups")
@login_required
def groups() -> ResponseReturnValue:
    store = own_store()
    query = groups_query(store)
    with _in_turn(query):
        return _page("catalog/groups.html", pages.groups_page(current_user.id, store, query))


@catalog.get("/products")
@login_required
def products() -> ResponseReturnValue:
    place = own_place()
    query = products_query(place.store, place.group)
    with _in_turn(query, place.store_size):
        return _page("catalog/products.html", pages.products_page(current_user.id, place, query))


@catalog.get("/all")
@login_required
def all_products() -> ResponseReturnValue:
    everywhere = surroundings.find_everywhere(current_user.id)
    if everywhere is None:
        return redirect(url_for("catalog.stores"), 303)
    query = all_products_query()
    if len(everywhere.stores) == 1:
        # There is nothing that the list of this store does not show.
        return redirect(products_query(everywhere.stores[0], None).url(), 303)
    with _in_turn(query, everywhere.size):
        return _page("catalog/products.html", pages.all_products_page(current_user.id, everywhere, query))


@catalog.get("/changes")
@login_required
def changes() -> ResponseReturnValue:
    what = _what() if "what" in request.args else None
    return _page("catalog/changes.html", changed.changes_page(current_user.id, what, request.args))


@catalog.post("/filter")
@login_required
def set_filter() -> ResponseReturnValue:
    form = RowForm(request.values) if "row" in request.values else EntityForm(request.values)
    if not form.validate():
        return bad_form(form)
    entity = form.entity(current_user.id) or abort(404)
    view = form.view.data
    # What becomes of one good is not counted.
    with nullcontext() if entity.entity_type == PRODUCT else own_words_in_turn(current_user.id):
        filtered = filter_entity(
            current_user.id,
            entity,
            form.mode,
            is_inside_group=view == GROUP,
            is_in_all_stores=view == _ALL_STORES,
            stands_for=form.stands_for,
            is_in_tree=view == _TREE,
        ) or abort(404)
    if wants_fragment():
        return _changed_row(filtered)
    say_undoable(f"{filtered.sentence}.", filtered.change)
    return redirect(_back_to(filtered), 303)


@catalog.get("/rule/store/<key:number>")
@login_required
def show_store_rule(number: int) -> ResponseReturnValue:
    """Lead to a store's row in the list of stores, which is searched where it may stand on a later page."""
    store, count = surroundings.find_store_by_number(current_user.id, number) or abort(404)
    search = store.name[:LONGEST_SEARCH] if count > DEFAULT_PAGE_SIZE else None
    return redirect(url_for("catalog.stores", q=search, _anchor=f"s{store.id}"), 303)


@catalog.get("/rule/group/<key:number>")
@login_required
def show_group_rule(number: int) -> ResponseReturnValue:
    """Lead to a group's row in its list; the short address keeps rows small."""
    group = surroundings.find_group_by_number(current_user.id, number) or abort(404)
    place: dict[str, Any] = {"store_id": group.store_evotor_id, "q": group.name[:200]}
    return redirect(url_for("catalog.groups", **place, _anchor=f"g{group.id}"), 303)


@catalog.get("/group/<key:number>")
@login_required
def show_group(number: int) -> ResponseReturnValue:
    """Lead to the goods of a group; the short address keeps rows small."""
    group = surroundings.find_group_by_number(current_user.id, number) or abort(404)
    place: dict[str, Any] = {"store_id": group.store_evotor_id, "group_id": group.evotor_id}
    return redirect(url_for("catalog.products", **place), 303)


@catalog.get("/published")
@login_required
def published() -> ResponseReturnValue:
    """How much of a list's goods is published, and of its store's without a photo, for the lines above it."""
    store = own_store() if "store_id" in request.args else None
    group = own_group(store) if store else None
    groups: Groups | None = None
    if store and group:
        is_nested = products_query(store, group).is_nested
        groups = groups_of(current_user.id, store.evotor_id, group.evotor_id, is_nested=is_nested)
    policy = policy_of(current_user.id)
    store_id = store.evotor_id if store else None
    counts = goods_within(current_user.id, policy, store_id, groups)
    unready = unready_within(current_user.id, policy, store_id, groups, counts)
    query = products_query(store, group) if store else all_products_query()
    missing = without_photo(current_user.id, store_id)
    return render_template(
        "catalog/_published.html",
        counts=counts,
        unready=unready,
        unready_url=query.url(ready="no"),
        missing=missing,
        is_one=store is not None,
        in_group=group is not None,
    )


@catalog.get("/tree")
@login_required
def tree() -> ResponseReturnValue:
    """The groups of a store beside its lists, with the branches that are opened there."""
    store = own_store()
    group = own_group(store)
    opened = [key for key in map(read_key, request.args.getlist("open")) if key is not None]
    groups = tree_of(
        current_user.id, policy_of(current_user.id), store, group.evotor_id if group else None, opened
    )
    return render_template("catalog/_tree.html", tree=groups, store=store)


def _what() -> str:
    what = request.args.get("what", "")
    if what not in changed.TITLES:
        raise BadQuery(gettext("Ссылка устарела. Откройте «Что изменилось» из каталога."))
    return what


def _in_turn(query: ListQuery, goods: int | None = None) -> AbstractContextManager[None]:
    return search_in_turn(current_user.id, query.q, reads_all=bool(query.ready), goods=goods)


def _page(template: str, context: dict[str, Any]) -> Response:
    return vary_by_request_type(make_response(render_template(template, **context)))


def _changed_row(filtered: Filtered) -> ResponseReturnValue:
    if filtered.row is None:
        return ""
    row = render_template("catalog/_row_changed.html", row=filtered.row, change=filtered)
    # Groups within this one stand in the same list: their results have changed with it.
    return trigger(make_response(row), CATALOG_CHANGED if filtered.reaches_other_rows else RULES_CHANGED)


def _back_to(filtered: Filtered) -> str:
    return local_path(request.referrer) or filtered.list_url
