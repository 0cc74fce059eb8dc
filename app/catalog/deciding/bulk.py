"""One rule for many rows: those ticked, or all that the list finds."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, null

from app.catalog.lists.address import NO_RULE, BadQuery, ListQuery
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.rules.changes.plan import BULK, plan
from app.rules.decide import GROUP, MODES, PRODUCT, STORE
from app.rules.models import RuleChange

_NOUNS = {STORE: "магазины", GROUP: "группы", PRODUCT: "товары"}
_RESULTS = {"published": "публикуется", "hidden": "не публикуется"}
_RULES = {"include": "включено", "exclude": "исключено", "none": "нет правила"}
_SALES = {"yes": "в продаже", "no": "нет в продаже"}


class FoundRows(NamedTuple):
    """The rows of a list: their kind, the statement that finds them, and the place in words."""

    entity_type: str
    statement: Select[Any]
    place: str


def plan_bulk(
    user_id: int, found: FoundRows, query: ListQuery, mode: str, ticked: Collection[int] | None
) -> RuleChange:
    """Plan one rule for the rows with the `ticked` numbers, or (None) for every row of the list.

    Raises BadQuery for an unknown mode. Does not commit.
    """
    if mode not in (*MODES, NO_RULE):
        raise BadQuery("Поле filter_mode должно быть include, exclude или none.")
    statement = _as_rules(found)
    if ticked is not None:
        statement = statement.where(_MODELS[found.entity_type].id.in_(ticked))
    title = _title(found, query, is_ticked=ticked is not None)
    return plan(user_id, BULK, title, selected=(statement, None if mode == NO_RULE else mode))


_MODELS: dict[str, Any] = {STORE: CachedStore, GROUP: CachedGroup, PRODUCT: CachedProduct}


def _as_rules(found: FoundRows) -> Select[Any]:
    """The rows as `changes.plan` takes them."""
    model = _MODELS[found.entity_type]
    store_id = model.evotor_id if found.entity_type == STORE else model.store_evotor_id
    parent_id: Any = {
        STORE: null(),
        GROUP: CachedGroup.store_evotor_id,
        PRODUCT: CachedProduct.group_evotor_id,
    }[found.entity_type]
    return found.statement.with_only_columns(
        literal(found.entity_type).label("entity_type"),
        store_id.label("store_evotor_id"),
        model.evotor_id.label("entity_id"),
        model.name.label("entity_name"),
        parent_id.label("parent_entity_id"),
    )


def _title(found: FoundRows, query: ListQuery, *, is_ticked: bool) -> str:
    noun = _NOUNS[found.entity_type]
    if is_ticked:
        return f"Отмеченные {noun}: {found.place}"
    conditions = [
        f"поиск «{query.q}»" if query.q else "",
        _RESULTS.get(query.result or "", ""),
        _RULES.get(query.rule or "", ""),
        _SALES.get(query.on_sale or "", ""),
    ]
    return f"Все найденные {noun}: " + ", ".join([found.place, *filter(None, conditions)])
