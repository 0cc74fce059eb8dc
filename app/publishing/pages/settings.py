"""The settings: four questions the first time, everything afterwards, with a preview of real goods."""

from dataclasses import replace
from itertools import islice

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy import select
from wtforms import SelectField

from app.connections.may_publish import may_publish
from app.data.db import db
from app.publishing.goods import goods_of
from app.publishing.planning.desired import Desired, Shop
from app.publishing.planning.settings import Settings
from app.publishing.run.lives import readings
from app.publishing.run.models import MarketReading
from app.publishing.run.requests import request_reading
from app.publishing.settings.forms import AllSettings, FirstQuestions
from app.publishing.settings.models import MarketCategory
from app.publishing.settings.read import KEPT, group_tree_of, settings_of, settings_row
from app.publishing.settings.save import save_settings
from app.rules.notices import say

settings = Blueprint("settings", __name__, url_prefix="/settings")
PREVIEWED = 3


@settings.get("")
@login_required
def show() -> ResponseReturnValue:
    return _page(_form())


@settings.post("")
@login_required
def save() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form), 422
    was_first = _is_first()
    save_settings(current_user.id, form.data)
    say("Настройки сохранены.")
    return redirect(url_for("sync.plans.show" if was_first else "sync.settings.show"), 303)


@settings.post("/preview")
@login_required
def preview() -> ResponseReturnValue:
    """How three real goods would look with what the form holds now."""
    form = _form()
    form.validate()
    wrong = set(form.errors)
    known = settings_of(current_user.id)
    chosen = {name: form.data[name] for name in KEPT if name in form.data and name not in wrong}
    return render_template("publishing/_preview.html", goods=_previewed(replace(known, **chosen)))


def _form() -> FirstQuestions:
    known = settings_of(current_user.id)
    values = {name: getattr(known, name) for name in KEPT}
    form = (FirstQuestions if _is_first() else AllSettings)(data=values)
    _offer_categories(form.default_category_id)
    return form


def _is_first() -> bool:
    row = settings_row(current_user.id)
    return row is None or row.configured_at is None


def _offer_categories(field: SelectField) -> None:
    community = may_publish(current_user.id).community
    rows = db.session.execute(
        select(MarketCategory.category_id, MarketCategory.path)
        .filter_by(community_id=community.id if community else 0, is_leaf=True)
        .order_by(MarketCategory.place)
    )
    field.choices = [("", "Выберите…"), *((category_id, path) for category_id, path in rows)]


def _page(form: FirstQuestions) -> str:
    community, problem = may_publish(current_user.id)
    reading: MarketReading | None = None
    if community is not None and problem is None and len(form.default_category_id.choices) == 1:
        # The categories are VK's, and have not been read yet.
        reading = readings.latest(current_user.id)
        if reading is None or not reading.is_active:
            reading = request_reading(current_user.id, community.id)
    return render_template(
        "publishing/settings.html",
        form=form,
        is_first=_is_first(),
        community=community,
        problem=problem,
        reading=reading,
        poll_seconds=readings.poll_seconds(reading) if reading else 0,
        goods=_previewed(settings_of(current_user.id)),
    )


def _previewed(chosen: Settings) -> list[Desired]:
    community = may_publish(current_user.id).community
    goods = goods_of(current_user.id, community.id if community else 0)
    shop = Shop(chosen, group_tree_of(current_user.id))
    return list(islice(shop.desired(islice(goods, 50)), PREVIEWED))
