"""The page that takes photos good after good: search or scan, take, and on to the next."""

from typing import NamedTuple

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.catalog.taking.find import SHOWN, Taken, find, find_numbered
from app.catalog.taking.forms import GoodForm
from app.mirror.long_searches import search_in_turn
from app.publishing.photos.form import NONE_CHOSEN, say_how_much, sent_pictures, takes_pictures
from app.publishing.photos.keeping import keep
from app.publishing.photos.missing import without_photo
from app.publishing.photos.refusal import Refusal
from app.rules.notices import say
from app.web.error_pages import bad_form
from app.web.formatting import quoted
from app.web.htmx import vary_by_request_type, wants_fragment
from app.web.security import permissions_policy
from app.web.typed import LONGEST_SEARCH, typed_words

taking = Blueprint("taking", __name__, url_prefix="/photos/take")
say_how_much(taking)


class TakingView(NamedTuple):
    """What the page shows: what was asked for, the one good found, or several to choose from, or neither.

    `missing` is how many published goods have no photo; `saved` names the good that has just got one.
    """

    q: str
    good: Taken | None
    goods: list[Taken]
    missing: int
    saved: str | None = None
    refusals: list[Refusal] = []  # noqa: RUF012 (never changed)


@taking.after_request
def let_camera_in(response: Response) -> Response:
    """Let this page, and no other, ask for the camera."""
    response.headers["Permissions-Policy"] = permissions_policy("camera")
    return response


@taking.get("")
@login_required
def show() -> ResponseReturnValue:
    """The field to search in; what `q` finds; or the good whose keys are `good`."""
    q = typed_words(request.args.get("q", ""))[:LONGEST_SEARCH]
    if "good" in request.args:
        form = GoodForm(request.args, meta={"csrf": False})
        return _page(_view(q, [_named(form)])) if form.validate() else bad_form(form)
    with search_in_turn(current_user.id, q):
        return _page(_view(q, find(current_user.id, q) if q else []))


@taking.post("")
@takes_pictures
@login_required
def take() -> ResponseReturnValue:
    """Keep the photo of the good whose keys are `good`, and go on to the next."""
    form = GoodForm()
    if not form.validate():
        return bad_form(form)
    good = _named(form)
    first, *others = good.subjects
    with sent_pictures() as uploads:
        refusals = (
            keep(current_user.id, first, uploads, also=others)
            if uploads
            else [Refusal("", gettext(NONE_CHOSEN))]
        )
    if refusals:
        view = _view("", [good])._replace(refusals=refusals)
        return _page(view), 422
    if wants_fragment():
        return _page(_view("", [])._replace(saved=good.name))
    say(gettext("Фото сохранено: «%(name)s».", name=quoted(good.name)))
    return redirect(url_for("catalog.taking.show"), 303)


def _named(form: GoodForm) -> Taken:
    return find_numbered(current_user.id, form.good.data or []) or abort(404)


def _view(q: str, found: list[Taken]) -> TakingView:
    missing = sum(store.goods for store in without_photo(current_user.id))
    if len(found) == 1:
        return TakingView(q, found[0], [], missing)
    return TakingView(q, None, found, missing)


def _page(view: TakingView) -> Response:
    template = "photos/_take.html" if wants_fragment() else "photos/take.html"
    return vary_by_request_type(make_response(render_template(template, view=view, most=SHOWN)))
