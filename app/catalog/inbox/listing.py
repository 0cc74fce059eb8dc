"""The list of new goods: the newest first, of all stores, each with what the rules say of it today."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import func, select, tuple_

from app.catalog.inbox.address import are_left, is_of, narrowed_in_turn, select_listed
from app.catalog.lists.address import ListQuery
from app.catalog.lists.family import GroupName
from app.catalog.lists.keyset import Page, Total, as_page
from app.catalog.lists.reasons import Verdict, verdict_of
from app.data.db import db
from app.mirror.models import CachedGroup, CachedProduct, NewProduct
from app.mirror.stores import named_stores
from app.publishing.photos.first import first_photos
from app.rules.decide import EXCLUDE, GROUP, INCLUDE, PRODUCT, Decision
from app.rules.new_goods import COUNTED, Waiting, counted, select_new
from app.rules.published import published_goods
from app.rules.read import policy_of
from app.web.language import language

_goods = CachedProduct.__table__.c
_groups = CachedGroup.__table__.c
_new = NewProduct.__table__.c
# More would be longer than the page; the search finds groups by their names, too.
_MOST_GROUPS = 20

Key = tuple[str, str]


class NewGood(NamedTuple):
    """A row: a good, the key of its picture, and what becomes of it without a rule of its own."""

    number: int
    evotor_id: str
    store_id: str
    name: str
    store_name: str
    group_name: str | None
    group_url: str | None
    price: Decimal | None
    quantity: Decimal | None
    measure_name: str | None
    photo: int | None
    came_at: datetime
    verdict: Verdict

    @property
    def url(self) -> str:
        """The short address of the good's page."""
        return f"/catalog/product/{self.number}"

    @property
    def anchor(self) -> str:
        """The id of the row's head, as in every list of goods."""
        return f"p{self.number}"


class NewGroup(NamedTuple):
    """A group in which new goods lie: its folded name, and the name as one of the stores has it."""

    key: str
    name: str


class NewPage(NamedTuple):
    """A page of the list, its rows, the key of the newest good that it holds, and groups to narrow it by."""

    page: Page
    rows: list[NewGood]
    newest: int
    groups: list[NewGroup]


def new_page(user_id: int, query: ListQuery) -> NewPage:
    """Fetch the page that `query` points at; raises BadQuery for a foreign cursor.

    Raises 429 for a search in a big shop when others are in front.
    """
    with narrowed_in_turn(user_id, query):
        listed, first = _count(user_id, query)
        total = Total.counted(listed.goods, COUNTED)
        page = as_page(query, _fetch(user_id, query) if first is None else first, total)
        if query.cursor is not None and not page.records:
            # What was behind this link has been decided about: show the list from its start.
            query = query.from_start()
            page = as_page(query, _fetch(user_id, query), total)
    rows = rows_of(user_id, {record.id: record.came_at for record in page.records})
    return NewPage(page, rows, listed.newest, _groups_to_choose(user_id, query))


def _groups_to_choose(user_id: int, query: ListQuery) -> list[NewGroup]:
    """The groups with the most of the newest goods, by name; however the list is narrowed."""
    new = (
        select_new(user_id, are_left=are_left(query))
        .order_by(_new.product_id.desc())
        .limit(COUNTED)
        .subquery()
    )
    commonest = (
        select(_groups.sort_name, func.min(_groups.name))
        .select_from(new)
        .join(CachedProduct.__table__, _goods.id == new.c.product_id)
        .join(CachedGroup.__table__, is_of(user_id))
        .group_by(_groups.sort_name)
        .order_by(func.count().desc(), _groups.sort_name)
        .limit(_MOST_GROUPS)
    )
    return sorted(NewGroup._make(row) for row in db.session.execute(commonest))


def rows_of(user_id: int, came: Mapping[int, datetime]) -> list[NewGood]:
    """The rows of goods by their keys, in the order of these; however many, in five statements."""
    shown = (
        *(_goods.id, _goods.evotor_id, _goods.store_evotor_id, _goods.group_evotor_id, _goods.name),
        *(_goods.price, _goods.quantity, _goods.measure_name),
    )
    policy = policy_of(user_id)
    resolved = published_goods(user_id, policy=policy, columns=shown).where(_goods.id.in_(came))
    # In no order: SQLite would go by all the goods in that of their index.
    goods = {good.id: good for good in db.session.execute(resolved.order_by(None))}
    groups = _group_names(user_id, goods.values())
    stores = named_stores(user_id)
    spoken = language()
    photos = first_photos(user_id, [(good.store_evotor_id, good.evotor_id) for good in goods.values()])
    rows = []
    for number, came_at in came.items():
        good = goods.get(number)
        store = stores.get(good.store_evotor_id) if good else None
        if good is None or store is None:
            continue
        of_store = groups.get(good.store_evotor_id, {})
        group = of_store.get(good.group_evotor_id or "")
        mode = INCLUDE if good.is_published else EXCLUDE
        decision, own = Decision(mode, good.ruled_type, good.ruled_id), (PRODUCT, good.evotor_id)
        rows.append(
            NewGood(
                number,
                good.evotor_id,
                good.store_evotor_id,
                good.name,
                store.name,
                group.name if group else None,
                url_for("catalog.show_group", number=group.number) if group else None,
                good.price,
                good.quantity,
                good.measure_name,
                photos.get((good.store_evotor_id, good.evotor_id)),
                came_at,
                verdict_of(decision, own, store, of_store, policy, spoken=spoken),
            )
        )
    return rows


def _count(user_id: int, query: ListQuery) -> tuple[Waiting, list[Any] | None]:
    """Count the list; a narrowed one gives its first page as well: to look anew takes as long again."""
    if not query.is_narrowed or query.cursor is not None:
        return counted(select_listed(user_id, query)), None
    found = _fetch(user_id, query, COUNTED + 1)
    return Waiting(len(found), found[0].id if found else 0), found[: query.per_page + 1]


def _fetch(user_id: int, query: ListQuery, most: int | None = None) -> list[Any]:
    wanted = select_listed(user_id, query)
    new = wanted.selected_columns
    if (cursor := query.cursor) is not None:
        is_beyond = new.product_id > cursor.id if query.is_backwards else new.product_id < cursor.id
        wanted = wanted.where(is_beyond)
    order = new.product_id if query.is_backwards else new.product_id.desc()
    found = wanted.order_by(order).limit(most or query.per_page + 1).subquery()
    # The keys are the order: nothing else is sorted by.
    named = select(found.c.product_id.label("id"), found.c.came_at, found.c.product_id.label("sort_key"))
    order = found.c.product_id if query.is_backwards else found.c.product_id.desc()
    return list(db.session.execute(named.order_by(order)))


def _group_names(user_id: int, goods: Collection[Any]) -> dict[str, dict[str, GroupName]]:
    """The groups that the goods lie in, and those whose rules decide, by store and id."""
    wanted = {(good.store_evotor_id, good.group_evotor_id) for good in goods if good.group_evotor_id}
    wanted |= {(good.store_evotor_id, good.ruled_id) for good in goods if good.ruled_type == GROUP}
    named: dict[str, dict[str, GroupName]] = {}
    if not wanted:
        return named
    columns = (_groups.id, _groups.evotor_id, _groups.parent_evotor_id, _groups.name)
    found = select(_groups.store_evotor_id, *columns).where(
        _groups.user_id == user_id, tuple_(_groups.store_evotor_id, _groups.evotor_id).in_(wanted)
    )
    for store_id, *group in db.session.execute(found):
        name = GroupName(*group)
        named.setdefault(store_id, {})[name.evotor_id] = name
    return named
