"""Photos by the hundred: uploaded, looked at, decided on, kept."""

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import select
from werkzeug.exceptions import RequestEntityTooLarge

from app.data.db import db
from app.publishing.photos.archive import uploading
from app.publishing.photos.archive.looking import place_of
from app.publishing.photos.archive.models import ArchivePicture, PhotoArchive
from app.publishing.photos.archive.requests import choose, discard, look_again, request_keep, request_look
from app.publishing.photos.archive.run import archives as runs
from app.publishing.photos.archive.view import TITLES, archive_view, fragment_of, shown_archive
from app.publishing.photos.forms import ChoiceForm
from app.publishing.photos.picture_files import PictureLost
from app.publishing.photos.pictures import PictureRefused, thumbnail
from app.rules.notices import say
from app.web.bodies import takes_files
from app.web.error_pages import too_large
from app.web.htmx import wants_fragment
from app.web.keys import read_key
from app.words import gettext_noop

archives = Blueprint("archives", __name__, url_prefix="/catalog/photos/archive")

NONE_CHOSEN = gettext_noop("Выберите архив ZIP или фотографии.")
BUSY = gettext_noop("Прежний архив ещё в работе. Дождитесь его или остановите, потом загрузите следующий.")
_THUMBNAIL = 160


@archives.teardown_request
def end_upload(_error: BaseException | None) -> None:
    uploading.let_go()


@archives.errorhandler(RequestEntityTooLarge)
def too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return too_large(how_much())


def how_much() -> str:
    """How much may be sent at once."""
    return gettext(
        "За один раз — до 2 ГБ и до %(most)s файлов. Разделите фото на несколько архивов.",
        most=uploading.FILES_MAX,
    )


@archives.get("")
@login_required
def new() -> ResponseReturnValue:
    return _form()


@archives.post("")
@takes_files("photo", uploading.BODY_MAX, uploading.FILES_MAX + 10, uploading.receive)
@login_required
def start() -> ResponseReturnValue:
    """Take an upload in and let a worker look through it; nothing is kept by that."""
    bundle = uploading.bundle()
    if sentence := uploading.is_full():
        return _form(sentence), 422
    parts = uploading.received()
    if bundle is None or not parts:
        return _form(gettext(NONE_CHOSEN)), 422
    if len(parts) > uploading.FILES_MAX:
        return _form(how_much()), 422
    asked = request_look(current_user.id, bundle, parts)
    if asked.upload != bundle.name:
        return _form(gettext(BUSY)), 422
    return redirect(url_for("photos.archives.show", archive_id=asked.id), 303)


@archives.get("/<key:archive_id>")
@login_required
def show(archive_id: int) -> ResponseReturnValue:
    """The report, or how far the worker is; `state` and `after` ask for one section from a place on."""
    view = archive_view(_own(archive_id), **_place())
    if wants_fragment():
        return fragment_of(view)
    return render_template("photos/archive.html", view=view)


@archives.get("/<key:archive_id>/<key:picture_id>")
@login_required
def picture(archive_id: int, picture_id: int) -> ResponseReturnValue:
    """A small picture of what is not kept yet."""
    archive = _own(archive_id)
    digest = db.session.scalar(select(ArchivePicture.digest).filter_by(archive_id=archive.id, id=picture_id))
    try:
        data = thumbnail(place_of(current_user.id).files(archive.id).read(digest or ""), _THUMBNAIL)
    except (PictureLost, PictureRefused):
        abort(404)
    response = Response(data, mimetype="image/webp")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@archives.post("/<key:archive_id>/<key:picture_id>")
@login_required
def decide(archive_id: int, picture_id: int) -> ResponseReturnValue:
    """Say whose a photo is: `good` is the number of the choice, `none` leaves the photo out."""
    form = ChoiceForm()
    archive = _own(archive_id)
    if not form.validate():
        abort(400, gettext("Выберите товар из списка."))
    choose(archive, picture_id, form.good.data) or abort(404)
    # It may have gone on meanwhile.
    return shown_archive(_own(archive_id), **_place())


@archives.post("/<key:archive_id>/keep")
@login_required
def keep(archive_id: int) -> ResponseReturnValue:
    archive = _own(archive_id)
    request_keep(archive)
    return shown_archive(_own(archive_id))


@archives.post("/<key:archive_id>/again")
@login_required
def again(archive_id: int) -> ResponseReturnValue:
    archive = _own(archive_id)
    look_again(archive)
    return shown_archive(archive)


@archives.post("/<key:archive_id>/cancel")
@login_required
def cancel(archive_id: int) -> ResponseReturnValue:
    archive = _own(archive_id)
    runs.cancel(archive)
    return shown_archive(archive)


@archives.post("/<key:archive_id>/discard")
@login_required
def throw_away(archive_id: int) -> ResponseReturnValue:
    discard(_own(archive_id))
    say(gettext("Отчёт закрыт. То, что вы уже загрузили, осталось."))
    return redirect(url_for("photos.archives.new"), 303)


def _form(error: str | None = None) -> str:
    return render_template(
        "photos/archive_form.html",
        error=error,
        last=runs.latest(current_user.id),
        files_max=uploading.FILES_MAX,
    )


def _place() -> dict[str, Any]:
    """The part of the report that the page shows: all of it where nothing is named."""
    state = request.args.get("state")
    if state is None:
        return {}
    if state not in TITLES:
        abort(400, gettext("Такой части в отчёте нет. Откройте его заново."))
    return {"state": state, "after": read_key(request.args.get("after", ""))}


def _own(archive_id: int) -> PhotoArchive:
    return runs.own(current_user.id, archive_id) or abort(404)
