"""Questions about listings as the page shows them."""

from collections.abc import Iterable
from typing import NamedTuple

from flask import render_template
from flask_babel import gettext

from app.publishing.pages.plan_view import FieldView, field_views
from app.publishing.planning.existing import DESCRIPTION, NAME, PHOTOS
from app.publishing.planning.plan import Item, Plan
from app.publishing.planning.reasons import DELETED_IN_VK, EDITED_IN_VK
from app.publishing.planning.rows import PlanRow
from app.publishing.questions import questions_of
from app.publishing.settings.categories import category_paths
from app.rules.models import RuleChange
from app.web.shown import mark_of
from app.words import gettext_noop

SHOWN = 50
_PHOTOS_OF_VK = gettext_noop("свои")
# What the till says of a good. Photos, the category and albums are chosen here.
_OF_TILL = (NAME, DESCRIPTION)


class Source(NamedTuple):
    """Where the values come from that VK's stand against: `взять из кассы`; `в кассе` of a single field."""

    taken_from: str
    place: str


TILL_VALUES = Source(gettext_noop("из кассы"), gettext_noop("в кассе"))
OWN_VALUES = Source(gettext_noop("из Витрины"), gettext_noop("в Витрине"))
BOTH = Source(gettext_noop("из кассы и Витрины"), gettext_noop("у вас"))


class EditedView(NamedTuple):
    """A listing that was edited in VK: each field with VK's value before, ours after, and whence ours is."""

    item: Item
    fields: list[tuple[FieldView, Source]]
    source: Source


class QuestionsView(NamedTuple):
    """The first questions of each kind, and how many there are; `said` is about what was just answered.

    `change` is the step of the rules' history that the answer made.
    """

    edited: list[EditedView]
    edited_source: Source
    deleted: list[Item]
    edited_total: int
    deleted_total: int
    edited_mark: str
    deleted_mark: str
    said: str | None = None
    change: RuleChange | None = None


def questions_view(
    plan: Plan | None, community_id: int, said: str | None = None, change: RuleChange | None = None
) -> QuestionsView:
    """Describe what a plan asks about listings that are, or were, in VK."""
    rows = questions_of(plan)
    edited = [row for row in rows if row.reason == EDITED_IN_VK]
    deleted = [row.item for row in rows if row.reason == DELETED_IN_VK]
    paths = category_paths(community_id)
    return QuestionsView(
        [EditedView(row.item, _values(row, paths), source_of([row])) for row in edited[:SHOWN]],
        source_of(edited),
        deleted[:SHOWN],
        len(edited),
        len(deleted),
        mark_of(map(asked_in, edited)),
        mark_of(asked_in(row) for row in rows if row.reason == DELETED_IN_VK),
        said,
        change,
    )


def asked_in(row: PlanRow) -> str:
    """What a question is about: the listing, and the values to choose from."""
    return f"{row.item.sku} {row.item.changes}" if row.reason == EDITED_IN_VK else row.item.sku


def source_of(rows: Iterable[PlanRow]) -> Source:
    """Where all the values come from that these questions offer instead of VK's."""
    of_till = {field in _OF_TILL for row in rows for field, *_ in row.fields}
    if len(of_till) > 1:
        return BOTH
    return TILL_VALUES if True in of_till else OWN_VALUES


def _values(row: PlanRow, paths: dict[int, str]) -> list[tuple[FieldView, Source]]:
    """Both values of each field; whose photos VK shows is not known by their number."""
    return [
        (
            view._replace(before=gettext(_PHOTOS_OF_VK)) if view.field == PHOTOS else view,
            TILL_VALUES if view.field in _OF_TILL else OWN_VALUES,
        )
        for view in field_views(row, paths)
    ]


def questions_fragment(view: QuestionsView) -> str:
    """The part of the page that each answer replaces."""
    return render_template("publishing/_questions.html", questions=view)
