"""One rule for many rows: those ticked, or all that the list finds."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, String, cast, func, literal, null

from app.catalog.lists.address import PRODUCT_SORTS, ListQuery
from app.catalog.lists.products import as_found
from app.catalog.lists.shelf import select_products, shelf_at
from app.catalog.lists.stores_and_groups import select_groups, select_stores
from app.catalog.lists.surroundings import find_group, find_store
from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.rules.changes.conditions import Condition, Whole, finds, widens
from app.rules.changes.plan import BULK, plan
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.models import RuleChange
from app.rules.read import Target
from app.web.formatting import quoted
from app.words import Sentence, gettext_noop, join_sentences

_TICKED = {
    STORE: gettext_noop("Отмеченные магазины"),
    GROUP: gettext_noop("Отмеченные группы"),
    PRODUCT: gettext_noop("Отмеченные товары"),
}
_FOUND = {
    STORE: gettext_noop("Все найденные магазины"),
    GROUP: gettext_noop("Все найденные группы"),
    PRODUCT: gettext_noop("Все найденные товары"),
}
_RESULTS = {"published": gettext_noop("публикуется"), "hidden": gettext_noop("не публикуется")}
_RULES = {
    "include": gettext_noop("включено"),
    "exclude": gettext_noop("исключено"),
    "none": gettext_noop("нет правила"),
}
_SALES = {"yes": gettext_noop("в продаже"), "no": gettext_noop("нет в продаже")}
_NEWS = {"new": gettext_noop("новые"), "price": gettext_noop("изменилась цена")}
_IN_VK = {
    "live": gettext_noop("в магазине ВКонтакте"),
    "hidden": gettext_noop("скрыто во ВКонтакте"),
    "waiting": gettext_noop("ждёт отправки во ВКонтакте"),
    "failed": gettext_noop("не получилось опубликовать"),
}

_MODELS: dict[str, Any] = {STORE: CachedStore, GROUP: CachedGroup, PRODUCT: CachedProduct}
_OF_LIST = "rows of a list"


class FoundRows(NamedTuple):
    """The rows of a list: their kind, and the place in words, empty where the kind says it all."""

    entity_type: str
    place: str


def plan_bulk(
    user_id: int, found: FoundRows, query: ListQuery, mode: str | None, ticked: Collection[int] | None
) -> RuleChange:
    """Plan one rule for the rows with the `ticked` numbers, or (None) for every row of the list.

    Rows that come into the list for the first time after this are not meant: nobody has seen them. Without a
    mode their rules are taken off. Does not commit.
    """
    fields = dict(query.hidden_fields())
    condition = Condition(
        _OF_LIST,
        {
            "entity_type": found.entity_type,
            "list": fields,
            "ticked": None if ticked is None else list(ticked),
            "until": _last_of(user_id, found.entity_type, fields) if ticked is None else None,
            "mode": mode,
        },
    )
    title = _title(found, query, is_ticked=ticked is not None)
    return plan(user_id, BULK, title, condition=condition)


@finds(_OF_LIST)
def rules_of_list(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """The rules of a plan over a list, as `app.rules.changes.conditions` wants them."""
    entity_type, mode, ticked = arguments["entity_type"], arguments["mode"], arguments["ticked"]
    model = _MODELS[entity_type]
    store_id = model.evotor_id if entity_type == STORE else model.store_evotor_id
    parent_id: Any = {
        STORE: null(),
        GROUP: CachedGroup.store_evotor_id,
        PRODUCT: CachedProduct.group_evotor_id,
    }[entity_type]
    statement = _select(user_id, entity_type, arguments["list"])
    if ticked is not None:
        statement = statement.where(model.id.in_(ticked))
    elif (until := arguments.get("until")) is not None:
        statement = statement.where(model.id <= until)
    return statement.with_only_columns(
        literal(entity_type).label("entity_type"),
        store_id.label("store_evotor_id"),
        model.evotor_id.label("entity_id"),
        model.name.label("entity_name"),
        cast(parent_id, String).label("parent_entity_id"),
        cast(null() if mode is None else literal(mode), String).label("mode"),
    )


@widens(_OF_LIST)
def whole_of_list(user_id: int, arguments: Mapping[str, Any]) -> Whole | None:
    """The store or the group whose goods, all of them, a plan over a list shall include or exclude."""
    entity_type, mode, fields = arguments["entity_type"], arguments["mode"], arguments["list"]
    if entity_type != PRODUCT or mode is None or arguments["ticked"] is not None:
        return None
    query = ListQuery.parse(fields, "catalog.products", sorts=PRODUCT_SORTS)
    if query.is_narrowed or not query.is_nested:
        return None
    store_id, group_id = fields.get("store_id"), fields.get("group_id")
    if store_id is None:
        # Of all stores: there is no rule for so much.
        return None
    if group_id is None:
        store = find_store(user_id, store_id)
        return Whole(Target(STORE, store_id, store_id, store.name, None), mode) if store else None
    group = find_group(user_id, store_id, group_id)
    return Whole(Target(GROUP, group_id, store_id, group.name, store_id), mode) if group else None


def _last_of(user_id: int, entity_type: str, fields: Mapping[str, str]) -> int:
    """The greatest key among the rows of a list, 0 for none: what comes later has a greater one."""
    last = func.max(_MODELS[entity_type].id)
    statement = _select(user_id, entity_type, fields).with_only_columns(last).order_by(None)
    return db.session.scalar(statement) or 0


def _select(user_id: int, entity_type: str, fields: Mapping[str, str]) -> Select[Any]:
    """The statement of a list whose state is given as form fields."""
    endpoint = f"catalog.{entity_type}s"
    if entity_type == STORE:
        return select_stores(user_id, ListQuery.parse(fields, endpoint))
    if entity_type == GROUP:
        return select_groups(user_id, fields["store_id"], ListQuery.parse(fields, endpoint))
    query = ListQuery.parse(fields, endpoint, sorts=PRODUCT_SORTS)
    # Without a store the list is of all of them.
    shelf = shelf_at(user_id, fields.get("store_id"), fields.get("group_id"), query)
    return select_products(shelf, as_found(shelf, query))


def _title(found: FoundRows, query: ListQuery, *, is_ticked: bool) -> Sentence:
    if is_ticked:
        return join_sentences(": ", [Sentence(_TICKED[found.entity_type]), found.place])
    conditions = (
        _RESULTS.get(query.result or ""),
        _RULES.get(query.rule or ""),
        _SALES.get(query.on_sale or ""),
        _IN_VK.get(query.vk or ""),
        _NEWS.get(query.news or ""),
        gettext_noop("без фото") if query.photo else None,
        gettext_noop("без группы") if query.grouped else None,
        gettext_noop("не готово") if query.ready else None,
        gettext_noop("нет в наличии") if query.stock else None,
    )
    found_by = (
        found.place,
        "" if query.is_nested else Sentence("только прямо в этой группе"),
        Sentence("поиск «%(words)s»", words=quoted(query.q)) if query.q else "",
        *(Sentence(condition) for condition in conditions if condition),
    )
    return join_sentences(": ", [Sentence(_FOUND[found.entity_type]), join_sentences(", ", found_by)])
