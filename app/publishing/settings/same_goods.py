"""The owner's word on goods of several stores that bear one mark: one good, or several."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, or_, select

from app.data.db import db
from app.data.engine import insert_or_update
from app.data.parts import VALUES_A_STATEMENT, in_parts
from app.data.types import now
from app.publishing.planning.good import Key
from app.publishing.planning.joins import Answer, name_of
from app.publishing.settings.models import SameGoods

_table = SameGoods.__table__
_A_MOMENT = timedelta(microseconds=1)
_ANSWERS = (
    select(SameGoods.mark, SameGoods.is_one, SameGoods.goods)
    .filter_by(user_id=bindparam("user_id"), merge_by=bindparam("merge_by"))
    .order_by(SameGoods.answered_at, SameGoods.mark)
)


def answer(user_id: int, merge_by: str, goods: Mapping[str, Collection[Key]], *, is_one: bool) -> None:
    """Note that the `goods` that bear each of these marks are one, or are not. Does not commit."""
    whose = {"user_id": user_id, "merge_by": merge_by}
    last = db.session.scalar(select(func.max(SameGoods.answered_at)).filter_by(**whose))
    # The later word holds, also where the clock has been set back since the one before.
    said = {**whose, "is_one": is_one, "answered_at": max(now(), last + _A_MOMENT) if last else now()}
    for marks in in_parts(sorted(goods), VALUES_A_STATEMENT):
        before = db.session.scalars(
            select(SameGoods).filter_by(**whose).where(SameGoods.mark.in_(marks))
        ).all()
        # What was said of other goods, which bore a mark before, holds on.
        kept = [
            {**whose, "mark": name_of(about), "is_one": each.is_one, "goods": each.goods}
            | {"answered_at": each.answered_at}
            for each in before
            if (about := _keys(each.goods)) and not about.issubset(goods[each.mark])
        ]
        _write(kept, only_later=True)
        _write([{**said, "mark": mark, "goods": [list(key) for key in goods[mark]]} for mark in marks])


def answers_of(user_id: int, merge_by: str) -> dict[str, Answer]:
    """Read by mark whether the owner called goods of several stores one, and which; the oldest word first."""
    rows = db.session.execute(_ANSWERS, {"user_id": user_id, "merge_by": merge_by})
    return {mark: Answer(is_one, _keys(goods)) for mark, is_one, goods in rows}


def answered(
    user_id: int, merge_by: str, marks: Sequence[str], good: Key, listed: Collection[Key] = ()
) -> bool | None:
    """What the owner said last of a good, whatever it bears since, and of those that bear its `marks`.

    Whether they are one; None: nothing. `listed` are those behind one listing with it: then a word about any
    of them.
    """
    # Another store may have a good of this very id.
    named = cast(SameGoods.goods, Text).contains(json.dumps(good[1]), autoescape=True)
    rows = db.session.execute(
        select(SameGoods.is_one, SameGoods.goods)
        .filter_by(user_id=user_id, merge_by=merge_by)
        .where(or_(SameGoods.mark.in_(marks[:VALUES_A_STATEMENT]), named))
        .order_by(SameGoods.answered_at.desc())
    )
    said = (Answer(is_one, _keys(goods)) for is_one, goods in rows)
    about = (each for each in said if each.is_about(good) and (not listed or any(map(each.is_about, listed))))
    return next((each.is_one for each in about), None)


def _write(rows: list[dict[str, Any]], *, only_later: bool = False) -> None:
    statement = insert_or_update(db.engine.dialect.name, _table)
    statement = statement.on_conflict_do_update(
        index_elements=["user_id", "merge_by", "mark"],
        set_={name: statement.excluded[name] for name in ("is_one", "goods", "answered_at")},
        where=_table.c.answered_at < statement.excluded.answered_at if only_later else None,
    )
    if rows:
        db.session.execute(statement, rows)


def _keys(goods: Iterable[Sequence[str]] | None) -> frozenset[Key] | None:
    return None if goods is None else frozenset((store_id, good_id) for store_id, good_id in goods)
