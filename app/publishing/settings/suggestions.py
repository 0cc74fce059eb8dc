"""What VK's own search suggests as the category of a group: asked for its name, kept for a month."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select

from app.clients.vk.category_payload import Category
from app.data.db import db
from app.data.engine import insert_or_update
from app.data.types import now
from app.mirror.folding import fold
from app.publishing.settings.models import CategorySuggestion

KEPT = timedelta(days=30)
SHOWN = 3
# Shorter words are in the names of half of all categories.
_WORD = re.compile(r"[^\W\d_]{3,}")
_WORDS_ASKED = 3
_ENDING = 2


def asked_as(name: str) -> str:
    """The name of a group as its suggestions are kept by it."""
    return fold(name)[:255]


def suggestions_for(user_id: int, names: Iterable[str]) -> dict[str, list[int]]:
    """Read what VK found for names of groups, by folded name; absent: it was not asked of late."""
    wanted = {asked_as(name) for name in names}
    rows = db.session.execute(
        select(CategorySuggestion.name, CategorySuggestion.category_ids).where(
            CategorySuggestion.user_id == user_id,
            CategorySuggestion.name.in_(wanted),
            CategorySuggestion.asked_at > now() - KEPT,
        )
    )
    return {name: list(category_ids) for name, category_ids in rows}


def keep_suggestions(user_id: int, found: Mapping[str, Sequence[int]]) -> None:
    """Keep what VK found, by folded name. Does not commit."""
    table = CategorySuggestion.__table__
    for name, category_ids in found.items():
        statement = insert_or_update(db.engine.dialect.name, table).values(
            user_id=user_id, name=name, category_ids=list(category_ids), asked_at=now()
        )
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["user_id", "name"],
                set_={column: statement.excluded[column] for column in ("category_ids", "asked_at")},
            )
        )


def other_queries(name: str) -> list[str]:
    """What to ask for where VK knows nothing by the whole name: its longest words, without their endings."""
    words = sorted(_WORD.findall(name), key=len, reverse=True)[:_WORDS_ASKED]
    return [word if len(word) <= _ENDING + 2 else word[:-_ENDING] for word in dict.fromkeys(words)]


def leaves(categories: Iterable[Category]) -> list[int]:
    """The categories that a good can be in: those found by themselves, then those below the others."""
    categories = list(categories)
    found = dict.fromkeys(category.id for category in categories if not category.children)
    left = categories[::-1]
    while left:
        category = left.pop()
        if category.children:
            left += reversed(category.children)
        else:
            found[category.id] = None
    return list(found)
