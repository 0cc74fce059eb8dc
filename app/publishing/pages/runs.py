"""Runs: watched while they go, stopped, confirmed, resumed, taken back; and readings of VK."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.connections.may_publish import may_publish
from app.publishing.current import current_plan, usable_plan
from app.publishing.forms import PublishForm
from app.publishing.ledger.refused import Refused, refused_by, try_anew
from app.publishing.pages.reading_view import shown_reading
from app.publishing.pages.run_view import elsewhere, fragment_of, run_view, shown_run
from app.publishing.pages.starting import CHANGED, NotStarted, start_all
from app.publishing.pages.words import UNDER_WAY
from app.publishing.planning.plan import DONE_BY_RUN, Plan
from app.publishing.run.approving import part_of
from app.publishing.run.lives import publications, readings
from app.publishing.run.models import HELD, UNDO, Publication
from app.publishing.run.requests import approve, once_more, request_reading, resume, take_back
from app.rules.notices import say
from app.web.cursor import BadCursor
from app.web.error_pages import bad_request
from app.web.htmx import redirect_whole_page, wants_fragment
from app.web.security import local_path
from app.words import gettext_noop

ANOTHER_GOES = gettext_noop(
    "Сейчас идёт эта публикация. Когда она закончится, вернитесь к той, что хотели вернуть, и повторите."
)

NOT_THESE_ALONE = gettext_noop("Эти товары снова в плане. В нём есть и другое: посмотрите его и опубликуйте.")

runs = Blueprint("runs", __name__)


@runs.get("/publish/<key:run_id>")
@login_required
def show(run_id: int) -> ResponseReturnValue:
    run = _own(run_id)
    if wants_fragment():
        return fragment_of(run)
    try:
        view = run_view(run, request.args.get("after") or None)
    except BadCursor:
        return bad_request(gettext("Ссылка на страницу публикации устарела. Откройте её с начала."))
    return render_template("publishing/run.html", view=view)


@runs.post("/publish/<key:run_id>/cancel")
@login_required
def cancel(run_id: int) -> ResponseReturnValue:
    run = _own(run_id)
    publications.cancel(run)
    return shown_run(run)


@runs.post("/publish/<key:run_id>/confirm")
@login_required
def confirm(run_id: int) -> ResponseReturnValue:
    """Let a held run go on, unless its plan is no longer the one that the page told of."""
    run = _own(run_id)
    if run.status != HELD:
        # Another tab was quicker: what the run waits for now has not been looked at here.
        return shown_run(run)
    plan = part_of(run, current_plan(current_user.id, run.community_id))
    seen = PublishForm().plan.data or run.digest
    # The run may have looked again, and wait for another word than this page has asked for.
    if not seen == run.digest == plan.digest:
        say(gettext(CHANGED))
        return redirect_whole_page(url_for("sync.plans.show"))
    approve(run, plan)
    return shown_run(run)


@runs.post("/publish/<key:run_id>/resume")
@login_required
def go_on(run_id: int) -> ResponseReturnValue:
    run = _own(run_id)
    resume(run)
    return shown_run(run)


@runs.post("/publish/<key:run_id>/undo")
@login_required
def undo(run_id: int) -> ResponseReturnValue:
    """Start the run that takes this one back."""
    run = _own(run_id)
    if run.is_active or run.origin == UNDO:
        return shown_run(run)
    if (why_not := elsewhere(run, may_publish(run.user_id).community)) is not None:
        return _not_here(run, why_not)
    undo = take_back(run)
    if undo.undoes == run.id:
        return shown_run(undo)
    say(gettext(ANOTHER_GOES))
    return redirect_whole_page(url_for("sync.runs.show", run_id=undo.id))


@runs.post("/publish/<key:run_id>/again")
@login_required
def again(run_id: int) -> ResponseReturnValue:
    """Try once more what VK did not take in this run, and nothing else."""
    run = _own(run_id)
    if run.is_active:
        return shown_run(run)
    if (why_not := elsewhere(run, may_publish(run.user_id).community)) is not None:
        return _not_here(run, why_not)
    refused = refused_by(run)
    if not run.sends_goods:
        begun = once_more(run, refused.listing_ids)
        if begun is not None:
            return shown_run(begun)
        say(gettext(UNDER_WAY))
        return redirect_whole_page(url_for("sync.runs.show", run_id=run.id))
    try_anew(run, refused)
    plan = usable_plan(current_user.id, run.community_id)
    if plan is None or not _is_about(plan, refused):
        say(gettext(NOT_THESE_ALONE))
        return redirect_whole_page(url_for("sync.plans.show"))
    try:
        return shown_run(start_all(current_user.id, plan.digest, is_confirmed=False))
    except NotStarted as why:
        say(why.sentence)
        return redirect_whole_page(url_for("sync.plans.show"))


def _not_here(run: Publication, why: str) -> ResponseReturnValue:
    say(why)
    return redirect_whole_page(url_for("sync.runs.show", run_id=run.id))


def _is_about(plan: Plan, refused: Refused) -> bool:
    """Whether a plan would do nothing that is not seen on the page of what was refused."""
    albums = plan.albums.written if plan.albums else []
    return all(
        item.entry is not None and item.entry.listing_id in refused.listing_ids
        # What waits for its day would go with that run, too.
        for kind in DONE_BY_RUN
        for item in plan.items[kind]
    ) and all(change.title in refused.albums for change in albums)


@runs.post("/read")
@login_required
def read() -> ResponseReturnValue:
    """Read what is in the community; nothing is written to it."""
    community = may_publish(current_user.id).community
    if community is None:
        say(gettext("Сначала подключите ВКонтакте и выберите сообщество."))
        return redirect(url_for("connections.index"), 303)
    reading = request_reading(current_user.id, community.id)
    if wants_fragment():
        return shown_reading(reading)
    return redirect(local_path(request.referrer) or url_for("sync.listings.show"), 303)


@runs.get("/read/<key:reading_id>")
@login_required
def reading(reading_id: int) -> ResponseReturnValue:
    """The progress of a reading, polled while it goes."""
    return shown_reading(readings.own(current_user.id, reading_id) or abort(404))


def _own(run_id: int) -> Publication:
    return publications.own(current_user.id, run_id) or abort(404)
