"""A list of goods is given a name, or its name is taken back; the address of a view says the list."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.catalog.lists import surroundings
from app.catalog.lists.address import ALL_STORES, GOODS, BadQuery, ListQuery
from app.catalog.lists.requested import all_products_query, own_store, products_query
from app.catalog.views.chips import list_of
from app.catalog.views.forms import ViewForm
from app.catalog.views.kept import LONGEST_NAME, NotKept, View, keep, remove
from app.data.db import db
from app.rules.notices import say, say_returnable
from app.web.formatting import quoted
from app.words import gettext_noop

views = Blueprint("views", __name__, url_prefix="/views")

NOTHING_TO_KEEP = gettext_noop(
    "Сохранять пока нечего. Выберите в списке товаров условия, порядок или слова для поиска."
)


@views.get("")
@login_required
def new() -> ResponseReturnValue:
    """Ask for the name of the list that the address says."""
    return _page(_asked_for(), ViewForm(formdata=None))


@views.post("")
@login_required
def save() -> ResponseReturnValue:
    query = _asked_for()
    form = ViewForm()
    if not form.validate():
        return _page(query, form), 422
    try:
        view = keep(current_user.id, form.name.data, dict(query.fixed).get("store_id"), query.kept)
    except NotKept as error:
        db.session.rollback()
        form.name.errors = [str(error)]
        return _page(query, form), 422
    db.session.commit()
    say(gettext("Вид «%(name)s» сохранён.", name=quoted(view.name)))
    return redirect(query.url(), 303)


@views.post("/<key>/delete")
@login_required
def delete(key: str) -> ResponseReturnValue:
    """Remove a view; the list that it was stays as it is, and offers it back."""
    view = remove(current_user.id, key) or abort(404)
    db.session.commit()
    query = _list_of(view)
    sentence = gettext("Вид «%(name)s» убран.", name=quoted(view.name))
    if query is None:
        say(sentence)
        return redirect(url_for("catalog.stores"), 303)
    again = query.url_at(url_for("catalog.views.save"))
    say_returnable(sentence, again, {"name": view.name})
    return redirect(query.url(), 303)


def _asked_for() -> ListQuery:
    """The list of a whole store, or of all stores, that the address says."""
    query = products_query(own_store(), None) if "store_id" in request.args else all_products_query()
    if not query.kept:
        raise BadQuery(gettext(NOTHING_TO_KEEP))
    return query.from_start()


def _list_of(view: View) -> ListQuery | None:
    """The list that a view was; None where its store is gone, or lists do not offer that any more."""
    place = ListQuery(ALL_STORES)
    if view.store_id is not None:
        if surroundings.find_store(current_user.id, view.store_id) is None:
            return None
        place = ListQuery(GOODS, (("store_id", view.store_id),))
    try:
        return list_of(view, place)
    except BadQuery:
        return None


def _page(query: ListQuery, form: ViewForm) -> str:
    return render_template(
        "catalog/view.html",
        form=form,
        save_url=query.url_at(url_for("catalog.views.save")),
        list_url=query.url(),
        longest=LONGEST_NAME,
    )
