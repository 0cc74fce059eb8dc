"""What stays as it was known where an answer does not say it: of all fields, here and nowhere else.

Evotor has a name, a type and a unit of every good, and whether it is sold: where none comes, it was left out,
not taken off. Else an id would be the title in VK, and wine, or what is not on sale, would go there. A store
and a group have names too.

Nor is stock taken off by silence: what was sold out would be on sale again. The owner is told of such goods;
where Evotor gives no stock any more, what becomes of goods that are out of it is theirs to choose. A service
has none that counts.

All else may be taken off a good, and is gone where none comes. Without a price it is not published, without
codes and a description it stands there by its name. Of groups that goods lose in bulk `regrouping` asks the
owner.
"""

from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select, update

from app.clients.evotor.client import Group, Store
from app.mirror.good_types import SERVICE
from app.mirror.models import CachedProduct, StagedProduct
from app.mirror.staging import REPLACES, Staging

_cached: Any = CachedProduct.__table__
_staged: Any = StagedProduct.__table__
_FIELDS = ("measure_name", "allow_to_sell", "product_type")
_NAMES = ("name", "sort_name")
_TYPE = func.coalesce(_staged.c.product_type, _cached.c.product_type, "")
_IS_STOCK_UNSAID = and_(_staged.c.quantity.is_(None), _cached.c.quantity.is_not(None), _TYPE != SERVICE)
# As the client calls what comes without a name.
_IS_NAMELESS = _staged.c.name == _staged.c.evotor_id
_IS_LEFT_OUT = or_(
    and_(_IS_NAMELESS, _cached.c.name != _staged.c.name),
    *(and_(_staged.c[field].is_(None), _cached.c[field].is_not(None)) for field in _FIELDS),
    _IS_STOCK_UNSAID,
)
_KEPT: dict[str, Any] = {
    **{field: func.coalesce(_staged.c[field], _cached.c[field]) for field in _FIELDS},
    **{name: case((_IS_NAMELESS, _cached.c[name]), else_=_staged.c[name]) for name in _NAMES},
    "quantity": case((_IS_STOCK_UNSAID, _cached.c.quantity), else_=_staged.c.quantity),
}
_COUNT_UNSAID = select(func.count()).where(REPLACES, _IS_STOCK_UNSAID)
_KEEPING = update(_staged).where(REPLACES, _IS_LEFT_OUT).values(_KEPT)


def is_nameless(one: Group | Store) -> bool:
    """Tell whether a group or a store came without a name."""
    return one.name == one.id


def keep_unsaid(connection: Connection, staging: Staging) -> int:
    """Give staged goods what the cache knows and their answer left out; tell of how many that was stock."""
    unsaid = connection.scalar(_COUNT_UNSAID, staging.place) or 0
    connection.execute(_KEEPING, staging.place)
    return unsaid
