"""Where an owner's views are kept."""

from sqlalchemy import JSON, ForeignKey, Select, select
from sqlalchemy.orm import Mapped, mapped_column

from app.data.base import Base
from app.rules.as_sql import UserId


class SavedViews(Base):
    """All views of one owner; each is a list of the parts of `app.catalog.views.kept.View`.

    One row, as they are few and every list of goods reads them, with a statement that it makes anyway.
    """

    __tablename__ = "saved_views"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    views: Mapped[list[list[str | None]]] = mapped_column(JSON, default=list)


def select_views(user_id: UserId) -> Select[list[list[str | None]]]:
    """The views of an owner as they are stored, no row where there are none."""
    return select(SavedViews.views).where(SavedViews.user_id == user_id)
