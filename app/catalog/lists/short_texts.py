"""Goods whose name or description VK would find too short: the plan's own word on those that may be.

To tell it of all, each text would have to be made plain. An index finds the names that may be too short. A
description is looked at where the owner's template may leave it short, if it is short as the till has it.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from app.data.db import db
from app.mirror.big_shops import turn_once_big
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.mirror.odd_names import ODD_NAME, is_odd
from app.publishing.descriptions import Descriptions, has_markup
from app.publishing.planning.choosing import GroupTree
from app.publishing.planning.desired import Shop
from app.publishing.planning.good import Good
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import Settings
from app.publishing.planning.templates import PLACEHOLDERS, TemplateError, read_template
from app.publishing.planning.texts import DESCRIPTION_MIN, plain

if TYPE_CHECKING:
    from app.catalog.lists.shelf import Good as ListGood

# As many as a community holds; of more nothing is said.
MOST = 15_000
_ROWS_A_CHUNK = 100

_goods = CachedProduct.__table__.c


def short_texts_of_page(
    user_id: int, settings: Settings, groups: GroupTree, goods: Iterable["ListGood"]
) -> dict[int, Reason]:
    """The same of the goods of a page; no statement where none of them may be so."""
    are_all = _may_leave_short(settings.description_template)
    numbers = [good.id for good in goods if are_all or is_odd(good.name)]
    return short_texts(user_id, settings, groups, numbers) if numbers else {}


def short_texts(
    user_id: int, settings: Settings, groups: GroupTree, numbers: Collection[int] | None = None
) -> dict[int, Reason]:
    """Why goods cannot be added for one of their texts, by the table's keys; of all goods or of `numbers`.

    Nothing while a template cannot be used. One statement; 429 when there is much to be cleaned and others
    are in front.
    """
    try:
        shop = Shop(settings, groups)
    except TemplateError:
        return {}
    statement = _select(user_id, settings)
    if numbers is not None:
        statement = statement.where(_goods.id.in_(numbers))
    found = {}
    with turn_once_big(user_id) as take_turn:
        texts = Descriptions(take_turn)
        rows = db.session.connection().execute(statement, execution_options={"yield_per": _ROWS_A_CHUNK})
        for row in rows:
            good = Good(**row._asdict())
            if has_markup(good.name):
                texts.count(good.name)
            listing = shop.listing(good._replace(description=texts.short(good.text)))
            if (reason := listing.short_text) is not None:
                found[good.number] = reason
    return found


def _select(user_id: int, settings: Settings) -> Select[Any]:
    """The goods that may be so, with what their texts are made of."""
    store = select(CachedStore.name).where(
        CachedStore.user_id == user_id, CachedStore.evotor_id == _goods.store_evotor_id
    )
    group = select(CachedGroup.name).where(
        CachedGroup.user_id == user_id,
        CachedGroup.store_evotor_id == _goods.store_evotor_id,
        CachedGroup.evotor_id == _goods.group_evotor_id,
    )
    facts = {
        "number": _goods.id,
        "store_id": _goods.store_evotor_id,
        "product_id": _goods.evotor_id,
        "name": _goods.name,
        "type": _goods.product_type,
        "price": _goods.price,
        "quantity": _goods.quantity,
        "unit": _goods.measure_name,
        "group_id": _goods.group_evotor_id,
        "group_name": group.scalar_subquery(),
        "code": _goods.code,
        "article": _goods.article_number,
        "barcodes": _goods.barcodes,
        "description": _goods.description,
        "store_name": store.scalar_subquery(),
    }
    may_be: ColumnElement[bool] = text(f"({ODD_NAME})")  # type: ignore[assignment]
    if _may_leave_short(settings.description_template):
        may_be = or_(may_be, _has_few_words(settings))
    columns = (column.label(name) for name, column in facts.items())
    return select(*columns).where(_goods.user_id == user_id, may_be).limit(MOST)


def _has_few_words(settings: Settings) -> ColumnElement[bool]:
    is_short = or_(_goods.description.is_(None), func.length(_goods.description) < DESCRIPTION_MIN)
    if "name" not in read_template(settings.description_template).placeholders:
        return is_short
    # A name within a template does not get shorter.
    return and_(is_short, func.length(_goods.sort_name) < DESCRIPTION_MIN)


@lru_cache(maxsize=1024)
def _may_leave_short(template: str) -> bool:
    """Whether a template of descriptions can give less than VK takes; every store has a name."""
    try:
        least = read_template(template).fill(dict.fromkeys(PLACEHOLDERS, "") | {"store": "x"})
    except TemplateError:
        return False
    return len(plain(least)) < DESCRIPTION_MIN
