"""The page of what is chosen for groups of goods: categories, prices, stock, albums."""

from contextlib import suppress

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict

from app.data.types import fits_id
from app.publishing.pages.groups_view import GroupsView, Place
from app.publishing.planning.choosing import GroupChoice
from app.publishing.run.suggesting import ask_for_suggestions
from app.publishing.settings.group_form import GroupForm
from app.publishing.settings.group_tree import Node
from app.publishing.settings.save import save_group
from app.rules.notices import say
from app.web.formatting import quoted
from app.web.htmx import wants_fragment
from app.web.keys import read_key
from app.web.typed import LONGEST_SEARCH, typed_words
from app.work.queue import QueueUnavailable

groups = Blueprint("groups", __name__, url_prefix="/settings/groups")

# A page asks so many times, a second apart, whether VK has been heard.
_ASKED_AT_MOST = 10


@groups.get("")
@login_required
def show() -> ResponseReturnValue:
    view = GroupsView(current_user.id, _place(request.args))
    node = _node(view, request.args)
    if node is None:
        return _page(view)
    return _page(GroupsView(current_user.id, view.turned_to(node)), _form(view, node))


@groups.get("/row")
@login_required
def row() -> ResponseReturnValue:
    """One row, as a form or (`edit` is 0) as it is."""
    place = _place(request.args)
    view = GroupsView(current_user.id, place)
    node = _node(view, request.args) or abort(404)
    if not wants_fragment():
        return redirect(url_for("sync.groups.show", **place.query), 303)
    if request.args.get("edit") == "0":
        return render_template("publishing/_group_answer.html", view=view, row=view.row(node), rows=[])
    return _row_form(view, node, _form(view, node))


@groups.post("")
@login_required
def save() -> ResponseReturnValue:
    place = _place(request.form)
    view = GroupsView(current_user.id, place)
    node = _node(view, request.form) or abort(404)
    form = _form(view, node)
    if not form.validate():
        if wants_fragment():
            return _row_form(view, node, form), form.refused
        return _page(GroupsView(current_user.id, view.turned_to(node)), form), form.refused
    save_group(current_user.id, node.key, form.choice)
    view.choose(node.key, form.choice)
    if wants_fragment():
        return render_template(
            "publishing/_group_answer.html", view=view, row=view.row(node), rows=view.below(node)
        )
    say(gettext("Сохранено для группы «%(name)s».", name=quoted(node.name)))
    return redirect(url_for("sync.groups.show", _anchor=view.row(node).anchor, **place.query), 303)


@groups.get("/suggestions")
@login_required
def suggestions() -> ResponseReturnValue:
    """What VK has suggested meanwhile for the groups of a page; asks again until it has been heard."""
    view = GroupsView(current_user.id, _place(request.args))
    asked = read_key(request.args.get("asked", "")) or 1
    is_over = asked >= _ASKED_AT_MOST or not view.unasked
    return render_template("publishing/_suggestions.html", view=view, asked=0 if is_over else asked + 1)


def _page(view: GroupsView, form: GroupForm | None = None) -> str:
    is_asking = bool(view.unasked)
    if is_asking:
        # Without a queue there are no suggestions, and the page is as good without them.
        with suppress(QueueUnavailable):
            ask_for_suggestions(current_user.id, view.unasked)
    return render_template("publishing/groups.html", view=view, form=form, asked=1 if is_asking else 0)


def _row_form(view: GroupsView, node: Node, form: GroupForm) -> str:
    return render_template("publishing/_group_form.html", view=view, row=view.row(node), form=form)


def _form(view: GroupsView, node: Node) -> GroupForm:
    own = view.choices.get(node.key, GroupChoice())
    if request.method == "POST":
        return GroupForm.of(request.form, own, view.inherited(node), view.paths)
    chosen = read_key(request.args.get("category_id", ""))
    if chosen in view.paths:
        own = own._replace(category_id=chosen)
    form = GroupForm.of(None, own, view.inherited(node), view.paths)
    form.store_id.data, form.group_id.data = node.key
    return form


def _place(sent: MultiDict[str, str]) -> Place:
    q = typed_words(sent.get("q", ""))[:LONGEST_SEARCH]
    in_store = sent.get("in_store", "")
    # An address that goes back with a redirect has to fit in a header.
    return Place(q, in_store if fits_id(in_store) else "", read_key(sent.get("page", "")) or 1)


def _node(view: GroupsView, sent: MultiDict[str, str]) -> Node | None:
    """The group that is named; None when none is, 404 when the owner has none of this id."""
    key = sent.get("store_id", ""), sent.get("group_id", "")
    if not any(key):
        return None
    if not all(fits_id(part) for part in key):
        abort(404)
    return view.node(key) or abort(404)
