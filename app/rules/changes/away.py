"""Rules that are taken off goods which are away: nothing then tells that they were not to be published."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_, select, tuple_, update

from app.data.db import db
from app.mirror.departed import DepartedGood
from app.mirror.models import CachedGroup, CachedStore
from app.rules.decide import EXCLUDE, GROUP, PRODUCT, STORE
from app.rules.models import RuleChange, RuleChangeItem

_departed = DepartedGood.__table__.c
_items = RuleChangeItem.__table__.c


def ask_again(change: RuleChange) -> None:
    """Let goods be news when they return, if a change, written down, takes off what excluded them.

    Where their group has gone, too, all that have left its store are: nobody knows which of them lay in it.
    What takes another change back is no decision of its own: everything is then as it was before that.
    """
    uncovers = any((move["before"], move["after"]) == (EXCLUDE, None) for move in change.moves)
    if change.undoes is not None or not uncovers:
        return
    for are_meant in _meant(change):
        news = update(DepartedGood).where(_departed.user_id == change.user_id, ~_departed.is_news, are_meant)
        db.session.execute(news.values(is_news=True).execution_options(synchronize_session=False))


def _meant(change: RuleChange) -> Iterator[ColumnElement[bool]]:
    """The goods with rules of their own, then those of stores: each kind is found by the key of its rows."""
    taken_off = _items.change_id == change.id, _items.mode_before == EXCLUDE, _items.mode_after.is_(None)
    on_goods = select(_items.store_evotor_id, _items.entity_id).where(*taken_off)
    on_goods = on_goods.where(_items.entity_type == PRODUCT)
    yield tuple_(_departed.store_evotor_id, _departed.evotor_id).in_(on_goods)

    group = select(CachedGroup.id).filter_by(user_id=change.user_id)
    group = group.where(CachedGroup.store_evotor_id == _items.store_evotor_id)
    group = group.where(CachedGroup.evotor_id == _items.entity_id)
    store = select(CachedStore.id).filter_by(user_id=change.user_id)
    store = store.where(CachedStore.evotor_id == _items.entity_id)
    is_gone = or_(
        and_(_items.entity_type == GROUP, ~group.exists()), and_(_items.entity_type == STORE, ~store.exists())
    )
    yield _departed.store_evotor_id.in_(select(_items.store_evotor_id).where(*taken_off, is_gone))
