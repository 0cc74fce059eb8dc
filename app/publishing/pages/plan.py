"""The plan: what a run would do, looked at before anything is sent; and the start of a run."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.connections.may_publish import may_publish
from app.mirror.big_shops import big_shop_in_turn
from app.mirror.stores import store_names
from app.publishing.current import current_plan
from app.publishing.forms import PublishForm
from app.publishing.goods import good_of
from app.publishing.pages import starting
from app.publishing.pages.plan_file import SHEET, as_csv, pieces
from app.publishing.pages.plan_view import NOWHERE, plan_view, read_place
from app.publishing.pages.run_view import shown_run
from app.publishing.pages.starting import NotStarted, Unconfirmed
from app.publishing.pages.words import KINDS
from app.publishing.planning.templates import TemplateError
from app.publishing.settings.categories import category_paths
from app.web.cursor import BadCursor
from app.web.downloads import download
from app.web.error_pages import bad_form, bad_request
from app.web.formatting import today
from app.web.language import translated
from app.web.sheet import DIALECTS, EXCEL, csv_name
from app.web.workbook import write_workbook
from app.web.workbook_file import workbook_answer
from app.words import gettext_noop

plans = Blueprint("plans", __name__)

_STALE_PAGE = gettext_noop("Ссылка на страницу плана устарела. Откройте план с начала.")


@plans.get("/plan")
@login_required
def show() -> ResponseReturnValue:
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        return bad_request(gettext(_STALE_PAGE))
    try:
        after = read_place(request.args.get("after") or None)
    except BadCursor:
        return bad_request(gettext(_STALE_PAGE))
    view = plan_view(current_user.id, kind, after, request.args.get("reason") or None)
    return render_template("publishing/plan.html", view=view, not_started=None, is_unconfirmed=False)


@plans.get("/plan/export")
@login_required
@download
def export() -> ResponseReturnValue:
    """The whole plan as CSV, as CSV for the Russian Excel, or as a workbook."""
    file_format = request.args.get("format", "csv")
    if file_format != EXCEL and file_format not in DIALECTS:
        return bad_request(gettext("Такого формата файла нет. Есть csv, csv-ru и excel."))
    community = may_publish(current_user.id).community
    community_id = community.id if community else NOWHERE
    try:
        plan = current_plan(current_user.id, community_id)
    except TemplateError as error:
        return _again(NotStarted(f"{translated(error.sentence)}."))
    rows = pieces(plan, store_names(current_user.id), category_paths(community_id))
    name = f"plan_{today().isoformat()}"
    if file_format == EXCEL:
        with big_shop_in_turn(current_user.id):
            return workbook_answer(f"{name}.xlsx", lambda file: write_workbook(file, rows, SHEET))
    return Response(
        as_csv(rows, DIALECTS[file_format]),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{csv_name(name, file_format)}"'},
    )


@plans.post("/publish")
@login_required
def start() -> ResponseReturnValue:
    """Start a run with the plan that was seen, of one good or of all."""
    form = PublishForm()
    if not form.validate():
        return bad_form(form)
    good = (good_of(current_user.id, *form.only) or abort(404)) if form.only else None
    try:
        if good:
            seen = form.community.data, form.good.data
            return shown_run(starting.start_one(current_user.id, good, *seen))
        run = starting.start_all(current_user.id, form.plan.data, is_confirmed=form.is_confirmed)
        return shown_run(run)
    except NotStarted as why:
        return _again(why)


@plans.post("/publish/first")
@login_required
def start_first() -> ResponseReturnValue:
    """Send one good, so that the owner sees how it looks before all the others follow."""
    try:
        return shown_run(starting.start_first(current_user.id, PublishForm().community.data))
    except NotStarted as why:
        return _again(why)


def _again(why: NotStarted) -> tuple[str, int]:
    """Show the plan of this moment, with what kept it from being started."""
    page = render_template(
        "publishing/plan.html",
        view=plan_view(current_user.id),
        not_started=why.sentence,
        is_unconfirmed=isinstance(why, Unconfirmed),
    )
    return page, 409 if why.has_changed else 422
