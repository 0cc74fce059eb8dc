"""How many of the published goods VK cannot have as things are: of a list, of stores, of groups."""

from typing import Any

from sqlalchemy import Select, func, select

from app.catalog.lists.address import ALL_STORES, GOODS, ListQuery
from app.catalog.lists.hits import hits_of
from app.catalog.lists.nesting import Groups, within_each
from app.catalog.lists.obstacles import obstacles_of, read_chosen
from app.catalog.lists.shelf import Shelf
from app.data.db import db
from app.data.engine import PLANNED_EACH_TIME
from app.data.given import all_texts
from app.mirror.models import CachedProduct
from app.rules.hoards import many_words_in_turn
from app.rules.policy import Policy

# As many as a community holds. Each of them is looked at, and of more nobody waits for it.
COUNTED_AT_MOST = 15_000
# The line above a list comes after the page; for the rows of stores and groups the page itself would wait.
COUNTED_IN_ROWS = 5_000

_goods = CachedProduct.__table__.c


def unready_within(
    user_id: int, policy: Policy, store_id: str | None, groups: Groups | None, counts: tuple[int, int]
) -> int | None:
    """Count them in the groups, in a store or in all; None where too many are published to be looked at.

    `counts` are of goods and of published goods there.
    """
    products, published = counts
    if published > COUNTED_AT_MOST:
        return None
    if not published:
        return 0
    chosen = read_chosen(user_id)
    store_ids = tuple(chosen.sizes) if store_id is None else ()
    obstacles = obstacles_of(user_id, chosen)
    found = _unready(Shelf(user_id, store_id, groups, products, policy, store_ids, obstacles))
    counted = select(func.count()).select_from(found)
    with many_words_in_turn(user_id, policy):
        return db.session.scalar(counted, execution_options=PLANNED_EACH_TIME) or 0


def unready_by_store(user_id: int, policy: Policy, counts: dict[str, tuple[int, int]]) -> dict[str, int]:
    """Count them in each store that has any; none where too many are published. `counts` are the stores'."""
    products, published = (sum(each) for each in zip(*counts.values(), strict=True)) if counts else (0, 0)
    if not 0 < published <= COUNTED_IN_ROWS:
        return {}
    obstacles = obstacles_of(user_id, read_chosen(user_id))
    found = _unready(Shelf(user_id, None, None, products, policy, tuple(counts), obstacles))
    counted: Select[Any] = (
        select(_goods.store_evotor_id, func.count())
        .join(found, found.c.id == _goods.id)
        .group_by(_goods.store_evotor_id)
    )
    with many_words_in_turn(user_id, policy):
        return dict(db.session.execute(counted, execution_options=PLANNED_EACH_TIME).all())


def unready_by_group(
    user_id: int, policy: Policy, store_id: str, counts: dict[str, tuple[int, int]]
) -> dict[str, int]:
    """Count them in each of the groups with those within it, as `counts` are counted.

    None in a store of more goods: those of a page of groups may be nearly all of them.
    """
    if not any(published for _, published in counts.values()):
        return {}
    chosen = read_chosen(user_id)
    if chosen.sizes.get(store_id, 0) > COUNTED_IN_ROWS:
        return {}
    obstacles = obstacles_of(user_id, chosen)
    inside = within_each(user_id, store_id, all_texts(counts, db.engine.dialect.name))
    found = _unready(Shelf(user_id, store_id, select(inside.c.evotor_id), 0, policy, (), obstacles))
    directly = (
        select(_goods.group_evotor_id, func.count().label("goods"))
        .join(found, found.c.id == _goods.id)
        .group_by(_goods.group_evotor_id)
        .subquery()
    )
    counted: Select[Any] = (
        select(inside.c.root_id, func.sum(directly.c.goods))
        .join(directly, directly.c.group_evotor_id == inside.c.evotor_id)
        .group_by(inside.c.root_id)
    )
    with many_words_in_turn(user_id, policy):
        rows = db.session.execute(counted, execution_options=PLANNED_EACH_TIME).all()
    return {group_id: int(goods) for group_id, goods in rows}


def _unready(shelf: Shelf) -> Any:
    query = ListQuery(ALL_STORES if shelf.store_id is None else GOODS, ready="no")
    return hits_of(shelf, query, query.sort).subquery("unready")
