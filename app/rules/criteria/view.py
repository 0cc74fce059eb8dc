"""The owner's conditions as their page shows them."""

from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import func, select

from app.data.db import db
from app.rules.criteria.words import ACTION_WORDS, criterion_words
from app.rules.decide import CRITERION
from app.rules.hoards import many_words_in_turn
from app.rules.policy import Policy
from app.rules.published import published_goods


class ConditionRow(NamedTuple):
    """A condition: what it does and when, in words, and about how many goods it decides at present."""

    key: str
    mode: str
    action: str
    words: str
    goods: int


def condition_rows(user_id: int, policy: Policy) -> list[ConditionRow]:
    """The conditions in their order; without any nothing is read."""
    counts = _decided_goods(user_id, policy) if policy.criteria else {}
    return [
        ConditionRow(
            criterion.key,
            criterion.mode,
            gettext(ACTION_WORDS[criterion.mode]).capitalize(),
            criterion_words(criterion),
            counts.get(criterion.key, 0),
        )
        for criterion in policy.criteria
    ]


def _decided_goods(user_id: int, policy: Policy) -> dict[str, int]:
    goods = published_goods(user_id, policy=policy, columns=()).order_by(None).subquery("goods")
    counted = (
        select(goods.c.ruled_id, func.count())
        .where(goods.c.ruled_type == CRITERION)
        .group_by(goods.c.ruled_id)
    )
    with many_words_in_turn(user_id, policy):
        return {key: count for key, count in db.session.execute(counted)}
