"""What pictures belong to: a good, or a group whose goods have none of their own."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, select

from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct
from app.publishing.photos.models import GoodPhoto


class Subject(NamedTuple):
    """A good or a group by Evotor's ids: exactly one of `product_id` and `group_id` is set."""

    store_id: str
    product_id: str | None = None
    group_id: str | None = None

    @property
    def address(self) -> dict[str, Any]:
        """The fields that name it in addresses and forms."""
        if self.product_id is not None:
            return {"store_id": self.store_id, "product_id": self.product_id}
        return {"store_id": self.store_id, "group_id": self.group_id or ""}

    def owns(self, user_id: int) -> ColumnElement[bool]:
        """Pick its rows of `good_photos`."""
        return and_(
            GoodPhoto.user_id == user_id,
            GoodPhoto.store_evotor_id == self.store_id,
            GoodPhoto.evotor_id == self.product_id,
            GoodPhoto.group_evotor_id == self.group_id,
        )


def name_of(user_id: int, subject: Subject) -> str | None:
    """Read the name of the owner's good or group; None when the catalogue holds none of this id."""
    model: Any = CachedGroup if subject.product_id is None else CachedProduct
    evotor_id = subject.product_id or subject.group_id
    named = select(model.name).filter_by(
        user_id=user_id, store_evotor_id=subject.store_id, evotor_id=evotor_id
    )
    return db.session.scalar(named)
