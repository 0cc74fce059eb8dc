"""The page of new goods: looked through one after another, by keyboard or by thumb."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from app.catalog.inbox import deciding
from app.catalog.inbox.address import are_left, narrowed_in_turn, read_inbox, select_listed
from app.catalog.inbox.forms import ManyForm, OneForm
from app.catalog.inbox.listing import new_page
from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import Total
from app.catalog.lists.pages import home, listing_of, total_words
from app.data.db import db
from app.mirror.big_shops import big_change_in_turn
from app.rules.new_goods import COUNTED, Waiting, count_new, counted
from app.rules.notices import say, say_returnable, say_undoable
from app.web.error_pages import bad_form
from app.web.formatting import plural
from app.web.htmx import CATALOG_CHANGED, trigger_on_page, vary_by_request_type, wants_fragment
from app.web.security import local_path

inbox = Blueprint("inbox", __name__, url_prefix="/new")


@inbox.get("")
@login_required
def show() -> ResponseReturnValue:
    query = read_inbox(request.args)
    found = new_page(current_user.id, query)
    listing = listing_of(found.page, found.rows, query)
    is_left = are_left(query)
    context: dict[str, Any] = {
        "listing": listing,
        "query": query,
        "groups": found.groups,
        "are_left": is_left,
        "waiting": new_goods() if query.is_narrowed else listing.total_words if listing.total else None,
        "newest": found.newest,
        "breadcrumbs": [
            home(),
            (gettext("Новые товары"), url_for("catalog.inbox.show") if is_left else None),
        ],
    }
    return vary_by_request_type(make_response(render_template("catalog/inbox.html", **context)))


@inbox.post("")
@login_required
def answer() -> ResponseReturnValue:
    """Decide about one good; HTMX gets what takes its row's place."""
    form = OneForm(request.values)
    if not form.validate():
        return bad_form(form)
    query = read_inbox(request.args)
    answered = deciding.answer_one(current_user.id, form.number, form.answer.data, form.taken_back)
    if answered is None:
        abort(404)
    if wants_fragment():
        waiting = new_goods()
        found = _found(query) if query.is_narrowed else waiting or "0"
        context = {"answered": answered, "waiting": waiting, "found": found, "are_left": False}
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
def answer_many() -> ResponseReturnValue:
    """Decide about those ticked, or all that were found; rules by a plan, which shows first what changes."""
    form = ManyForm()
    if not form.validate():
        return bad_form(form)
    query = read_inbox(request.args)
    with big_change_in_turn(current_user.id):
        return _answer_many(query, form)


def _answer_many(query: ListQuery, form: ManyForm) -> ResponseReturnValue:
    meant = deciding.Meant(query, form.newest, form.ticked)
    if form.answer.data == deciding.BACK:
        moment = form.moment
        count = (
            deciding.take_back(current_user.id, moment)
            if moment
            else deciding.bring_back(current_user.id, meant)
        )
        say(gettext("Снова среди новых: %(goods)s.", goods=_goods(count)))
        return redirect(url_for("catalog.inbox.show"), 303)
    if form.answer.data == deciding.LEAVE:
        count, moment = deciding.leave_many(current_user.id, meant)
        fields = {"answer": deciding.BACK, "left_at": moment.isoformat()}
        sentence = gettext("Оставлено правилам: %(goods)s.", goods=_goods(count))
        say_returnable(sentence, url_for("catalog.inbox.answer_many"), fields)
        return redirect(query.url(), 303)
    change = deciding.plan_many(current_user.id, form.answer.data, meant)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=change.id, next=query.url()), 303)


def new_goods() -> str | None:
    """How many new goods wait for a decision, in words; None when there are none. One statement."""
    return _in_words(count_new(current_user.id))


def _found(query: ListQuery) -> str | None:
    """How many goods a narrowed list still holds, in words; None where others are in front."""
    try:
        with narrowed_in_turn(current_user.id, query):
            return _in_words(counted(select_listed(current_user.id, query))) or "0"
    except TooManyRequests:
        # The answer is given: how many remain is said by the next page.
        return None


def _in_words(found: Waiting) -> str | None:
    total = Total.counted(found.goods, COUNTED)
    return total_words(total) if total.rows else None


def _goods(count: int) -> str:
    return plural(count, "товар", "товара", "товаров")


def _leave() -> ResponseReturnValue:
    return redirect(local_path(request.referrer) or url_for("catalog.inbox.show"), 303)
