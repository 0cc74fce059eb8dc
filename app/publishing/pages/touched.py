"""Which events of the history touched the goods that a search finds, as SQL.

The search is that of the lists: words of a name in any order, or the beginning of an article, code or
barcode. A change of rules whose title has the words is found, too: so are groups, stores, and goods that have
left the catalogue.
"""

from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, and_, false, func, literal, or_, select, tuple_

from app.data.db import db
from app.data.engine import PLANNED_EACH_TIME
from app.mirror.models import CachedProduct, CatalogChange, CatalogRefresh
from app.mirror.search import has_words, has_words_in_any_case, is_found
from app.publishing.ledger.models import ListingGood
from app.publishing.pages.events import PUBLICATION, REFRESH, RULES
from app.publishing.run.models import Publication, PublicationItem
from app.rules.decide import PRODUCT
from app.rules.models import RuleChange, RuleChangeItem

# As many as VK takes: of more it is not looked at what happened to them.
MOST_GOODS = 15_000
# Each step is asked for so few by its index; for more, what it did is read and compared.
FEW_GOODS = 20
_NAMED = 3

_goods = CachedProduct.__table__.c
_changes = CatalogChange.__table__.c


class FoundGoods(NamedTuple):
    """The goods that a search finds: the first by name, as (key, name), and how many there are in all.

    `few` are the stores and ids of all of them, None where there are more than FEW_GOODS.
    """

    named: list[tuple[int, str]]
    total: int
    few: list[tuple[str, str]] | None

    @property
    def are_too_many(self) -> bool:
        """Whether there are more than are looked at; then `total` is only the least that there may be."""
        return self.total > MOST_GOODS


def found_goods(user_id: int, q: str) -> FoundGoods:
    """The goods that a search is about."""
    shown = (_goods.id, _goods.name, _goods.sort_name, _goods.store_evotor_id, _goods.evotor_id)
    counted = select(*shown).where(is_found(user_id, q)).limit(MOST_GOODS + 1).subquery("counted")
    first = select(counted, func.count().over().label("total"))
    rows = db.session.execute(
        first.order_by(counted.c.sort_name, counted.c.id).limit(FEW_GOODS + _NAMED),
        execution_options=PLANNED_EACH_TIME,
    ).all()
    total = rows[0].total if rows else 0
    few = [(row.store_evotor_id, row.evotor_id) for row in rows] if total <= FEW_GOODS else None
    return FoundGoods([(row.id, row.name) for row in rows[:_NAMED]], total, few)


class Touched:
    """What touched the goods that a search finds; every statement with it holds many of them once."""

    def __init__(self, user_id: int, q: str, found: FoundGoods) -> None:
        self._user_id, self._q, self._few = user_id, q, found.few
        many = select(_goods.store_evotor_id, _goods.evotor_id).where(is_found(user_id, q))
        self._many: CTE = many.limit(MOST_GOODS).cte("goods").prefix_with("MATERIALIZED")

    def by(self, kind: str) -> ColumnElement[bool]:
        """Tell of a row of the kind's table whether it is such an event."""
        touched = {RULES: self._by_rules, PUBLICATION: self._by_publication, REFRESH: self._by_refresh}
        return touched[kind]()

    def _are_found(self, store_id: Any, evotor_id: Any) -> ColumnElement[bool]:
        """Whether a good of this store and id is one of those; an index may lead to few of them."""
        if self._few is None:
            return tuple_(store_id, evotor_id).in_(select(self._many))
        stores, ids = {store for store, _ in self._few}, {good for _, good in self._few}
        is_one = or_(*(and_(store_id == store, evotor_id == good) for store, good in self._few), false())
        return and_(store_id.in_(sorted(stores)), evotor_id.in_(sorted(ids)), is_one)

    def _by_rules(self) -> ColumnElement[bool]:
        item = RuleChangeItem.__table__.c
        # Added to an empty text the ids of many lead to no index: each step would be asked for each of them.
        ids = (item.store_evotor_id, item.entity_id)
        named = ids if self._few is not None else tuple(each + "" for each in ids)
        on_goods = (
            select(literal(1))
            .where(item.change_id == RuleChange.id, item.entity_type == PRODUCT, self._are_found(*named))
            .correlate(RuleChange)
        )
        if db.engine.dialect.name == "postgresql":
            # OFFSET keeps it a question of each step, the newest first: PostgreSQL would read what all owners
            # have decided, and stop nowhere.
            on_goods = on_goods.offset(0)
        in_title = has_words_in_any_case(RuleChange.__table__.c.title, self._q)
        return or_(in_title, on_goods.exists()) if self._few != [] else in_title

    def _by_publication(self) -> ColumnElement[bool]:
        behind = select(ListingGood.listing_id).where(
            ListingGood.user_id == self._user_id,
            self._are_found(ListingGood.store_evotor_id, ListingGood.evotor_id),
        )
        sent = select(PublicationItem.publication_id).where(PublicationItem.listing_id.in_(behind))
        return Publication.id.in_(sent)

    def _by_refresh(self) -> ColumnElement[bool]:
        is_good = self._are_found(_changes.store_evotor_id, _changes.evotor_id)
        brought = select(_changes.refresh_id).where(
            _changes.user_id == self._user_id, or_(has_words(_changes.sort_name, self._q), is_good)
        )
        return CatalogRefresh.id.in_(brought)
