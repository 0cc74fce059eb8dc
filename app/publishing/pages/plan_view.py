"""The plan as its page shows it: kinds with their first rows, quotas, time, and what is in the way."""

from typing import NamedTuple

from flask_babel import gettext

from app.connections.may_publish import ChosenCommunity, may_publish
from app.connections.problems import Problem
from app.mirror.stores import store_names
from app.publishing.current import current_plan
from app.publishing.pages.limits_view import Days, Quota, days_of, minutes_of, quotas_of, without_room
from app.publishing.pages.reading_view import ReadingView, active_reading
from app.publishing.pages.ways_on import WayOn, way_on
from app.publishing.pages.words import FIELDS, KINDS, said_of, shown, till_price
from app.publishing.photos.first import first_photos
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import AVAILABLE, NAME, PHOTO_IDS, PRICE
from app.publishing.planning.merging import price_source, stock_sources
from app.publishing.planning.plan import ASK, CREATE, Hold, Plan
from app.publishing.planning.reasons import Reason
from app.publishing.planning.rows import Place, PlanRow, page_of_rows
from app.publishing.planning.settings import Settings
from app.publishing.planning.templates import TemplateError
from app.publishing.run.limits import limits_of
from app.publishing.settings.categories import category_paths
from app.publishing.settings.read import settings_row
from app.rules.read import present_config
from app.web.cursor import BadCursor, Cursor
from app.web.language import translated

PREVIEW, PAGE = 10, 50
# No community is chosen: the plan is that of an empty shop.
NOWHERE = 0
# Between the parts of a place; no name holds it.
_SEPARATOR = "\x1f"


class FieldView(NamedTuple):
    """A field before and after, in words; `before` is None for what is new, `in_till` for what is alike."""

    field: str
    name: str
    before: str | None
    after: str
    in_till: str | None = None


class RowView(NamedTuple):
    """One row; `fields` are in words, `store` is named only where there are several.

    `sources` names the stores behind a good of several, and where its price and stock come from. `photo` is
    the key of the good's picture. `why` is its reason in words, `answer` leads to where it is answered.
    """

    row: PlanRow
    fields: list[FieldView]
    store: str | None
    sources: str | None
    photo: int | None
    why: str
    answer: WayOn | None


class BlockedFor(NamedTuple):
    """A reason, how many goods are not ready because of it, and the link that mends it."""

    reason: Reason
    goods: int
    way_on: WayOn | None


class Section(NamedTuple):
    """One kind of the plan: how many, and the rows shown; `after` leads to those that follow."""

    kind: str
    title: str
    total: int
    rows: list[RowView]
    after: str | None


class PageAsked(NamedTuple):
    """Which part of the plan is asked for: a kind, None for all, from where on, and for which reason."""

    kind: str | None
    after: Place | None
    reason: str | None


class PlanView(NamedTuple):
    """All that the page of the plan shows; `error` says why there is no plan."""

    community: ChosenCommunity | None
    problem: Problem | None
    is_enabled: bool
    is_configured: bool
    plan: Plan | None
    error: str | None
    sections: list[Section]
    reasons: list[BlockedFor]
    quotas: list[Quota]
    minutes: int
    days: Days | None
    no_room: int
    kind: str | None
    reason: str | None
    reading: ReadingView | None

    @property
    def may_start(self) -> bool:
        """Whether a run can be started from this page."""
        ready = self.community is not None and self.problem is None and self.is_enabled and self.is_configured
        return ready and self.plan is not None and self.plan.has_work

    @property
    def is_first(self) -> bool:
        """Whether nothing has been approved for this community yet."""
        return any(hold.code == "first" for hold in self.holds)

    @property
    def totals(self) -> list[Section]:
        """The kinds of the whole plan that there are, and the one that is shown, without rows."""
        counts = self.plan.counts if self.plan else {}
        return [
            Section(kind, gettext(title), counts[kind], [], None)
            for kind, title in KINDS.items()
            if counts.get(kind) or (kind == self.kind and kind in counts)
        ]

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
        plan, error = None, translated(unusable.sentence)
    limits = limits_of(user_id, community_id)
    page_asked = PageAsked(kind, after, reason)
    sections = _sections(user_id, plan, community_id, page_asked) if plan else []
    return PlanView(
        community=may.community,
        problem=may.problem,
        is_enabled=bool(present_config(user_id).is_enabled),
        is_configured=row is not None and row.configured_at is not None,
        plan=plan,
        error=error,
        sections=sections,
        reasons=_reasons(plan) if plan else [],
        quotas=quotas_of(plan, limits) if plan else [],
        minutes=minutes_of(plan) if plan else 0,
        days=days_of(plan, user_id, community_id, limits) if plan else None,
        no_room=without_room(plan) if plan else 0,
        kind=kind,
        reason=reason,
        reading=active_reading(user_id),
    )


def field_views(row: PlanRow, categories: dict[int, str]) -> list[FieldView]:
    """The fields of a row in words, without what VK numbers by itself and what goes without saying."""
    return [
        FieldView(
            field,
            gettext(FIELDS[field]),
            None if row.kind == CREATE else shown(field, old, categories),
            shown(field, new, categories),
            till_price(row.item.want) if field == PRICE and row.item.want else None,
        )
        for field, old, new in row.fields
        if field != PHOTO_IDS and not (row.kind == CREATE and field in (NAME, AVAILABLE))
    ]


def sources_of(want: Desired, settings: Settings) -> str | None:
    """The stores of a good that several have: «Чайная и Склад · цена: Чайная · остаток всех»."""
    if len(want.goods) == 1:
        return None
    names = [good.store_name or good.store_id for good in want.goods]
    priced = price_source(want.goods)
    counted = stock_sources(want.goods, settings)
    price = priced.store_name or priced.store_id
    if len(counted) == len(names):
        told = gettext("цена: %(price)s, остаток всех вместе", price=price)
    elif len(counted) == 1 and counted[0] is priced:
        told = gettext("цена и остаток: %(price)s", price=price)
    else:
        stock = " + ".join(good.store_name or good.store_id for good in counted)
        told = gettext("цена: %(price)s, остаток: %(stock)s", price=price, stock=stock)
    return f"{' + '.join(names)} · {told}"


def _reasons(plan: Plan) -> list[BlockedFor]:
    return [BlockedFor(reason, count, way_on(reason)) for reason, count in plan.blocked_by_reason]


def _sections(user_id: int, plan: Plan, community_id: int, asked: PageAsked) -> list[Section]:
    kinds = [asked.kind] if asked.kind else [each for each in KINDS if plan.counts[each]]
    size = PAGE if asked.kind else PREVIEW
    pages = {kind: page_of_rows(plan, kind, size, asked.after, asked.reason) for kind in kinds}
    categories, stores = category_paths(community_id), store_names(user_id)
    goods = [(row.store_id, row.product_id) for page in pages.values() for row in page.rows]
    photos = first_photos(user_id, goods)

    def view(row: PlanRow) -> RowView:
        return RowView(
            row,
            field_views(row, categories),
            stores.get(row.store_id) if len(stores) > 1 else None,
            sources_of(row.item.want, plan.settings) if row.item.want else None,
            photos.get((row.store_id, row.product_id)),
            said_of(row.reason) if row.reason else "",
            way_on(row.reason) if row.kind == ASK and row.reason else None,
        )

    return [
        Section(
            kind, gettext(KINDS[kind]), plan.counts[kind], list(map(view, page.rows)), _link_after(page.after)
        )
        for kind, page in pages.items()
    ]


def read_place(after: str | None) -> Place | None:
    """Read the place that a link goes on from; raises BadCursor."""
    if after is None:
        return None
    parts = Cursor.decode(after).value.split(_SEPARATOR)
    if len(parts) != 3:
        raise BadCursor(after)
    name, store_id, product_id = parts
    return name, store_id, product_id


def _link_after(place: Place | None) -> str | None:
    return Cursor(_SEPARATOR.join(place), 0, 0).encode() if place else None
