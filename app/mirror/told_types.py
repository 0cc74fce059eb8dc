"""Whether Evotor tells an owner what its goods are, and what then comes without a type.

That may be what VK forbids: it is marked, and waits for its type. Where most goods have none, one that has
none is an ordinary one: only `id` and `name` are sure to come.
"""

from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from app.mirror.good_types import UNTOLD
from app.mirror.models import CachedProduct, StagedProduct
from app.mirror.staging import IS_NEW, Staging

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__


class ToldTypes:
    """The goods of an owner, with a type and without, over the stores of one run.

    They are counted once, before the first new good without a type is written, and never for most runs.
    """

    def __init__(self, user_id: int) -> None:
        self._user_id = user_id
        self._counted: tuple[int, int] | None = None
        self._last_before = 0
        # Before this run: however many come without one now, Evotor has left them out.
        self._were_told = False
        self._are_ordinary = False

    def mark_untold(self, connection: Connection, staging: Staging) -> None:
        """Mark new goods without a type, if most have one: the staged ones, and those of this run's stores
        before, which came while it was not known."""
        typed, untyped = staging.new_typed, staging.new_untyped
        if untyped and self._counted is None:
            self._count(connection)
        if self._counted is None:
            return
        typed, untyped = self._counted = self._counted[0] + typed, self._counted[1] + untyped
        if typed <= untyped and not self._were_told:
            self._are_ordinary = True
            return
        if staging.new_untyped:
            are_untyped = update(_staged).where(IS_NEW, _staged.c.product_type.is_(None))
            connection.execute(are_untyped.values(product_type=UNTOLD), staging.place)
        if self._are_ordinary:
            self._are_ordinary = False
            came = and_(_cached.c.user_id == self._user_id, _cached.c.id > self._last_before)
            is_untold = and_(came, _cached.c.product_type.is_(None))
            connection.execute(update(_cached).where(is_untold).values(product_type=UNTOLD))

    def _count(self, connection: Connection) -> None:
        typed = func.count().filter(_cached.c.product_type != UNTOLD)
        numbers = select(typed, func.count(), func.max(_cached.c.id)).where(
            _cached.c.user_id == self._user_id
        )
        told, goods, last = connection.execute(numbers).one()
        self._counted, self._last_before = (told, goods - told), last or 0
        self._were_told = told > goods - told
