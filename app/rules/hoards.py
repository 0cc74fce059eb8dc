"""Hoards of rules, steps of their history, words of conditions: what goes through one waits for its turn."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import has_request_context
from sqlalchemy import Select, func, select

from app.data.db import db
from app.mirror.big_shops import goods_of_shop, slowed_by
from app.mirror.holding import overlap
from app.rules.as_sql import config_key
from app.rules.criteria.criterion import WORD
from app.rules.models import RuleChange, SyncFilter
from app.rules.policy import Policy
from app.rules.read import policy_of
from app.web.turns import in_turn

# So many names are read in some hundredths of a second.
MANY = 5_000
# What may take longer for the words of conditions waits: microseconds of one look at all goods.
MOST_MICROSECONDS = 500_000
# For a shop of fewer goods no conditions take that long.
_FEW_GOODS = 300
# What a word takes for a name of the most letters, measured: something always, and more for each byte that is
# read again: it is compared from its end, anew at each letter. A name that holds one is taken apart, a long
# one in 44, a usual one in 8; but few usual ones hold any.
_LONGEST_NAME = 255
_OF_WORD, _OF_BYTE, _OF_NAME = 0.2, 0.00033, 10


def many_rules_in_turn(user_id: int) -> AbstractContextManager[None]:
    """Enter it around what searches all of an owner's rules; who has few goes on at once.

    Raises 429 when others are in front for too long.
    """
    return _in_turn(user_id, select(SyncFilter.id).where(SyncFilter.sync_config_id == config_key(user_id)))


def many_steps_in_turn(user_id: int) -> AbstractContextManager[None]:
    """The same around what searches all that an owner ever changed."""
    return _in_turn(user_id, select(RuleChange.id).where(RuleChange.user_id == user_id))


def many_words_in_turn(user_id: int, policy: Policy) -> AbstractContextManager[None]:
    """The same around what asks the conditions of a policy of all goods; few words of few goods go on."""
    takes = _microseconds(policy) if has_request_context() else 0
    is_much = takes and takes * goods_of_shop(user_id) > MOST_MICROSECONDS
    return in_turn(user_id) if is_much else nullcontext()


def own_words_in_turn(user_id: int) -> AbstractContextManager[None]:
    """The same by the conditions that the owner has, before what changes rules holds them."""
    return many_words_in_turn(user_id, policy_of(user_id))


@slowed_by
def _has_laborious_words(user_id: int, goods: int) -> bool:
    return goods > _FEW_GOODS and _microseconds(policy_of(user_id)) * goods > MOST_MICROSECONDS


def _microseconds(policy: Policy) -> float:
    """What its words may take for one good."""
    of_words = [criterion for criterion in policy.criteria if criterion.kind == WORD]
    # Whole words are looked for as parts before.
    takes = sum((2 - each.is_part) * sum(map(_of_word, each.words)) for each in of_words)
    return takes + (0 if all(each.is_part for each in of_words) else _OF_NAME)


def _of_word(word: str) -> float:
    bytes_again = len(word.encode()) / len(word) * (overlap(word) + 1)
    return _OF_WORD + _OF_BYTE * bytes_again * max(0, _LONGEST_NAME - len(word))


def _in_turn(user_id: int, hoard: Select[Any]) -> AbstractContextManager[None]:
    # No further than it takes to know.
    counted = db.session.scalar(select(func.count()).select_from(hoard.limit(MANY + 1).subquery())) or 0
    return in_turn(user_id) if counted > MANY else nullcontext()
