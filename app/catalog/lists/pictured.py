"""Pictures of a list's goods and of the groups around them, in the shape of what is read with these."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, bindparam, cast, literal, null, or_, select

from app.catalog.lists.everywhere import is_among, key
from app.catalog.lists.surroundings import USER_ID
from app.data.given import is_one_of
from app.publishing.photos.first import are_of_groups
from app.publishing.photos.models import GoodPhoto

OF_GOOD, OF_GROUP = "photo", "group photo"


def select_photos(store: Any, products: Any, product_ids: Any, groups: Sequence[Any]) -> list[Select[Any]]:
    """Two statements: kind, store_id, a picture's key, whose it is, its place.

    Of one store, or, where that is None, of the parameter `store_ids`. Products and groups are named as by
    `key`, in parameters or statements; `product_ids` are what the index is searched by.
    """
    of_store, own, lent = GoodPhoto.store_evotor_id, GoodPhoto.evotor_id, GoodPhoto.group_evotor_id
    in_stores = (
        of_store == store if store is not None else of_store.in_(bindparam("store_ids", expanding=True))
    )
    lend = or_(*(is_among(key(store, of_store, lent), each) for each in groups))
    asked: dict[str, tuple[Any, list[Any]]] = {
        OF_GOOD: (own, [is_one_of(own, product_ids), is_among(key(store, of_store, own), products)]),
        OF_GROUP: (lent, [are_of_groups(), lend]),
    }
    return [
        select(*columns, owner, cast(GoodPhoto.place, String), null()).where(
            GoodPhoto.user_id == USER_ID, in_stores, *conditions
        )
        for kind, (owner, conditions) in asked.items()
        for columns in [(literal(kind), of_store, GoodPhoto.photo_id)]
    ]
