"""Which events of the history touched the goods that a search finds, as SQL.

The search is that of the lists: words of a name in any order, or the beginning of an article, code or
barcode. A change of rules whose title has the words is found, too: so are groups, stores, and goods that have
left the catalogue.
"""

from typing import NamedTuple

from sqlalchemy import CTE, ColumnElement, and_, func, literal, or_, select, tuple_

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
_NAMED = 3

_goods = CachedProduct.__table__.c
_changes = CatalogChange.__table__.c


class FoundGoods(NamedTuple):
    """The goods that a search finds: the first by name, as (key, name), and how many there are in all."""

    named: list[tuple[int, str]]
    total: int

    @property
    def are_too_many(self) -> bool:
        """Whether there are more than are looked at; then `total` is only the least that there may be."""
        return self.total > MOST_GOODS


def found_goods(user_id: int, q: str) -> FoundGoods:
    """The goods that a search is about."""
    found = select(_goods.id, _goods.name, _goods.sort_name).where(is_found(user_id, q))
    counted = found.limit(MOST_GOODS + 1).subquery("counted")
    first = select(counted.c.id, counted.c.name, func.count().over())
    rows = db.session.execute(
        first.order_by(counted.c.sort_name, counted.c.id).limit(_NAMED), execution_options=PLANNED_EACH_TIME
    ).all()
    return FoundGoods([(row.id, row.name) for row in rows], rows[0][2] if rows else 0)


class Touched:
    """What touched the goods that a search finds; every statement with it holds them once."""

    def __init__(self, user_id: int, q: str) -> None:
        self._user_id, self._q = user_id, q
        found = select(_goods.store_evotor_id, _goods.evotor_id).where(is_found(user_id, q))
        self._goods: CTE = found.limit(MOST_GOODS).cte("goods").prefix_with("MATERIALIZED")

    def by(self, kind: str) -> ColumnElement[bool]:
        """Tell of a row of the kind's table whether it is such an event."""
        touched = {RULES: self._by_rules, PUBLICATION: self._by_publication, REFRESH: self._by_refresh}
        return touched[kind]()

    def _by_rules(self) -> ColumnElement[bool]:
        item = RuleChangeItem
        # Added to an empty text the ids lead to no index: else each step would be asked for each good.
        named = tuple_(item.store_evotor_id + "", item.entity_id + "")
        on_goods = (
            select(literal(1))
            .where(item.change_id == RuleChange.id, item.entity_type == PRODUCT)
            .where(named.in_(select(self._goods)))
            .correlate(RuleChange)
        )
        if db.engine.dialect.name == "postgresql":
            # OFFSET keeps it a question of each step, the newest first: PostgreSQL would read what all owners
            # have decided, and stop nowhere.
            on_goods = on_goods.offset(0)
        has_goods = select(self._goods.c.evotor_id).exists()
        return or_(
            has_words_in_any_case(RuleChange.__table__.c.title, self._q), and_(has_goods, on_goods.exists())
        )

    def _by_publication(self) -> ColumnElement[bool]:
        good, goods = ListingGood, self._goods.c
        behind = and_(
            good.user_id == self._user_id,
            good.store_evotor_id == goods.store_evotor_id,
            good.evotor_id == goods.evotor_id,
        )
        sent = (
            select(PublicationItem.publication_id)
            .join(good, good.listing_id == PublicationItem.listing_id)
            .join(self._goods, behind)
        )
        return Publication.id.in_(sent)

    def _by_refresh(self) -> ColumnElement[bool]:
        is_good = tuple_(_changes.store_evotor_id, _changes.evotor_id).in_(select(self._goods))
        brought = select(_changes.refresh_id).where(
            _changes.user_id == self._user_id, or_(has_words(_changes.sort_name, self._q), is_good)
        )
        return CatalogRefresh.id.in_(brought)
