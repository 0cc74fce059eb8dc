"""The good in somebody's hand: found in all stores by its barcode, article, code or name."""

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select

from app.data.db import db
from app.mirror.folding import code_lines, fold
from app.mirror.models import CachedProduct, CachedStore
from app.mirror.search import coded_in_fts, coded_in_gin, is_found, is_indexed
from app.publishing.photos.models import GoodPhoto
from app.publishing.photos.subject import Subject

SHOWN = 20
# Of one name there may be a good in each store.
_LOOKED_AT = 200

_goods = CachedProduct.__table__.c


class Taken(NamedTuple):
    """A good to be photographed, the same in several stores; `photos` is how many it has of its own."""

    numbers: tuple[int, ...]
    subjects: tuple[Subject, ...]
    name: str
    price: Decimal | None
    article: str | None
    stores: tuple[str, ...]
    photos: int


def find(user_id: int, q: str) -> list[Taken]:
    """Find goods by what was scanned or typed: a whole code alone, else whatever the search finds."""
    coded = _of_user(user_id).where(
        _has_code(user_id, q), _goods.search_text.contains(code_lines([q]), autoescape=True)
    )
    if found := _read(user_id, coded.limit(_LOOKED_AT), is_coded=True):
        return found
    if not is_indexed(q):
        return []
    by_name = (
        _of_user(user_id).where(is_found(user_id, q)).order_by(_goods.sort_name, _goods.id).limit(_LOOKED_AT)
    )
    return _read(user_id, by_name, is_coded=False)[:SHOWN]


def find_numbered(user_id: int, numbers: Collection[int]) -> Taken | None:
    """Find goods by the table's keys, taken for one; None unless all are the owner's."""
    found = _read(user_id, _of_user(user_id).where(_goods.id.in_(numbers)), is_coded=True)
    return found[0] if len(found) == 1 and len(found[0].numbers) == len(set(numbers)) else None


def _of_user(user_id: int) -> Select[Any]:
    # Without statistics SQLite takes the index of the owner's goods for a better way than the search's own.
    owner = _goods.user_id + 0 if db.engine.dialect.name == "sqlite" else _goods.user_id
    return select(
        _goods.id, _goods.store_evotor_id, _goods.evotor_id, _goods.name, _goods.price, _goods.article_number
    ).where(owner == user_id)


def _has_code(user_id: int, q: str) -> Any:
    if db.engine.dialect.name == "sqlite":
        return _goods.id.in_(coded_in_fts(user_id, q))
    return coded_in_gin(q)


def _read(user_id: int, statement: Select[Any], *, is_coded: bool) -> list[Taken]:
    """Read goods, those that are one in several stores together.

    is_coded: the same code was asked for, so that goods of different stores are one whatever they are called
    there, as long as no store has two.
    """
    rows = db.session.execute(statement).all()
    if is_coded:
        # The oldest gives the name, however the database comes upon them.
        rows = sorted(rows, key=lambda row: row.id)
    names: dict[str, str] = dict(
        db.session.execute(select(CachedStore.evotor_id, CachedStore.name).filter_by(user_id=user_id)).all()
    )
    is_one = is_coded and len({row.store_evotor_id for row in rows}) == len(rows)
    together: list[tuple[str, dict[str, Any]]] = []
    for row in rows:
        name = "" if is_one else fold(row.name)
        for known, stores in together:
            if known == name and row.store_evotor_id not in stores:
                stores[row.store_evotor_id] = row
                break
        else:
            together.append((name, {row.store_evotor_id: row}))
    photos = _photos(user_id, rows)
    return [_taken(list(stores.values()), names, photos) for _, stores in together]


def _taken(rows: Sequence[Any], names: dict[str, str], photos: dict[tuple[str, str], int]) -> Taken:
    keys = [(row.store_evotor_id, row.evotor_id) for row in rows]
    return Taken(
        tuple(row.id for row in rows),
        tuple(Subject(*key) for key in keys),
        rows[0].name,
        rows[0].price,
        rows[0].article_number,
        tuple(names.get(row.store_evotor_id, "") for row in rows),
        max(photos.get(key, 0) for key in keys),
    )


def _photos(user_id: int, rows: Iterable[Any]) -> dict[tuple[str, str], int]:
    ids = {row.evotor_id for row in rows}
    counted = (
        select(GoodPhoto.store_evotor_id, GoodPhoto.evotor_id, func.count())
        .where(GoodPhoto.user_id == user_id, GoodPhoto.evotor_id.in_(ids))
        .group_by(GoodPhoto.store_evotor_id, GoodPhoto.evotor_id)
    )
    return {(store, good): count for store, good, count in db.session.execute(counted) if good}
