"""The plan as its page shows it: kinds with their first rows, quotas, time, and what is in the way."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from flask import current_app
from sqlalchemy import select

from app.connections.may_publish import ChosenCommunity, may_publish
from app.connections.problems import Problem
from app.data.db import db
from app.publishing.current import current_plan
from app.publishing.pages.words import FIELDS, KINDS, shown
from app.publishing.planning.existing import CATEGORY, PHOTO_IDS, PHOTOS
from app.publishing.planning.plan import CHANGE, CREATE, HIDE, SHOW, Hold, Plan
from app.publishing.planning.reasons import Reason
from app.publishing.planning.rows import Place, PlanRow, page_of_rows
from app.publishing.planning.steps import Phase, steps
from app.publishing.planning.templates import TemplateError
from app.publishing.run.apply import BATCH
from app.publishing.run.limits import limits_of
from app.publishing.settings.models import MarketCategory
from app.publishing.settings.read import settings_row
from app.rules.read import present_config

PREVIEW, PAGE = 10, 50
# No community is chosen: the plan is that of an empty shop.
NOWHERE = 0


class FieldView(NamedTuple):
    """A field before and after, in words; `before` is None for what is new."""

    name: str
    before: str | None
    after: str


class RowView(NamedTuple):
    """One row of the page; `fields` are in the words of the owner."""

    row: PlanRow
    fields: list[FieldView]


class Section(NamedTuple):
    """One kind of the plan: how many, and the rows shown; `after` leads to those that follow."""

    kind: str
    title: str
    total: int
    rows: list[RowView]
    after: str | None


class Quota(NamedTuple):
    """How much of one of VK's limits is used, and would be after the plan."""

    title: str
    used: int
    planned: int
    limit: int


class PlanView(NamedTuple):
    """All that the page of the plan shows; `error` says why there is no plan."""

    community: ChosenCommunity | None
    problem: Problem | None
    is_enabled: bool
    is_configured: bool
    plan: Plan | None
    error: str | None
    sections: list[Section]
    reasons: list[tuple[Reason, int]]
    quotas: list[Quota]
    minutes: int
    kind: str | None
    reason: str | None

    @property
    def may_start(self) -> bool:
        """Whether a run can be started from this page."""
        ready = self.community is not None and self.problem is None and self.is_enabled and self.is_configured
        return ready and self.plan is not None and self.plan.has_work

    @property
    def holds(self) -> tuple[Hold, ...]:
        return self.plan.holds if self.plan else ()


def plan_view(
    user_id: int, kind: str | None = None, after: Place | None = None, reason: str | None = None
) -> PlanView:
    """Make the plan of this moment and describe it, or one kind of it from `after` on."""
    may = may_publish(user_id)
    row = settings_row(user_id)
    community_id = may.community.id if may.community else NOWHERE
    try:
        plan, error = current_plan(user_id, community_id), None
    except TemplateError as unusable:
        plan, error = None, str(unusable)
    sections = _sections(plan, kind, after, reason) if plan else []
    return PlanView(
        community=may.community,
        problem=may.problem,
        is_enabled=bool(present_config(user_id).is_enabled),
        is_configured=row is not None and row.configured_at is not None,
        plan=plan,
        error=error,
        sections=sections,
        reasons=plan.blocked_by_reason if plan else [],
        quotas=_quotas(plan, community_id) if plan else [],
        minutes=_minutes(plan) if plan else 0,
        kind=kind,
        reason=reason,
    )


def field_views(row: PlanRow, categories: dict[int, str]) -> list[FieldView]:
    """The fields of a row in words; what VK numbers by itself is left out."""
    return [
        FieldView(
            FIELDS[field],
            None if row.kind == CREATE else shown(field, old, categories),
            shown(field, new, categories),
        )
        for field, old, new in row.fields
        if field != PHOTO_IDS
    ]


def _sections(plan: Plan, kind: str | None, after: Place | None, reason: str | None) -> list[Section]:
    kinds = [kind] if kind else [each for each in KINDS if plan.counts[each]]
    size = PAGE if kind else PREVIEW
    pages = {each: page_of_rows(plan, each, size, after, reason) for each in kinds}
    categories = category_paths(row for page in pages.values() for row in page.rows)
    return [
        Section(
            each,
            KINDS[each],
            plan.counts[each],
            [RowView(row, field_views(row, categories)) for row in page.rows],
            "\x1f".join(page.after) if page.after else None,
        )
        for each, page in pages.items()
    ]


def category_paths(rows: Iterable[PlanRow]) -> dict[int, str]:
    """The paths of the categories that rows name."""
    ids = {
        value
        for row in rows
        for field, *values in row.fields
        if field == CATEGORY
        for value in values
        if value is not None
    }
    if not ids:
        return {}
    found = db.session.execute(
        select(MarketCategory.category_id, MarketCategory.path).where(MarketCategory.category_id.in_(ids))
    )
    return {category_id: path for category_id, path in found}


def _quotas(plan: Plan, community_id: int) -> list[Quota]:
    limits = limits_of(community_id)
    new = plan.counts[CREATE] - len(plan.waiting)
    return [
        Quota("Товаров в сообществе", plan.in_vk, new, limits.items),
        Quota("Новых за сутки", limits.added_today, new, limits.daily),
    ]


def _minutes(plan: Plan) -> int:
    """How long a run would take at VK's pace: a call for each picture, one for each 25 listings."""
    per_second = current_app.extensions["settings"].vk_calls_per_second
    found = steps(plan)
    pictures = sum(len(step.fields.get(PHOTOS, ())) for step in found)
    new = sum(step.phase == Phase.NEW for step in found)
    calls = pictures + math.ceil(new / BATCH) + math.ceil((len(found) - new) / BATCH)
    return math.ceil(calls / per_second / 60)


def doing(plan: Plan) -> int:
    """How many goods a run started now would write."""
    return sum(plan.counts[kind] for kind in (CREATE, CHANGE, HIDE, SHOW)) - len(plan.waiting)
