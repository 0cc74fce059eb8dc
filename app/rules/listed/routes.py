"""The page of all rules: one is taken off at once, many after a plan was looked at; the history has both."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from app.data.db import db
from app.rules.changes.apply import change_at_once
from app.rules.changes.conditions import Condition
from app.rules.changes.plan import BULK, CLICK, plan
from app.rules.decide import ENTITY_TYPES, MODES
from app.rules.hoards import many_rules_in_turn, own_words_in_turn
from app.rules.listed.forms import RemovalForm
from app.rules.listed.read import LISTED_RULES, Asked, find_target, next_listed, rules_page, stores_of_rules
from app.rules.notices import say, say_changed
from app.rules.words import name_target
from app.web.cursor import BadCursor, Cursor
from app.web.error_pages import bad_form, bad_request
from app.web.typed import LONGEST_SEARCH
from app.words import Sentence, gettext_noop

listed = Blueprint("rules", __name__, url_prefix="/rules")

_STALE_PAGE = gettext_noop("Ссылка на список правил устарела. Откройте список заново.")


@listed.get("")
@login_required
def index() -> ResponseReturnValue:
    stores = stores_of_rules(current_user.id)
    asked = _asked()
    if asked is None:
        return bad_request(gettext(_STALE_PAGE))
    if asked.store_id is not None and asked.store_id not in stores:
        abort(404)
    after = request.args.get("after")
    try:
        cursor = Cursor.decode(after) if after else None
    except BadCursor:
        return bad_request(gettext(_STALE_PAGE))
    with _in_turn(asked):
        page = rules_page(current_user.id, asked, cursor)
    return render_template("rules/list.html", page=page, asked=asked, stores=stores, url_of=_url_of)


@listed.post("/remove")
@login_required
def remove() -> ResponseReturnValue:
    """Take one rule (`only`) off at once, or plan it for the ticked ones (`n`) or for all (`scope=found`)."""
    asked = _asked()
    if asked is None:
        return bad_request(gettext(_STALE_PAGE))
    form = RemovalForm()
    if not form.validate():
        return bad_form(form)
    after = request.args.get("after") or None
    if form.only.data is not None:
        return _remove_one(asked, form.only.data, after)
    condition = Condition(LISTED_RULES, {"asked": asked._asdict(), "numbers": form.ticked})
    all_of_list, ticked = gettext_noop("Все правила списка"), gettext_noop("Отмеченные правила")
    title = Sentence(all_of_list if form.ticked is None else ticked)
    with _in_turn(asked):
        change = plan(current_user.id, BULK, title, condition=condition)
        db.session.commit()
    here = _url_of(asked, after=after)
    return redirect(url_for("sync.changes.show", change_id=change.id, next=here), 303)


def _remove_one(asked: Asked, number: int, after: str | None) -> ResponseReturnValue:
    target = find_target(current_user.id, number) or abort(404)
    # To where the rule stood, not to the top of a long page.
    with _in_turn(asked):
        follows = next_listed(current_user.id, asked, number)
    here = _url_of(asked, after=after, _anchor=f"r{follows}" if follows else None)
    with own_words_in_turn(current_user.id):
        change = change_at_once(current_user.id, CLICK, name_target(target), targets=[(target, None)])
        db.session.commit()
    if change is None:
        say(gettext("Это правило уже убрано."))
    else:
        say_changed(change, here)
    return redirect(here, 303)


def _in_turn(asked: Asked) -> AbstractContextManager[None]:
    return many_rules_in_turn(current_user.id) if asked.q else nullcontext()


def _asked() -> Asked | None:
    """What the address narrows the list to; None for words that the page does not offer."""
    asked = Asked(*(request.args.get(name) or None for name in Asked._fields))
    is_known = asked.mode in (None, *MODES) and asked.kind in (None, *ENTITY_TYPES)
    is_short = len(asked.q or "") <= LONGEST_SEARCH
    return asked if is_known and is_short else None


def _url_of(asked: Asked, **changes: Any) -> str:
    """Link to the list with `changes` applied, from its first page."""
    return url_for("sync.rules.index", **{**asked._asdict(), **changes})
