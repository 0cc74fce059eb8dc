"""The page of new goods: looked through one after another, by keyboard or by thumb."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.catalog.inbox import deciding
from app.catalog.inbox.forms import AllForm, OneForm
from app.catalog.inbox.listing import new_page
from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import Total
from app.catalog.lists.pages import home, listing_of, total_words
from app.data.db import db
from app.rules.new_goods import COUNTED, count_new
from app.rules.notices import say, say_returnable, say_undoable
from app.web.errors import bad_form
from app.web.formatting import plural
from app.web.htmx import CATALOG_CHANGED, trigger_on_page, vary_by_request_type, wants_fragment
from app.web.security import local_path

inbox = Blueprint("inbox", __name__, url_prefix="/new")

_LEFT = "1"


@inbox.get("")
@login_required
def show() -> ResponseReturnValue:
    are_left = request.args.get("left") == _LEFT
    query = _query(are_left=are_left)
    found = new_page(current_user.id, query, are_left=are_left)
    listing = listing_of(found.page, found.rows, query)
    context: dict[str, Any] = {
        "listing": listing,
        "query": query,
        "are_left": are_left,
        "waiting": listing.total_words if listing.total else None,
        "newest": found.newest,
        "breadcrumbs": [home(), ("Новые товары", url_for("catalog.inbox.show") if are_left else None)],
    }
    return vary_by_request_type(make_response(render_template("catalog/inbox.html", **context)))


@inbox.post("")
@login_required
def answer() -> ResponseReturnValue:
    """Decide about one good; HTMX gets what takes its row's place."""
    form = OneForm(request.values)
    if not form.validate():
        return bad_form(form)
    answered = deciding.answer_one(current_user.id, form.number, form.answer.data) or abort(404)
    if wants_fragment():
        context = {"answered": answered, "waiting": new_goods(), "are_left": False}
        fragment = make_response(render_template("catalog/_inbox_answer.html", **context))
        # What came back takes its place in the list again.
        is_back = answered.answer == deciding.BACK
        return trigger_on_page(fragment, CATALOG_CHANGED) if is_back else fragment
    if answered.answer == deciding.LEAVE:
        fields = {"good": str(answered.number), "answer": deciding.BACK}
        say_returnable(f"{answered.sentence}.", url_for("catalog.inbox.answer"), fields)
    else:
        say_undoable(f"{answered.sentence}.", answered.change)
    return _leave()


@inbox.post("/all")
@login_required
def answer_all() -> ResponseReturnValue:
    """Decide about all that were listed: rules by a plan, which shows first what would change."""
    form = AllForm()
    if not form.validate():
        return bad_form(form)
    if form.answer.data == deciding.BACK:
        count = deciding.bring_back(current_user.id, form.moment)
        say(f"Снова среди новых: {_goods(count)}.")
        return redirect(url_for("catalog.inbox.show"), 303)
    if form.answer.data == deciding.LEAVE:
        count, moment = deciding.leave_all(current_user.id, form.newest)
        fields = {"answer": deciding.BACK, "left_at": moment.isoformat()}
        say_returnable(f"Оставлено правилам: {_goods(count)}.", url_for("catalog.inbox.answer_all"), fields)
        return redirect(url_for("catalog.inbox.show"), 303)
    change = deciding.plan_all(current_user.id, form.answer.data, form.newest)
    db.session.commit()
    return redirect(
        url_for("sync.changes.show", change_id=change.id, next=url_for("catalog.inbox.show")), 303
    )


def _query(*, are_left: bool) -> ListQuery:
    given = {name: request.args[name] for name in ("per_page", "after", "before") if name in request.args}
    return ListQuery.parse(given, "catalog.inbox.show", {"left": _LEFT} if are_left else None)


def new_goods() -> str | None:
    """How many new goods wait for a decision, in words; None when there are none. One statement."""
    total = Total.counted(count_new(current_user.id).goods, COUNTED)
    return total_words(total) if total.rows else None


def _goods(count: int) -> str:
    return plural(count, "товар", "товара", "товаров")


def _leave() -> ResponseReturnValue:
    return redirect(local_path(request.referrer) or url_for("catalog.inbox.show"), 303)
