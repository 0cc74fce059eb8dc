"""How many goods lie in each group, counted so that no page has to."""

from sqlalchemy import Connection, delete, func, insert, literal, select

from app.mirror.models import CachedProduct, GroupSize


def count_in_groups(connection: Connection, user_id: int, store_id: str) -> None:
    """Count the store's goods per group anew."""
    in_store = {"user_id": user_id, "store_evotor_id": store_id}
    # As the index has the groups: to sort a million goods anew took SQLite as much memory as its pages do.
    sizes = (
        select(CachedProduct.group_evotor_id, func.count().label("products"))
        .filter_by(**in_store)
        .group_by(CachedProduct.group_evotor_id)
        .subquery("sizes")
    )
    group_id = func.coalesce(sizes.c.group_evotor_id, "")
    counted = select(literal(user_id), literal(store_id), group_id, func.sum(sizes.c.products)).group_by(
        group_id
    )
    connection.execute(delete(GroupSize).filter_by(**in_store))
    connection.execute(
        insert(GroupSize).from_select(["user_id", "store_evotor_id", "group_evotor_id", "products"], counted)
    )
