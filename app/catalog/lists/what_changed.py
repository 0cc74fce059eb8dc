"""What the last refresh changed: its lists, one for each kind of change, and the file of each."""

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext
from sqlalchemy import Select, and_, func, literal, select, union_all

from app.catalog.lists.address import ListQuery
from app.catalog.lists.keyset import COUNTED, Page, Total, Walk, as_page
from app.catalog.lists.pages import home, listing_of, total_words
from app.data.db import db
from app.mirror.change_log import GONE, GROUP, NAME, NEW, PRICE, STOCK
from app.mirror.models import CachedStore, CatalogChange
from app.mirror.refresh.view import refresh_context
from app.web.sheet import Sheet
from app.words import gettext_noop

TITLES = {
    NEW: gettext_noop("Новые"),
    GONE: gettext_noop("Нет в Эвоторе"),
    PRICE: gettext_noop("Цена"),
    STOCK: gettext_noop("Остаток"),
    NAME: gettext_noop("Название"),
    GROUP: gettext_noop("Группа"),
}


def sheet_of(what: str) -> Sheet:
    """The file of one kind of change."""
    pair = ("number_was", "number_now") if what in (PRICE, STOCK) else ("text_was", "text_now")
    return Sheet(
        ("Магазин", "Название", "ID", "Изменение", "Было", "Стало"),
        ("store_name", "name", "evotor_id", "what", *pair),
        {"what": TITLES},
        dict.fromkeys(("number_was", "number_now"), 2 if what == PRICE else 3),
    )


def select_changes(user_id: int, what: str) -> Select[Any]:
    """The owner's changes of one kind, with the name of the store of each."""
    columns: list[Any] = [CatalogChange.__table__, CachedStore.name.label("store_name")]
    own_store = and_(
        CachedStore.user_id == CatalogChange.user_id,
        CachedStore.evotor_id == CatalogChange.store_evotor_id,
    )
    return (
        select(*columns)
        .outerjoin(CachedStore, own_store)
        .where(CatalogChange.user_id == user_id, CatalogChange.what == what)
    )


def count_changes(user_id: int) -> dict[str, Total]:
    """How many changes of each kind there are, counted no further than lists are."""
    counts = []
    for what in TITLES:
        some = select(CatalogChange.id).filter_by(user_id=user_id, what=what).limit(COUNTED + 1).subquery()
        counts.append(select(literal(what), select(func.count()).select_from(some).scalar_subquery()))
    return {what: Total.counted(count) for what, count in db.session.execute(union_all(*counts))}


def fetch_changes(user_id: int, what: str, query: ListQuery, total: Total) -> Page:
    """Fetch one page of the changes of a kind, by name; raises BadQuery for a foreign cursor."""
    walk = Walk.of(query)
    stretch = walk.stretch(select_changes(user_id, what), CatalogChange, walk.limit)
    rows = db.session.execute(select(stretch).order_by(*walk.order(stretch.c.sort_key, stretch.c.id)))
    return as_page(query, list(rows), total)


def changes_page(user_id: int, what: str | None, args: Mapping[str, str]) -> dict[str, Any]:
    """The context of `catalog/changes.html`; without a kind it shows the first that has anything."""
    refresh = refresh_context(user_id)
    counts = count_changes(user_id)
    what = what or next((each for each in TITLES if counts[each].rows), NEW)
    query = changes_query(what, args)
    page = fetch_changes(user_id, what, query, counts[what])
    return {
        "listing": listing_of(page, page.records, query),
        "what": what,
        "kinds": [_link(each, counts[each], each == what) for each in TITLES],
        "query": query,
        "export_url": query.export_url("change"),
        "breadcrumbs": [home(), (gettext("Что изменилось"), None)],
        "title": gettext("Что изменилось"),
        **refresh,
    }


def changes_query(what: str, args: Mapping[str, str]) -> ListQuery:
    """The state of a list of changes: its order, page size and place."""
    given = {name: args[name] for name in ("dir", "per_page", "after", "before") if name in args}
    return ListQuery.parse(given, "catalog.changes", {"what": what})


def _link(what: str, total: Total, is_chosen: bool) -> dict[str, Any]:
    label = f"{gettext(TITLES[what])} · {total_words(total)}"
    return {"label": label, "url": url_for("catalog.changes", what=what), "chosen": is_chosen}
