"""Events of the history in words: publications, refreshes of the catalogue, changes of rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import gettext
from sqlalchemy import func, select

from app.data.db import db
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.told import ALL, told
from app.publishing.pages.words import ORIGINS, STATUSES
from app.publishing.run.models import PAUSED, Publication
from app.rules.changes.history import UndoneBy, step_of
from app.rules.models import RuleChange
from app.web.formatting import number, plural
from app.web.language import translated
from app.words import gettext_noop
from app.work.runs.row import CANCELLED, DONE, SUCCESSFUL

PUBLICATION, REFRESH, RULES = "publication", "refresh", "rules"
KINDS = {
    PUBLICATION: gettext_noop("Публикации"),
    REFRESH: gettext_noop("Обновления каталога"),
    RULES: gettext_noop("Правила"),
}


class Event(NamedTuple):
    """One line; `url` leads to more about it, None where there is no more. `revert_id`: a change of rules.

    `parts` say it in parts, each with the address of its list or None, where that is better than `said`.
    `undone_by` is the later step that took it back; `is_too_old`: none can any more. `back` is the next
    change of rules where that took this one back: the two are one line.
    """

    kind: str
    at: datetime
    title: str
    said: str
    status: str
    url: str | None
    revert_id: int | None = None
    back: "Event | None" = None
    parts: Sequence[tuple[str, str | None]] = ()
    undone_by: UndoneBy | None = None
    is_too_old: bool = False


def _publication(run: Publication) -> Event:
    said = [gettext(STATUSES[run.status])]
    if run.done:
        said.append(plural(run.done, "товар", "товара", "товаров"))
    if run.failed:
        said.append(gettext("не получилось %(failed)s", failed=number(run.failed)))
    if run.left and run.status == PAUSED:
        said.append(gettext("осталось %(left)s", left=number(run.left)))
    sentence = ", ".join(said) + (f". {translated(run.error)}" if run.error else "")
    return Event(
        PUBLICATION,
        run.requested_at,
        gettext("Публикация: %(origin)s", origin=gettext(ORIGINS[run.origin])),
        sentence[0].upper() + sentence[1:],
        run.status,
        url_for("sync.runs.show", run_id=run.id),
    )


def _refresh(run: CatalogRefresh) -> Event:
    said = translated(run.error or "") or (gettext("Идёт") if run.is_active else "")
    if run.status == CANCELLED:
        said = gettext("Остановлено")
    parts = [] if said else told(run)
    if run.status == DONE and not parts:
        said = gettext("Изменений нет")
    linked = [(part.words, _list_url(part.what)) for part in parts]
    if linked:
        (first, url), *others = linked
        linked = [(first[0].upper() + first[1:], url), *others]
    title = gettext("Обновление каталога")
    return Event(REFRESH, run.requested_at, title, said, run.status, None, parts=linked)


def last_refresh(user_id: int) -> int | None:
    """The key of the last run that brought something in: what an earlier one changed is no longer listed."""
    ended = select(func.max(CatalogRefresh.id)).where(CatalogRefresh.status.in_(SUCCESSFUL))
    return db.session.scalar(ended.filter_by(user_id=user_id))


def _list_url(what: str | None) -> str | None:
    if what is None:
        return None
    return url_for("catalog.all_products") if what == ALL else url_for("catalog.changes", what=what)


def _rules(change: RuleChange) -> Event:
    step = step_of(change)
    said = ". ".join(each for each in ("; ".join(step.moves), step.effect) if each)
    url = url_for("sync.changes.show", change_id=step.id)
    at, title = change.applied_at or change.planned_at, step.title
    return Event(RULES, at, title, said, "done", url, step.id, is_too_old=change.is_too_old)


_DESCRIBE: dict[str, Any] = {PUBLICATION: _publication, REFRESH: _refresh, RULES: _rules}


def event_of(kind: str, row: Any) -> Event:
    """Describe a row of the table of this kind."""
    event: Event = _DESCRIBE[kind](row)
    return event
