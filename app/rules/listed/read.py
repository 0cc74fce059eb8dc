"""The owner's rules as a list, the newest first, each with the goods that it decides about."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, null, select

from app.data.db import db
from app.mirror.folding import fold
from app.mirror.models import CachedGroup, CachedProduct, CachedStore
from app.mirror.search import has_words_in_any_case
from app.mirror.stores import store_names
from app.rules.as_sql import config_key
from app.rules.changes.conditions import finds
from app.rules.changes.items import NAMED
from app.rules.decide import GROUP, PRODUCT, STORE
from app.rules.group_counts import count_governed
from app.rules.models import SyncFilter
from app.rules.read import Target
from app.web.cursor import Cursor

PAGE = 50
LISTED_RULES = "rules of the list"

_filters = SyncFilter.__table__
_HOMES: dict[str, Any] = {STORE: CachedStore, GROUP: CachedGroup, PRODUCT: CachedProduct}
# As the catalogue has it now, else as it was when the rule was made.
_NAME = func.coalesce(*(model.name for model in _HOMES.values()), _filters.c.entity_name)


class Asked(NamedTuple):
    """What the list is narrowed to, `q` by words of the names that it shows; None is everything."""

    store_id: str | None = None
    mode: str | None = None
    kind: str | None = None
    q: str | None = None


class ListedRule(NamedTuple):
    """A rule; `goods` is how many it decides about, `home` the table's key of what it is on.

    `home` is None for what is gone; the name is the present one where there is one.
    """

    number: int
    entity_type: str
    entity_id: str
    store_id: str
    store_name: str | None
    name: str
    mode: str
    made_at: datetime
    home: int | None
    goods: int


class RulesPage(NamedTuple):
    """A page of the list, the number of its first rule, the total (0 of an empty page), and the cursor of the
    next one.
    """

    rules: list[ListedRule]
    first: int
    total: int
    after: str | None


def rules_page(user_id: int, asked: Asked, cursor: Cursor | None) -> RulesPage:
    """Read a page of the rules that are asked for."""
    wanted = _wanted(user_id, asked)
    count = select(func.count()).select_from(_filters).where(wanted)
    if _has_words(asked):
        # The names of all are read once, for the count and for the page.
        named = select(_filters.c.id).where(wanted).cte("named").prefix_with("MATERIALIZED")
        wanted, count = _filters.c.id.in_(select(named.c.id)), select(func.count()).select_from(named)
    total = count.correlate(None).scalar_subquery()
    page = _with_homes(user_id, wanted).add_columns(total.label("total")).limit(PAGE + 1)
    if cursor is not None:
        page = page.where(_filters.c.id < cursor.id)
    found = db.session.execute(page).all()
    shown, position = found[:PAGE], cursor.position if cursor else 0
    after = None
    if len(found) > PAGE:
        after = Cursor("", shown[-1].id, position + len(shown)).encode()
    governed = count_governed(user_id) if any(row.entity_type != PRODUCT for row in shown) else {}
    rules = [_rule(row, governed) for row in shown]
    return RulesPage(rules, position + 1, found[0].total if found else 0, after)


def stores_of_rules(user_id: int) -> dict[str, str]:
    """The names of the owner's stores by Evotor's ids, sorted; one that is gone but has rules has its id."""
    names = store_names(user_id)
    ids = select(_filters.c.store_evotor_id).where(_filters.c.sync_config_id == config_key(user_id))
    found = {store_id: names.get(store_id, store_id) for store_id in db.session.scalars(ids.distinct())}
    return dict(sorted((names | found).items(), key=lambda store: (fold(store[1]), store[0])))


def find_target(user_id: int, number: int) -> Target | None:
    """What the owner's rule with this key is on; None when there is no such rule."""
    rule = db.session.scalar(
        select(SyncFilter).where(SyncFilter.id == number, SyncFilter.sync_config_id == config_key(user_id))
    )
    if rule is None:
        return None
    kind, ids = rule.entity_type, (rule.entity_id, rule.store_evotor_id)
    return Target(kind, *ids, rule.entity_name, rule.parent_entity_id)


def next_listed(user_id: int, asked: Asked, number: int) -> int | None:
    """The key of the rule that follows one in the list, None at its end."""
    wanted = _wanted(user_id, asked)
    return db.session.scalar(select(func.max(_filters.c.id)).where(wanted, _filters.c.id < number))


@finds(LISTED_RULES)
def listed_rules(user_id: int, arguments: Mapping[str, Any]) -> Select[Any]:
    """Rules that the list shows, the ticked ones (`numbers`) or all, each to be taken off."""
    statement = select(*(_filters.c[name] for name in NAMED), cast(null(), String).label("mode"))
    statement = statement.where(_wanted(user_id, Asked(**arguments["asked"])))
    if arguments["numbers"] is not None:
        statement = statement.where(_filters.c.id.in_(arguments["numbers"]))
    return statement


def _wanted(user_id: int, asked: Asked) -> ColumnElement[bool]:
    config_id = config_key(user_id)
    wanted = (
        (_filters.c.store_evotor_id, asked.store_id),
        (_filters.c.filter_mode, asked.mode),
        (_filters.c.entity_type, asked.kind),
    )
    given = [column == value for column, value in wanted if value is not None]
    if _has_words(asked):
        named = select(_filters.c.id).where(
            _filters.c.sync_config_id == config_id, has_words_in_any_case(_NAME, asked.q or "")
        )
        given.append(_filters.c.id.in_(_at_home(user_id, named).correlate(None)))
    return and_(_filters.c.sync_config_id == config_id, *given)


def _has_words(asked: Asked) -> bool:
    return bool((asked.q or "").split())


def _with_homes(user_id: int, wanted: ColumnElement[bool]) -> Select[Any]:
    """The rules with what they are on, found in the catalogue by the kind of each."""
    rule = _filters.c
    of_store = CachedStore.__table__.alias("of_store")
    is_in_store = and_(of_store.c.user_id == user_id, of_store.c.evotor_id == rule.store_evotor_id)
    statement = (
        select(
            *(rule.id, rule.entity_type, rule.entity_id, rule.store_evotor_id, rule.filter_mode),
            rule.created_at,
            of_store.c.name.label("store_name"),
            _NAME.label("name"),
            func.coalesce(*(model.id for model in _HOMES.values())).label("home"),
        )
        .outerjoin(of_store, is_in_store)
        .where(wanted)
        .order_by(rule.id.desc())
    )
    return _at_home(user_id, statement)


def _at_home(user_id: int, rules: Select[Any]) -> Select[Any]:
    """Join what rules are on to a statement of them."""
    rule = _filters.c
    for kind, model in _HOMES.items():
        is_home = and_(
            rule.entity_type == kind,
            model.user_id == user_id,
            (model.evotor_id if kind == STORE else model.store_evotor_id) == rule.store_evotor_id,
            model.evotor_id == rule.entity_id,
        )
        rules = rules.outerjoin(model, is_home)
    return rules


def _rule(row: Any, governed: Mapping[tuple[str, str | None], int]) -> ListedRule:
    if row.entity_type == PRODUCT:
        goods = int(row.home is not None)
    else:
        goods = governed.get((row.store_evotor_id, row.entity_id if row.entity_type == GROUP else None), 0)
    return ListedRule(
        row.id,
        row.entity_type,
        row.entity_id,
        row.store_evotor_id,
        row.store_name,
        row.name,
        row.filter_mode,
        row.created_at,
        row.home,
        goods,
    )
