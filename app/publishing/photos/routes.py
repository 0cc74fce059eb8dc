"""Pictures of goods and groups: added, put in order, deleted, shown to their owner alone."""

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import select

from app.data.db import db
from app.data.types import fits_id
from app.publishing.photos.archive.routes import archives
from app.publishing.photos.form import NONE_CHOSEN, say_how_much, sent_pictures, takes_pictures
from app.publishing.photos.forms import OrderForm
from app.publishing.photos.keeping import files_of, forget, keep, move
from app.publishing.photos.models import Photo
from app.publishing.photos.picture_files import PictureLost
from app.publishing.photos.refusal import Refusal
from app.publishing.photos.small import small_picture
from app.publishing.photos.subject import Subject, name_of
from app.publishing.photos.view import photos_fragment, photos_view
from app.rules.notices import say
from app.web.conditional import conditional
from app.web.htmx import PHOTOS_CHANGED, trigger, wants_fragment
from app.web.security import local_path

photos = Blueprint("photos", __name__)
photos.register_blueprint(archives)
say_how_much(photos)

_A_DAY, _KEPT = "max-age=86400", "max-age=31536000, immutable"


@photos.get("/catalog/photos")
@login_required
def manage() -> ResponseReturnValue:
    """The pictures of a good or a group, alone on a page."""
    subject, name = _subject()
    return render_template("photos/page.html", photos=photos_view(current_user.id, subject, name))


@photos.post("/catalog/photos")
@takes_pictures
@login_required
def add() -> ResponseReturnValue:
    """Take pictures in; what was refused is said file by file, the others are kept."""
    subject, name = _subject()
    with sent_pictures() as uploads:
        refusals = keep(current_user.id, subject, uploads) if uploads else [Refusal("", gettext(NONE_CHOSEN))]
    if not refusals:
        return _changed(subject)
    view = photos_view(current_user.id, subject, name, refusals, max(0, len(uploads) - len(refusals)))
    if wants_fragment():
        return trigger(make_response(photos_fragment(view), 422), PHOTOS_CHANGED)
    return render_template("photos/page.html", photos=view), 422


@photos.post("/catalog/photos/<key:placed_id>/order")
@login_required
def order(placed_id: int) -> ResponseReturnValue:
    """Move a picture one place: `to` is `earlier` or `later`."""
    form = OrderForm()
    if not form.validate():
        abort(400)
    return _changed(move(current_user.id, placed_id, earlier=form.is_earlier) or abort(404))


@photos.post("/catalog/photos/<key:placed_id>/delete")
@login_required
def delete(placed_id: int) -> ResponseReturnValue:
    return _changed(forget(current_user.id, placed_id) or abort(404))


@photos.get("/photos/<key:photo_id>")
@login_required
def show(photo_id: int) -> ResponseReturnValue:
    """The owner's own picture."""
    digest = _digest(photo_id)
    try:
        return _picture(files_of(current_user.id).read(digest), "jpeg", digest, _A_DAY)
    except PictureLost:
        abort(404)


@photos.get("/photos/<key:photo_id>/small")
@login_required
def small(photo_id: int) -> ResponseReturnValue:
    """The same picture for lists of many; it never changes, and its number never returns."""
    digest = _digest(photo_id)
    try:
        return _picture(small_picture(files_of(current_user.id), digest), "webp", f"{digest}-small", _KEPT)
    except PictureLost:
        abort(404)


def _digest(photo_id: int) -> str:
    """Of the owner's picture; 404 for anybody else's."""
    digest = db.session.scalar(select(Photo.digest).filter_by(user_id=current_user.id, id=photo_id))
    return digest or abort(404)


def _subject() -> tuple[Subject, str]:
    """The good or the group that the request names, with its name; 404 for anybody else's."""
    store_id, product_id = request.values.get("store_id", ""), request.values.get("product_id")
    group_id = request.values.get("group_id") or None
    product_id = product_id or None
    named = product_id or group_id or ""
    is_usable = fits_id(store_id) and fits_id(named)
    if not is_usable or (product_id and group_id):
        abort(400, gettext("В адресе не указан товар или группа. Откройте их из каталога."))
    subject = Subject(store_id, product_id, group_id)
    return subject, name_of(current_user.id, subject) or abort(404)


def _changed(subject: Subject) -> ResponseReturnValue:
    if wants_fragment():
        name = name_of(current_user.id, subject) or ""
        fragment = photos_fragment(photos_view(current_user.id, subject, name))
        return trigger(make_response(fragment), PHOTOS_CHANGED)
    say(gettext("Фото сохранены."))
    back = local_path(request.referrer) or url_for("photos.manage", **subject.address)
    return redirect(f"{back}#photos", 303)


def _picture(data: bytes, kind: str, mark: str, kept: str) -> Response:
    response = Response(data, mimetype=f"image/{kind}")
    response.headers["Cache-Control"] = f"private, {kept}"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.set_etag(mark)
    return conditional(response)
