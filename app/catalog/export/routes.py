"""Lists as files: at once, or by way of a page that says when a big workbook is ready."""

from flask import (
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required
from sqlalchemy import Select

from app.catalog.export import requests
from app.catalog.export.csv_stream import rows_of, stream
from app.catalog.export.models import CatalogExport
from app.catalog.export.run import exports
from app.catalog.export.sheets import select_file
from app.catalog.lists.address import BadQuery
from app.catalog.routes import catalog
from app.data.db import db
from app.mirror.big_shops import big_shop_in_turn
from app.web.downloads import download
from app.web.formatting import today
from app.web.htmx import vary_by_request_type, wants_fragment
from app.web.sheet import DIALECTS, EXCEL, Sheet, csv_name
from app.web.workbook import write_workbook
from app.web.workbook_file import workbook_answer
from app.words import gettext_noop
from app.work.runs.row import DONE

GONE = gettext_noop("Ссылка на файл больше не действует. Откройте список и выгрузите его ещё раз.")
ANOTHER_FIRST = gettext_noop("Файлы готовятся по одному. Дождитесь этого, потом выгрузите следующий.")


@catalog.get("/export")
@login_required
@download
def export() -> ResponseReturnValue:
    file_format = request.args.get("format", "csv")
    if file_format != EXCEL and file_format not in DIALECTS:
        raise BadQuery(gettext("Такого формата файла нет. Есть csv, csv-ru и excel."))
    statement, sheet = select_file(current_user.id, request.args) or abort(404)
    name = f"{request.args['type']}_{today().isoformat()}"
    if file_format == EXCEL:
        return _workbook(statement, sheet, f"{name}.xlsx")
    return Response(
        stream(db.engine, statement, sheet, DIALECTS[file_format]),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{csv_name(name, file_format)}"'},
    )


@catalog.get("/exports/<key:export_id>")
@login_required
def export_progress(export_id: int) -> ResponseReturnValue:
    workbook = _own_export(export_id)
    context = {
        "export": workbook,
        "is_unattended": exports.is_unattended(workbook),
        "poll_seconds": exports.poll_seconds(workbook),
    }
    template = "export/_export.html" if wants_fragment() else "export/export.html"
    return vary_by_request_type(make_response(render_template(template, **context)))


@catalog.get("/exports/<key:export_id>/file")
@login_required
@download
def export_file(export_id: int) -> ResponseReturnValue:
    workbook = _own_export(export_id)
    if workbook.status != DONE:
        abort(404)
    # Whole before its first byte goes: the owner may have the next one made while it is on its way.
    return workbook_answer(
        workbook.file_name, lambda file: requests.write_whole(workbook, file) or abort(404, gettext(GONE))
    )


def _workbook(statement: Select[tuple[object, ...]], sheet: Sheet, file_name: str) -> ResponseReturnValue:
    if not requests.is_big(statement):
        with big_shop_in_turn(current_user.id):
            return workbook_answer(
                file_name, lambda file: write_workbook(file, rows_of(db.engine, statement, sheet), sheet)
            )
    args = {name: value for name, value in request.args.items() if name != "format"}
    workbook = requests.request_export(current_user.id, args, file_name)
    if workbook.args != args:
        flash(gettext(ANOTHER_FIRST), "info")
    return redirect(url_for("catalog.export_progress", export_id=workbook.id), 303)


def _own_export(export_id: int) -> CatalogExport:
    return requests.own_export(current_user.id, export_id) or abort(404, gettext(GONE))
