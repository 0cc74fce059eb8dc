"""The owner's word on goods of several stores that bear one mark: one good, or several."""

from collections.abc import Collection

from sqlalchemy import delete, insert

from app.data.db import db
from app.data.types import now
from app.publishing.settings.models import SameGoods

# A database takes so many values in one statement.
_MARKS_A_STATEMENT = 500


def answer(user_id: int, merge_by: str, marks: Collection[str], *, is_one: bool) -> None:
    """Note that the goods that bear each of these marks are one, or are not. Does not commit."""
    ordered = sorted(marks)
    moment = now()
    for first in range(0, len(ordered), _MARKS_A_STATEMENT):
        some = ordered[first : first + _MARKS_A_STATEMENT]
        place = {"user_id": user_id, "merge_by": merge_by}
        db.session.execute(delete(SameGoods).filter_by(**place).where(SameGoods.mark.in_(some)))
        rows = [{**place, "mark": mark, "is_one": is_one, "answered_at": moment} for mark in some]
        db.session.execute(insert(SameGoods), rows)
