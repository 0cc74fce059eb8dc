"""Questions about listings as the page shows them."""

from typing import NamedTuple

from flask import render_template

from app.publishing.pages.plan_view import FieldView, field_views
from app.publishing.pages.words import FIELDS
from app.publishing.planning.existing import PHOTOS
from app.publishing.planning.plan import Item, Plan
from app.publishing.planning.reasons import DELETED_IN_VK, EDITED_IN_VK
from app.publishing.planning.rows import PlanRow
from app.publishing.questions import questions_of
from app.publishing.settings.categories import category_paths
from app.rules.models import RuleChange

SHOWN = 50
_PHOTOS_OF_VK = "те, что во ВКонтакте"


class EditedView(NamedTuple):
    """A listing that was edited in VK: each field with VK's value before, the till's after."""

    item: Item
    fields: list[FieldView]


class QuestionsView(NamedTuple):
    """The first questions of each kind, and how many there are; `said` is about what was just answered.

    `change` is the step of the rules' history that the answer made.
    """

    edited: list[EditedView]
    deleted: list[Item]
    edited_total: int
    deleted_total: int
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
        [EditedView(row.item, _values(row, paths)) for row in edited[:SHOWN]],
        deleted[:SHOWN],
        len(edited),
        len(deleted),
        said,
        change,
    )


def _values(row: PlanRow, paths: dict[int, str]) -> list[FieldView]:
    """Both values of each field; whose photos VK shows is not known by their number."""
    return [
        view._replace(before=_PHOTOS_OF_VK) if view.name == FIELDS[PHOTOS] else view
        for view in field_views(row, paths)
    ]


def questions_fragment(view: QuestionsView) -> str:
    """The part of the page that each answer replaces."""
    return render_template("publishing/_questions.html", questions=view)
