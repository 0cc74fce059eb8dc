"""The owner's word on goods of several stores that bear one mark: one good, or several."""

from collections.abc import Collection, Mapping

from sqlalchemy import select

from app.data.db import db
from app.data.engine import insert_or_update
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.publishing.planning.good import Good, Key
from app.publishing.planning.merging import Answer
from app.publishing.settings.models import SameGoods


def answer(user_id: int, merge_by: str, goods: Mapping[str, Collection[Key]], *, is_one: bool) -> None:
    """Note that the `goods` that bear each of these marks are one, or are not. Does not commit."""
    moment = now()
    for some in in_parts(sorted(goods), VALUES_A_STATEMENT):
        said = {"user_id": user_id, "merge_by": merge_by, "is_one": is_one, "answered_at": moment}
        statement = insert_or_update(db.engine.dialect.name, SameGoods.__table__)
        # Two answers at once: the later one holds.
        statement = statement.on_conflict_do_update(
            index_elements=["user_id", "merge_by", "mark"],
            set_={name: statement.excluded[name] for name in ("is_one", "goods", "answered_at")},
        )
        rows = [{**said, "mark": mark, "goods": [list(key) for key in goods[mark]]} for mark in some]
        db.session.execute(statement, rows)


def answers_of(user_id: int, merge_by: str) -> dict[str, Answer]:
    """Read by mark whether the owner called goods of several stores one, and which."""
    columns = SameGoods.mark, SameGoods.is_one, SameGoods.goods
    rows = db.session.execute(select(*columns).filter_by(user_id=user_id, merge_by=merge_by))
    return {mark: _as_answer(is_one, goods) for mark, is_one, goods in rows}


def answered(user_id: int, merge_by: str, mark: str, good: Good) -> bool | None:
    """What the owner said of this good and others that bear its mark: whether they are one; None: nothing."""
    found = db.session.get(SameGoods, (user_id, merge_by, mark))
    said = found and _as_answer(found.is_one, found.goods)
    return said.is_one if said and said.is_about([good]) else None


def _as_answer(is_one: bool, goods: list[list[str]] | None) -> Answer:
    return Answer(is_one, None if goods is None else frozenset((store, good) for store, good in goods))
