"""The page of the synchronisation: the switch, the default, what is ready, what is decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests

from app.data.db import db
from app.publishing import switch
from app.publishing.forms import AutoForm, DefaultForm, SwitchForm
from app.publishing.pages import words
from app.publishing.pages.albums import albums
from app.publishing.pages.feed import feed
from app.publishing.pages.first_steps import steps
from app.publishing.pages.groups import groups
from app.publishing.pages.history import history
from app.publishing.pages.listings import listings
from app.publishing.pages.overview import overview, waiting_now
from app.publishing.pages.pairing import pairing
from app.publishing.pages.plan import plans
from app.publishing.pages.questions import questions
from app.publishing.pages.removing import removing
from app.publishing.pages.runs import runs
from app.publishing.pages.settings import settings
from app.publishing.pages.shelves import shelves
from app.publishing.pages.store_bars import bars_of
from app.publishing.pages.store_order import store_order
from app.publishing.readiness import readiness_of
from app.publishing.run.lives import publications
from app.publishing.run.models import PAUSED, Publication
from app.publishing.settings.read import settings_row
from app.publishing.settings.save import save_settings
from app.publishing.switch import ConfirmationNeeded, Wanted
from app.rules.changes.apply import change_at_once
from app.rules.changes.conditions import Condition
from app.rules.changes.plan import DEFAULT, STALE, plan
from app.rules.changes.routes import changes
from app.rules.criteria.routes import conditions
from app.rules.criteria.words import first_sentences
from app.rules.files.routes import rule_files
from app.rules.hoards import own_words_in_turn
from app.rules.listed.routes import listed
from app.rules.notices import say, say_changed
from app.rules.policy import Policy
from app.rules.read import present_config
from app.rules.stale import STALE_RULES, count_stale
from app.rules.summary import counts_by_store, counts_of_rules
from app.web.error_pages import bad_form
from app.web.leaves import leaf_of
from app.web.security import local_path
from app.words import Sentence
from app.work.runs.row import QUEUED, RUNNING

sync = Blueprint("sync", __name__, url_prefix="/sync")
_PARTS = (
    *(albums, removing),
    *(changes, conditions, rule_files, listed, plans, runs, listings, pairing, questions),
    *(shelves, store_order, settings, groups, feed, history, steps),
)
for part in _PARTS:
    sync.register_blueprint(part)


@sync.get("")
@login_required
def index() -> ResponseReturnValue:
    stores = counts_by_store(current_user.id)
    config = present_config(current_user.id)
    leaf = leaf_of(stores, request.args.get("page", ""))
    view = overview(current_user.id, sum(store.published for store in stores))
    return render_template(
        "publishing/index.html",
        view=view,
        words=words,
        config=config,
        conditions=first_sentences(Policy.of(config.policy)),
        readiness=readiness_of(current_user.id),
        stores=stores,
        leaf=leaf,
        bars=bars_of(leaf.rows, view.not_ready),
        rules=counts_of_rules(current_user.id),
        stale=count_stale(current_user.id),
    )


@sync.get("/waiting")
@login_required
def waiting() -> ResponseReturnValue:
    """How many goods are to be sent, for the line above each page; 204 where nobody can say it soon."""
    try:
        count = waiting_now(current_user.id)
    except TooManyRequests:
        # The page is whole without it.
        count = None
    return ("", 204) if count is None else render_template("publishing/_waiting.html", waiting=count)


@sync.post("")
@login_required
def save() -> ResponseReturnValue:
    form = SwitchForm()
    if not form.validate():
        return bad_form(form)
    try:
        with own_words_in_turn(current_user.id):
            steps = switch.save(current_user.id, form.wanted)
    except ConfirmationNeeded:
        db.session.rollback()
        return _confirmation_page(form.wanted), 422
    db.session.commit()
    if form.wanted.is_enabled is False:
        _stop_moving(current_user.id)
    for step in steps:
        say_changed(step)
    return redirect(url_for("sync.index"), 303)


@sync.post("/auto")
@login_required
def set_auto() -> ResponseReturnValue:
    """Let changes go by themselves, or keep them until the owner publishes them."""
    row = settings_row(current_user.id)
    if row is None or row.configured_at is None:
        return redirect(url_for("sync.settings.show"), 303)
    form = AutoForm()
    is_auto = form.is_auto
    save_settings(current_user.id, {"auto": is_auto})
    if not is_auto:
        _stop_moving(current_user.id)
    if not is_auto:
        say(gettext("Пауза: изменения ждут, пока вы их не опубликуете."))
    elif switch.is_on(current_user.id):
        say(gettext("Изменения публикуются сами."))
    else:
        say(gettext("Изменения будут публиковаться сами, как только вы включите публикацию."))
    return redirect(local_path(form.next.data) or url_for("sync.index"), 303)


def _stop_moving(user_id: int) -> None:
    """End what sends, or would go on by itself; what waits for the owner's word may wait."""
    publications.end(user_id, Publication.status.in_((QUEUED, RUNNING, PAUSED)))


@sync.get("/switch-on")
@login_required
def switch_on() -> ResponseReturnValue:
    """Show what switching on does, before it does it."""
    if present_config(current_user.id).is_enabled:
        say(gettext("Публикация уже включена."))
        return redirect(url_for("sync.index"), 303)
    return _confirmation_page(Wanted(True, None, is_confirmed=False))


@sync.post("/default")
@login_required
def plan_default() -> ResponseReturnValue:
    """Plan another default: shown first, saved from there."""
    form = DefaultForm()
    if not form.validate():
        return bad_form(form)
    default_mode = form.default_mode.data
    if default_mode == present_config(current_user.id).default_mode:
        say(gettext("Так и было: ничего не изменилось."))
        return redirect(url_for("sync.index"), 303)
    change = plan(current_user.id, DEFAULT, switch.DEFAULT_TITLE, default_mode=default_mode)
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=change.id, next=url_for("sync.index")), 303)


@sync.post("/stale/clear")
@login_required
def clear_stale() -> ResponseReturnValue:
    title = Sentence("Правила для того, чего больше нет в каталоге")
    with own_words_in_turn(current_user.id):
        change = change_at_once(current_user.id, STALE, title, condition=Condition(STALE_RULES, {}))
    db.session.commit()
    if change is None:
        say(gettext("Таких правил уже нет."))
    else:
        say_changed(change)
    return redirect(url_for("sync.index"), 303)


def _confirmation_page(wanted: Wanted) -> str:
    stores = counts_by_store(current_user.id)
    leaf = leaf_of(stores, "")
    return render_template(
        "publishing/switch_on.html",
        config=present_config(current_user.id),
        wanted=wanted,
        readiness=readiness_of(current_user.id),
        stores=stores,
        leaf=leaf,
        bars=bars_of(leaf.rows, None),
    )
