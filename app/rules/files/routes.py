"""Rules by file: download, upload, look at the plan."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.data.db import db
from app.rules.decide import EXCLUDE, INCLUDE
from app.rules.files.csv_file import CONDITION, FILTER, MODES, NAME, rules_as_csv
from app.rules.files.forms import RulesFileForm
from app.rules.files.plan_import import plan_import, stores_by_name
from app.rules.files.read_file import BadFile, read_rules
from app.web.bodies import takes_files
from app.web.downloads import download
from app.web.formatting import name_of_file
from app.web.turns import in_turn

rule_files = Blueprint("rule_files", __name__, url_prefix="/rules")

MAX_FILE_BYTES = 32 * 1024 * 1024
# Words that stand in the file, whatever language the page speaks.
_IN_FILE = {
    "filter": FILTER,
    "name": NAME,
    "condition": CONDITION,
    "example": "остаток меньше 5",
    "included": MODES[INCLUDE],
    "excluded": MODES[EXCLUDE],
    "no_rule": MODES[None],
}


@rule_files.get("/export")
@login_required
@download
def export() -> ResponseReturnValue:
    today = datetime.now(ZoneInfo(current_user.timezone)).date().isoformat()
    return Response(
        stream_with_context(rules_as_csv(current_user.id)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="rules_{today}.csv"'},
    )


@rule_files.get("/import")
@login_required
def upload() -> ResponseReturnValue:
    return _page(RulesFileForm(formdata=None))


@rule_files.post("/import")
@takes_files("file", MAX_FILE_BYTES, files=1)
@login_required
def plan_upload() -> ResponseReturnValue:
    form = RulesFileForm()
    if not form.validate():
        return _page(form), 422
    file, remove_missing = form.file.data, form.remove_missing.data
    try:
        # A long file takes seconds of the processor: of one owner's each waits for the one before.
        with in_turn(current_user.id), file.stream as content:
            change = plan_import(
                current_user.id,
                read_rules(content, stores_by_name(current_user.id), holds_all=remove_missing),
                name_of_file(file.filename),
                remove_missing=remove_missing,
            )
    except BadFile as error:
        db.session.rollback()
        form.file.errors = [str(error)]
        return _page(form), 422
    db.session.commit()
    return redirect(url_for("sync.changes.show", change_id=change.id, next=url_for("sync.index")), 303)


def _page(form: RulesFileForm) -> str:
    return render_template("rules/import.html", form=form, in_file=_IN_FILE)
