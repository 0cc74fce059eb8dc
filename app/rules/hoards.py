"""Hoards of rules, steps of their history, words of conditions: what goes through one waits for its turn."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import Select, func, select

from app.data.db import db
from app.mirror.big_shops import big_shop_in_turn
from app.rules.as_sql import config_key
from app.rules.criteria.criterion import WORD
from app.rules.models import RuleChange, SyncFilter
from app.rules.policy import Policy
from app.web.turns import in_turn

# So many names are read in some hundredths of a second.
MANY = 5_000
# More words of conditions take seconds for names that are made to hold them.
MANY_WORDS = 20


def many_rules_in_turn(user_id: int) -> AbstractContextManager[None]:
    """Enter it around what searches all of an owner's rules; who has few goes on at once.

    Raises 429 when others are in front for too long.
    """
    return _in_turn(user_id, select(SyncFilter.id).where(SyncFilter.sync_config_id == config_key(user_id)))


def many_steps_in_turn(user_id: int) -> AbstractContextManager[None]:
    """The same around what searches all that an owner ever changed."""
    return _in_turn(user_id, select(RuleChange.id).where(RuleChange.user_id == user_id))


def many_words_in_turn(user_id: int, policy: Policy) -> AbstractContextManager[None]:
    """The same around what asks the conditions of a policy of all goods of a big shop; few words go on."""
    words = sum(len(criterion.words) for criterion in policy.criteria if criterion.kind == WORD)
    return big_shop_in_turn(user_id) if words > MANY_WORDS else nullcontext()


def _in_turn(user_id: int, hoard: Select[Any]) -> AbstractContextManager[None]:
    # No further than it takes to know.
    counted = db.session.scalar(select(func.count()).select_from(hoard.limit(MANY + 1).subquery())) or 0
    return in_turn(user_id) if counted > MANY else nullcontext()
