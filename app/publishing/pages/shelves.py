"""The owner's word on the same good in several stores: one listing, or one for each."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.connections.may_publish import may_publish
from app.data.db import db
from app.publishing.current import usable_plan
from app.publishing.pages.plan_view import NOWHERE
from app.publishing.pages.shelves_view import asked_about, has_forbidden, shelves_fragment, shelves_view
from app.publishing.pages.words import STALE_LINK
from app.publishing.planning.merging import MARK_LENGTH
from app.publishing.planning.plan import Plan
from app.publishing.settings.same_goods import answer
from app.publishing.settings.save import note_new_plan
from app.rules.notices import say
from app.web.error_pages import bad_request
from app.web.formatting import plural
from app.web.htmx import wants_fragment
from app.web.security import local_path
from app.web.shown import CHANGED, is_as_seen
from app.words import gettext_noop

shelves = Blueprint("shelves", __name__, url_prefix="/listings")


class JoinForm(FlaskForm):
    """Goods that bear one mark, those that one good is known to be or not to be, or all that are asked about.

    `one`: they are one good.
    """

    all = BooleanField()
    # Of what the page asked about: goods and the marks that they bore.
    seen = StringField()
    mark = StringField(validators=[Length(max=MARK_LENGTH)])
    store_id = StringField()
    product_id = StringField()
    one = BooleanField()
    next = StringField()


@shelves.post("/join")
@login_required
def join() -> ResponseReturnValue:
    """Note whether goods are one; nothing is sent by that."""
    form = JoinForm()
    if not form.validate() or not (form.all.data or form.mark.data or form.product_id.data):
        return bad_request(gettext(STALE_LINK))
    plan = _plan()
    found = plan.alike if plan else ()
    if form.all.data:
        meant = [each for each in found if each.is_one is None]
    elif form.product_id.data:
        key = form.store_id.data, form.product_id.data
        answered = (each for each in found if each.is_one is not None and each.is_one is not form.one.data)
        about = [each for each in answered if key in [good.key for good in each.goods]]
        # Not first from a card that VK forbids, which the page of a good may not name.
        meant = sorted(about, key=has_forbidden)[:1]
    else:
        meant = [each for each in found if each.mark == form.mark.data]
    if plan is None or not meant or not is_as_seen(form.seen.data, map(asked_about, meant)):
        return _shown(plan, gettext(CHANGED), form.next.data)
    goods = {each.mark: [good.key for good in each.goods] for each in meant}
    answer(current_user.id, plan.settings.merge_by, goods, is_one=form.one.data)
    note_new_plan(current_user.id)
    db.session.commit()
    return _shown(_plan(), _told(len(meant), form.one.data), form.next.data)


def _plan() -> Plan | None:
    community = may_publish(current_user.id).community
    return usable_plan(current_user.id, community.id if community else NOWHERE)


def _told(count: int, is_one: bool) -> str:
    goods = plural(count, "товар", "товара", "товаров")
    if is_one:
        told = gettext_noop("Объединили: %(goods)s. Ничего не отправлено: что изменится, покажет план.")
    else:
        told = gettext_noop("Не объединяем: %(goods)s. У каждого магазина будет свой.")
    return gettext(told, goods=goods)


def _shown(plan: Plan | None, said: str, back: str | None) -> ResponseReturnValue:
    if wants_fragment():
        return shelves_fragment(shelves_view(plan, said))
    say(said)
    return redirect(local_path(back) or url_for("sync.listings.show", _anchor="shelves"), 303)
