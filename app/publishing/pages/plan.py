"""The plan: what a run would do, looked at before anything is sent; and the start of a run."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.connections.may_publish import may_publish
from app.publishing.current import current_plan
from app.publishing.pages.plan_view import PlanView, plan_view
from app.publishing.pages.run_view import fragment_of
from app.publishing.pages.words import KINDS
from app.publishing.planning.good import Key
from app.publishing.planning.rows import Place
from app.publishing.planning.templates import TemplateError
from app.publishing.run.requests import publish
from app.publishing.settings.read import settings_row
from app.rules.read import present_config
from app.web.errors import bad_request
from app.web.htmx import wants_fragment

plans = Blueprint("plans", __name__)

_STALE_PAGE = "Ссылка на страницу плана устарела. Откройте план с начала."
CHANGED = "План изменился, пока вы на него смотрели. Проверьте его ещё раз: вот как он выглядит сейчас."
UNCONFIRMED = "Отметьте, что вы это проверили, и нажмите «Опубликовать» ещё раз."
NOTHING = "Публиковать нечего: в сообществе всё так, как решено."


@plans.get("/plan")
@login_required
def show() -> ResponseReturnValue:
    kind = request.args.get("kind") or None
    if kind is not None and kind not in KINDS:
        return bad_request(_STALE_PAGE)
    after = _place(request.args.get("after"))
    view = plan_view(current_user.id, kind, after, request.args.get("reason") or None)
    return render_template("publishing/plan.html", view=view, said=None)


@plans.post("/publish")
@login_required
def start() -> ResponseReturnValue:
    """Start a run with the plan that was seen, of one good or of all."""
    only = _only()
    community, problem = may_publish(current_user.id)
    if community is None or problem is not None:
        return _again(f"{problem.sentence}." if problem else "Сначала выберите сообщество.", 422)
    row = settings_row(current_user.id)
    if row is None or row.configured_at is None:
        return redirect(url_for("sync.settings.show"), 303)
    if only is None and not present_config(current_user.id).is_enabled:
        return _again("Публикация выключена. Включите её на странице «Обзор».", 422)
    try:
        plan = current_plan(current_user.id, community.id)
    except TemplateError as error:
        return _again(f"{error}.", 422)
    seen = plan.only(only) if only else plan
    if only and not any(True for _ in seen.now()):
        return _again(_why_not(seen.items), 422)
    if request.form.get("plan") not in (None, "", seen.digest) and only is None:
        return _again(CHANGED, 409)
    if only is None and not seen.has_work:
        return _again(NOTHING, 422)
    if seen.is_held and only is None and request.form.get("confirm") != "1":
        return _again(UNCONFIRMED, 422)
    run = publish(current_user.id, community.id, seen, only=only)
    if wants_fragment():
        return fragment_of(run)
    return redirect(url_for("sync.runs.show", run_id=run.id), 303)


def _again(sentence: str, code: int) -> tuple[str, int]:
    view: PlanView = plan_view(current_user.id)
    return render_template("publishing/plan.html", view=view, said=sentence), code


def _why_not(items: object) -> str:
    found = [item for kind in items.values() for item in kind if item.reason]  # type: ignore[attr-defined]
    if found:
        return f"Этот товар сейчас не отправить. {found[0].reason.sentence}."
    return "Этот товар уже в сообществе такой, как в кассе, или его исключает правило."


def _only() -> Key | None:
    store_id, product_id = request.form.get("store_id"), request.form.get("product_id")
    if not store_id and not product_id:
        return None
    if not store_id or not product_id:
        abort(400)
    return store_id, product_id


def _place(text: str | None) -> Place | None:
    if not text:
        return None
    parts = text.split("\x1f")
    if len(parts) != 3:
        abort(400, _STALE_PAGE)
    return parts[0], parts[1], parts[2]
