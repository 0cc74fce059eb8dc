"""What a refresh brought, in words: of its whole life the history keeps no more."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from flask_babel import gettext

from app.mirror.change_log import GONE, GROUP, NAME, NEW, PRICE, STOCK
from app.mirror.models import CatalogRefresh
from app.mirror.refresh.progress import GUARDED, PUT_OFF, STORE_FAILED, StoreOutcome
from app.web.formatting import in_quotes, number, plural
from app.words import ngettext_noop

# What came with a store that was not known before.
ALL = "all"
_GOODS = ngettext_noop("товар", "товара", "товаров")
_NEW = ngettext_noop("новый товар", "новых товара", "новых товаров")
_MISSING = ngettext_noop(
    "товара больше нет в Эвоторе", "товаров больше нет в Эвоторе", "товаров больше нет в Эвоторе"
)
_RETYPED = ngettext_noop(
    "товар пришёл с другим типом", "товара пришли с другим типом", "товаров пришли с другим типом"
)
_CHANGED = {
    PRICE: ngettext_noop("цена изменилась", "цены изменились", "цен изменились"),
    STOCK: ngettext_noop("остаток изменился", "остатка изменились", "остатков изменились"),
    NAME: ngettext_noop("название изменилось", "названия изменились", "названий изменились"),
    GROUP: ngettext_noop(
        "товар перешёл в другую группу",
        "товара перешли в другие группы",
        "товаров перешли в другие группы",
    ),
}
# Stores that are named one by one.
_NAMED = 5


class Part(NamedTuple):
    """A part of the sentence; `what` is the kind of change it counts (see `change_log`), ALL or None."""

    words: str
    what: str | None = None


def told(refresh: CatalogRefresh) -> list[Part]:
    """Say what an ended run brought, and which stores it could not bring; empty when nothing differed."""
    stores = [StoreOutcome.read(each) for each in refresh.stores]
    known = [store for store in stores if not store.is_first]
    return [*_first(stores), *_changes(known), *_troubles(stores), *_unsaid(stores)]


def unsaid_stock(stores: Iterable[StoreOutcome]) -> str:
    """Say of how many goods no stock came; empty where it came of all."""
    count = sum(store.unsaid_stock for store in stores)
    goods = plural(count, "товара", "товаров", "товаров")
    return gettext("Эвотор не сообщил остатки %(goods)s: показаны прежние", goods=goods) if count else ""


def _first(stores: list[StoreOutcome]) -> Iterator[Part]:
    first = [store for store in stores if store.is_first]
    if not first:
        return
    goods = plural(sum(store.added for store in first), *_GOODS)
    if len(first) == len(stores):
        yield Part(gettext("загружено %(goods)s", goods=goods), ALL)
    elif len(first) == 1:
        words = gettext("загружено %(goods)s из нового магазина «%(name)s»", goods=goods, name=first[0].name)
        yield Part(words, ALL)
    else:
        names = ", ".join(in_quotes(store.name) for store in first[:3])
        if len(first) > 3:
            names = gettext("%(names)s и другие", names=names)
        yield Part(gettext("загружено %(goods)s из новых магазинов %(names)s", goods=goods, names=names), ALL)


def _changes(stores: list[StoreOutcome]) -> Iterator[Part]:
    added, changed, removed = (
        sum(getattr(store, what) for store in stores) for what in ("added", "changed", "removed")
    )
    if added:
        yield Part(plural(added, *_NEW), NEW)
    if removed:
        yield Part(plural(removed, *_MISSING), GONE)
    kinds = {what: sum(store.kinds.get(what, 0) for store in stores) for what in _CHANGED}
    for what, count in kinds.items():
        if count:
            yield Part(plural(count, *_CHANGED[what]), what)
    if changed and not any(kinds.values()):
        # Of runs before kinds were counted, and of what no list tells: a code, a description.
        yield Part(gettext("изменено %(count)s", count=number(changed)))


def _troubles(stores: list[StoreOutcome]) -> Iterator[Part]:
    troubled = [
        store for store in stores if store.state in (STORE_FAILED, GUARDED, PUT_OFF) or store.would_add
    ]
    for store in troubled[:_NAMED]:
        if store.state == STORE_FAILED:
            yield Part(gettext("«%(name)s» не удалось обновить", name=store.name))
        elif store.state == PUT_OFF:
            yield Part(gettext("новый магазин «%(name)s» ждёт вашего слова", name=store.name))
        elif store.wait_for_stores:
            new = plural(store.would_add, *_NEW)
            yield Part(gettext("«%(name)s»: %(new)s, ждём другие магазины", name=store.name, new=new))
        else:
            waiting = (store.would_remove, store.would_move, store.would_retype, store.would_add)
            counts = zip(waiting, (_MISSING, _CHANGED[GROUP], _RETYPED, _NEW), strict=True)
            kept = ", ".join(plural(count, *words) for count, words in counts if count)
            yield Part(gettext("«%(name)s»: %(kept)s, ждём вашего слова", name=store.name, kept=kept))
    if more := len(troubled[_NAMED:]):
        others = plural(more, "магазин", "магазина", "магазинов")
        yield Part(gettext("и ещё %(stores)s, где обновлено не всё", stores=others))


def _unsaid(stores: list[StoreOutcome]) -> Iterator[Part]:
    if said := unsaid_stock(stores):
        yield Part(said)
