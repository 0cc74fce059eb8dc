"""Searches that may read all goods of a shop, or names again at each letter: these wait for their turn."""

from contextlib import AbstractContextManager, nullcontext

from app.mirror.big_shops import big_shop_in_turn, many_goods_in_turn
from app.mirror.holding import overlap
from app.mirror.search import is_indexed, words_of
from app.web.turns import in_turn

# A word that has so much in common with itself, moved on, is read again and again; hardly any real one has.
_MUCH_IN_COMMON = 8


def search_in_turn(
    user_id: int, q: str, *, reads_all: bool = False, goods: int | None = None
) -> AbstractContextManager[None]:
    """Enter it around a search for `q`, "" for none; what an index answers, and a small shop, go on at once.

    reads_all: all goods may be read for another reason; `goods`: how many there are, where that is known.
    Raises 429 when others are in front for too long.
    """
    if any(overlap(word) >= _MUCH_IN_COMMON for word in words_of(q)):
        return in_turn(user_id)
    reads_all = reads_all or (bool(q) and not is_indexed(q))
    if not reads_all:
        return nullcontext()
    return big_shop_in_turn(user_id) if goods is None else many_goods_in_turn(user_id, goods)
