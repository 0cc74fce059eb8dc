"""The settings: four questions the first time, everything afterwards, with a preview of real goods."""

from dataclasses import replace

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.connections.may_publish import may_publish
from app.data.db import db
from app.publishing import switch
from app.publishing.pages.feed_view import feed_view
from app.publishing.pages.preview import Previews, picture_of, previews
from app.publishing.pages.reading_view import reading_view
from app.publishing.pages.run_view import shown_run
from app.publishing.pages.starting import NotStarted, start_first
from app.publishing.pages.store_order import shown_stores
from app.publishing.pairs import pairs_of
from app.publishing.planning.pairing import Pairing
from app.publishing.planning.settings import CARD
from app.publishing.planning.templates import TemplateError
from app.publishing.run.lives import readings
from app.publishing.run.requests import end_by_itself, request_reading
from app.publishing.settings.categories import leaf_paths
from app.publishing.settings.forms import COLOUR, AllSettings, FirstQuestions
from app.publishing.settings.group_tree import group_names_of
from app.publishing.settings.likely_category import likely_category
from app.publishing.settings.read import KEPT, settings_of, settings_row
from app.publishing.settings.save import save_settings
from app.publishing.switch import Wanted
from app.rules.notices import say
from app.web.formatting import plural

settings = Blueprint("settings", __name__, url_prefix="/settings")


@settings.get("")
@login_required
def show() -> ResponseReturnValue:
    return _page(_form())


@settings.post("")
@login_required
def save() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form), form.refused
    was_first, was_auto = _is_first(), settings_of(current_user.id).auto
    saved = save_settings(current_user.id, form.data)
    if was_auto and not saved.row.auto:
        end_by_itself(current_user.id)
    if was_first and form.starts.data:
        return _publish_first()
    said = gettext("Настройки сохранены.")
    if saved.kept:
        goods = plural(saved.kept, "новый товар", "новых товара", "новых товаров")
        said += " " + gettext("Уже во ВКонтакте и останется там: %(goods)s.", goods=goods)
    say(said)
    return redirect(url_for(_first_step() if was_first else "sync.settings.show"), 303)


@settings.post("/preview")
@login_required
def preview() -> ResponseReturnValue:
    """How three real goods would look with what the form holds now."""
    return render_template("publishing/_preview.html", previews=_previewed(_form()))


@settings.get("/picture")
@login_required
def picture() -> ResponseReturnValue:
    """The picture that VK would get for one of the owner's goods: its photo, or a card of a colour."""
    key = request.args.get("store_id", ""), request.args.get("product_id", "")
    colour = request.args.get("card_colour", "")
    chosen = {"photo_fallback": CARD, "card_colour": colour} if COLOUR.fullmatch(colour) else {}
    data = picture_of(current_user.id, key, chosen) or abort(404)
    return Response(data, mimetype="image/jpeg", headers={"Cache-Control": "private, max-age=60"})


def _form() -> FirstQuestions:
    known = settings_of(current_user.id)
    values = {name: getattr(known, name) for name in KEPT}
    if _is_first():
        # Most goods have no photo at first, and a card is better than an empty shop.
        values["photo_fallback"] = CARD
    community = may_publish(current_user.id).community
    paths = leaf_paths(community.id) if community else {}
    if _is_first() and paths:
        names = group_names_of(current_user.id)
        values["default_category_id"] = values["default_category_id"] or likely_category(paths, names)
    if _is_first():
        return FirstQuestions.of(values, paths)
    form = AllSettings.of(values, paths)
    form.compare(values)
    return form


def _publish_first() -> ResponseReturnValue:
    """Switch publication on and send one good; what has to be answered before that comes first."""
    step = _first_step()
    if may_publish(current_user.id).problem:
        say(gettext("Ответы сохранены."))
        return redirect(url_for("sync.plans.show"), 303)
    if step != "sync.plans.show":
        say(
            gettext(
                "Ответы сохранены. Сначала посмотрите, что в сообществе уже есть: "
                "так ничего не появится дважды."
            )
        )
        return redirect(url_for(step), 303)
    switch.save(current_user.id, Wanted(True, None, is_confirmed=True))
    db.session.commit()
    try:
        return shown_run(start_first(current_user.id))
    except NotStarted as why:
        say(why.sentence)
        return redirect(url_for("sync.plans.show"), 303)


def _first_step() -> str:
    """Where a first run begins: with what the community has already, else with the plan."""
    community = may_publish(current_user.id).community
    pairing = pairs_of(current_user.id, community.id).pairing if community else Pairing()
    return "sync.listings.show" if pairing.proposals or pairing.alike else "sync.plans.show"


def _is_first() -> bool:
    row = settings_row(current_user.id)
    return row is None or row.configured_at is None


def _page(form: FirstQuestions) -> str:
    community, problem = may_publish(current_user.id)
    reading = None
    if community is not None and problem is None and not form.default_category_id.paths:
        # The categories are VK's, and have not been read yet.
        last = readings.latest(current_user.id)
        if last is None or last.community_id != community.id:
            last = request_reading(current_user.id, community.id)
        reading = reading_view(last)
    return render_template(
        "publishing/settings.html",
        form=form,
        is_first=_is_first(),
        community=community,
        problem=problem,
        reading=reading,
        previews=_previewed(form),
        leaf=shown_stores(request.args.get("stores", "")),
        feed=feed_view(current_user.id),
        notice=None,
    )


def _previewed(form: FirstQuestions) -> Previews:
    """The goods with what of the form is usable, and with what was saved instead of the rest."""
    if form.is_submitted():
        form.validate()
    wrong = set(form.errors)
    chosen = {name: form.data[name] for name in KEPT if name in form.data and name not in wrong}
    try:
        return previews(current_user.id, replace(settings_of(current_user.id), **chosen))
    except TemplateError:
        return Previews([], [])
