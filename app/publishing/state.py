"""What publication is doing right now, in one honest sentence: nothing is said to be sent that is not."""

from typing import NamedTuple

from flask import Flask, request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from app.connections.banner import connection_alerts, keep_visitors_connections
from app.connections.may_publish import MayPublish, judged
from app.connections.problems import Problem
from app.data.db import db
from app.mirror.stores import only_store_id
from app.publishing.facts import Facts, facts_here
from app.publishing.first_steps import Step, all_steps, next_step
from app.publishing.run.models import HELD, PAUSED
from app.publishing.unsent import init_waiting
from app.web.addresses import url_for
from app.web.formatting import number, until
from app.web.language import translated
from app.words import gettext_noop
from app.work.runs.row import FAILED, QUEUED, RUNNING

OFF, STOPPED, WAITS, WORKS = "off", "stopped", "waits", "works"
SWITCHED_OFF = gettext_noop("Публикация выключена · ничего не отправляется")


class State(NamedTuple):
    """`kind` is OFF, STOPPED (the owner can mend it), WAITS (for the owner's word or for time) or WORKS.

    `fix` is the label of the link `fix_url`, None where there is nothing to do. `may_pause`: something goes,
    or would go, by itself. `problem` is the one for which publication stands. `step`: which of the
    first steps the fix is, in words. `counts`: it tells what is in VK, and so how many goods are `waiting`
    to be sent, None where that has to be asked for.
    """

    kind: str
    sentence: str
    fix: str | None = None
    fix_url: str | None = None
    is_foreign: bool = False
    may_pause: bool = False
    problem: Problem | None = None
    step: str | None = None
    counts: bool = False
    waiting: int | None = None


def init_state(app: Flask) -> None:
    """Offer to the templates what the functions below tell of the page's owner."""
    init_waiting(app)
    app.add_template_global(first_step)
    app.add_template_global(all_steps)
    app.add_template_global(publication_state)
    app.add_template_global(stands_for)
    app.add_template_global(said_above)
    app.add_template_global(catalog_url)


def catalog_url() -> str:
    """Where «Каталог» of the navigation leads: past the list of stores where there is but one store."""
    if _is_with_strip():
        store_id = facts_here()[0].only_store_id
    else:
        store_id = db.session.scalar(select(only_store_id(current_user.id)))
    return url_for("catalog.products", store_id=store_id) if store_id else url_for("catalog.stores")


def publication_state() -> State | None:
    """The state for the strip of Каталог and Синхронизация; None on other pages; one query."""
    if not _is_with_strip():
        return None
    facts, owned = facts_here()
    keep_visitors_connections(owned)
    return state_of(judged(owned), facts, hides_steps=current_user.hides_first_steps)


def first_step() -> Step | None:
    """What an owner who has not begun has to do next; None once they have; one query."""
    facts, owned = facts_here()
    return _step_of(judged(owned), facts)


def stands_for(problem: Problem) -> bool:
    """Whether this very problem is why publication stands; False on pages without the strip."""
    state = publication_state()
    return state is not None and state.problem is not None and state.problem.kind == problem.kind


def said_above(problem: Problem | None) -> bool:
    """Whether the banner or the strip of this page names the problem, and offers what mends it."""
    if problem is None:
        return False
    return stands_for(problem) or any(
        card.problem is not None and card.problem.kind == problem.kind for card in connection_alerts()
    )


def _is_with_strip() -> bool:
    return bool({"catalog", "refresh", "sync"} & set(request.blueprints)) and current_user.is_authenticated


def state_of(may: MayPublish, facts: Facts, *, hides_steps: bool = False) -> State:
    """Say what holds, the nearest obstacle first; without counting the first steps where they are hidden."""
    if step := _step_of(may, facts):
        if hides_steps:
            return State(OFF, translated(SWITCHED_OFF), step.label, step.url)
        words = gettext("шаг %(number)s из %(last)s", number=step.number, last=step.last)
        return State(OFF, gettext("Ничего не отправляется"), step.label, step.url, step=words)
    if not facts.is_enabled:
        return State(OFF, translated(SWITCHED_OFF), gettext("Включить…"), url_for("sync.switch_on"))
    if may.problem is not None:
        button = may.problem.button
        sentence = gettext("Публикация стоит: %(problem)s", problem=_lowered(may.problem.title))
        state = State(STOPPED, sentence, problem=may.problem)
        if button is None:
            return state
        return state._replace(fix=button.text, fix_url=button.url, is_foreign=button.is_foreign)
    if facts.configured_at is None:
        sentence = gettext("Публикация ещё не настроена · ничего не отправляется")
        return State(STOPPED, sentence, gettext("Ответить на четыре вопроса"), url_for("sync.settings.show"))
    state = _of_run(facts) if facts.status in (QUEUED, RUNNING, HELD, PAUSED) else _at_rest(facts)
    return state._replace(counts=True, waiting=facts.waiting)


def _at_rest(facts: Facts) -> State:
    in_vk = gettext("в ВК %(count)s", count=number(facts.live))
    if facts.run_id is None:
        return State(
            WAITS, gettext("Ещё ничего не отправлено"), gettext("Посмотреть план"), url_for("sync.plans.show")
        )
    if facts.status == FAILED:
        url = url_for("sync.runs.show", run_id=facts.run_id)
        return State(
            WAITS,
            gettext("Последняя публикация не получилась · %(counts)s", counts=in_vk),
            gettext("Почему"),
            url,
            may_pause=bool(facts.is_auto),
        )
    by_hand = gettext("Публикация включена, изменения отправляете вы")
    sentence = gettext("Публикация включена") if facts.is_auto else by_hand
    plan_url = url_for("sync.plans.show")
    return State(WORKS, f"{sentence} · {in_vk}", gettext("План"), plan_url, may_pause=bool(facts.is_auto))


def _step_of(may: MayPublish, facts: Facts) -> Step | None:
    return None if facts.is_enabled or facts.configured_at is not None else next_step(may.problem)


def _of_run(facts: Facts) -> State:
    url = url_for("sync.runs.show", run_id=facts.run_id)
    counts = gettext("в ВК %(count)s", count=number(facts.live))
    if facts.status == HELD:
        sentence = gettext("Публикация ждёт вашего слова · %(counts)s", counts=counts)
        return State(WAITS, sentence, gettext("Посмотреть"), url, may_pause=bool(facts.is_auto))
    if facts.status == PAUSED:
        stands = gettext("Публикация стоит")
        if facts.resume_at:
            stands = gettext("Публикация стоит до %(when)s", when=until(facts.resume_at))
        return State(WAITS, f"{stands} · {counts}", gettext("Почему"), url, may_pause=True)
    sentence = gettext("Публикуем · %(counts)s", counts=counts)
    return State(WORKS, sentence, gettext("Смотреть"), url, may_pause=True)


def _lowered(title: str) -> str:
    """The title within a sentence; names keep their capital."""
    is_name = title.startswith((gettext("ВКонтакте"), gettext("Эвотор")))
    return title if is_name else title[0].lower() + title[1:]
