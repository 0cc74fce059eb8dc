"""The shop of a community («Товары»): its goods, albums and categories. Prices are in roubles.

What changes something exists as a call too (`adding`, `editing`, …), to be sent with others by `run_batch`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, TypeVar

from app.clients.errors import BadPayload
from app.clients.vk.albums import Albums
from app.clients.vk.batch import CALLS, Outcome, run_batch, split, value_of
from app.clients.vk.by_ids import ask_by_ids
from app.clients.vk.call import Call, as_params
from app.clients.vk.category_payload import Category, read_categories
from app.clients.vk.market_payload import (
    Item,
    Page,
    Shop,
    page_reader,
    read_done,
    read_new_id,
    read_restored,
    read_shop,
)
from app.clients.vk.meanings import Meaning
from app.clients.vk.session import VkSession

PAGE = 200
IDS = 100
# No community may hold so many goods, nor their names and descriptions so many bytes of UTF-8: 15 000 goods
# with 3 000 letters each have 90 million.
ITEMS_END, BYTES_END = 100_000, 100_000_000
CATEGORIES_FOUND = 1000

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What an item is to be; None leaves a field as it is.

    hidden: said each time, since VK may show again what is edited without it. photo_ids: all of them, the
    main one first. old_price: 0 takes a discount away; stock: −1 is unlimited, acts in the advanced shop.
    """

    hidden: bool
    name: str | None = None
    description: str | None = None
    category_id: int | None = None
    price: Decimal | None = None
    old_price: Decimal | None = None
    photo_ids: tuple[int, ...] | None = None
    url: str | None = None
    sku: str | None = None
    stock: int | None = None

    def params(self) -> dict[str, str]:
        """Return them as VK's parameters."""
        photos = self.photo_ids
        return as_params(
            name=self.name,
            description=self.description,
            category_id=self.category_id,
            price=self.price,
            old_price=self.old_price,
            deleted=self.hidden,
            main_photo_id=photos[0] if photos else None,
            photo_ids=photos[1:] if photos is not None else None,
            url=self.url,
            sku=self.sku,
            stock_amount=self.stock,
        )


class AllItems(NamedTuple):
    """The goods of a shop, each once; not complete when VK may have more than it has shown."""

    items: list[Item]
    is_complete: bool


class _Reading(NamedTuple):
    """One reading of all pages; `has_end`: there is no gap between them, as far as can be seen."""

    items: dict[int, Item]
    is_complete: bool
    has_end: bool

    def all(self) -> AllItems:
        return AllItems(list(self.items.values()), self.is_complete)


class Market(Albums):
    """Read and write the goods of one community, given by its positive id."""

    def __init__(self, session: VkSession, community_id: int) -> None:
        super().__init__(session, community_id)
        self._community_id = community_id
        self._read_page = page_reader(community_id)

    # Reference: https://dev.vk.com/ru/method/market.get
    def getting(self, offset: int, count: int = PAGE) -> Call[Page]:
        """Make the call that gives a page of goods, hidden ones too; deleted ones are never listed."""
        params = as_params(
            owner_id=self._owner_id, offset=offset, count=count, extended=True, with_disabled=True
        )
        return Call("market.get", params, self._read_page)

    def get_all(self, on_read: Callable[[int], object] = lambda read: None) -> AllItems:
        """Return all goods; `on_read` is told after each page how many have come so far.

        Where VK counts more than it shows they are read once more: pages shift while somebody edits. What it
        shows twice, page after page to the end, is all there is, whatever it counts with it.
        """
        found = self._read_all(on_read)
        if found.is_complete:
            return found.all()
        ids, had_end = set(found.items), found.has_end
        del found  # Before the same comes again.
        again = self._read_all(on_read)
        is_the_same = ids == again.items.keys() and had_end and again.has_end
        return again.all()._replace(is_complete=again.is_complete or is_the_same)

    def _read_all(self, on_read: Callable[[int], object]) -> _Reading:
        found: dict[int, Item] = {}
        sent: list[int] = []
        total = foreign = size = 0
        for page in self._pages():
            found |= {item.id: item for item in page.items}
            # The greatest: where something is deleted meanwhile, what follows moves up into what was read.
            total, foreign = max(total, page.total or 0), foreign + page.sent - len(page.items)
            sent.append(page.sent)
            size += _bytes_of(page)
            if len(found) > ITEMS_END or size > BYTES_END:
                raise BadPayload("market.get: more goods than any community may hold")
            on_read(len(found))
        # Full pages, one that is not, and nothing behind it.
        *full, last = [count for count in sent if count] or [0]
        has_end = 0 < last < PAGE and set(full) <= {PAGE}
        return _Reading(found, len(found) + foreign >= total, has_end)

    # Reference: https://dev.vk.com/ru/method/market.getById
    def get_by_id(self, item_ids: Collection[int]) -> dict[int, Item]:
        """Return those of the goods that exist, by id; of deleted ones VK may show some."""
        found, size = dict[int, Item](), 0
        for page in ask_by_ids(self.session, list(item_ids), IDS, self._showing):
            found |= {item.id: item for item in page.items}
            if (size := size + _bytes_of(page)) > BYTES_END:
                raise BadPayload("market.getById: longer goods than any community may hold")
        return found

    # Reference: https://dev.vk.com/ru/method/market.add
    def adding(self, fields: Fields) -> Call[int]:
        """Make the call that adds an item and gives its id; asked twice, it adds two."""
        return self._writing("market.add", fields.params(), read_new_id("market_item_id"))

    # Reference: https://dev.vk.com/ru/method/market.edit
    def editing(self, item_id: int, fields: Fields) -> Call[None]:
        """Make the call that changes what `fields` name and keeps the rest."""
        params = as_params(item_id=item_id) | fields.params()
        return self._writing("market.edit", params, read_done, Meaning.NOTHING_TO_CHANGE)

    # Reference: https://dev.vk.com/ru/method/market.delete
    def deleting(self, item_id: int) -> Call[None]:
        """Make the call that deletes an item; one that is gone already counts as deleted."""
        return self._writing("market.delete", as_params(item_id=item_id), read_done, Meaning.ITEM_GONE)

    # Reference: https://dev.vk.com/ru/method/market.restore
    def restoring(self, item_id: int) -> Call[bool]:
        """Make the call that brings a deleted item back and tells whether it did, None when it was there."""
        return self._writing("market.restore", as_params(item_id=item_id), read_restored, Meaning.NOT_DELETED)

    # Reference: https://dev.vk.com/ru/method/market.getCategories
    def categories(self) -> list[Category]:
        """Return the whole tree of categories; ids are VK's to change, keep it for a day at most."""
        params = as_params(group_id=self._community_id)
        return self.session.ask(Call("market.getCategories", params, read_categories))

    # Reference: https://dev.vk.com/ru/method/market.filterCategories
    def find_categories(self, queries: Sequence[str], count: int = 20) -> dict[str, list[Category]]:
        """Return categories whose name holds a query, by query, 25 of them a request."""
        calls = [_filtering(query, count) for query in queries]
        outcomes = [outcome for batch in split(calls) for outcome in self._batch(batch)]
        return {
            query: value_of(self.session, outcome) for query, outcome in zip(queries, outcomes, strict=True)
        }

    # Reference: https://dev.vk.com/ru/method/groups.getById
    def shop(self) -> Shop:
        """Return whether the shop is on, and of which kind it is."""
        params = as_params(group_id=self._community_id, fields="market")
        return self.session.ask(Call("groups.getById", params, read_shop))

    def _showing(self, item_ids: Sequence[int]) -> Call[Page]:
        ids = [f"{self._owner_id}_{item_id}" for item_id in item_ids]
        return Call("market.getById", as_params(item_ids=ids, extended=True), self._read_page)

    def _pages(self) -> Iterator[Page]:
        """Yield pages up to an empty one; one that is empty before its time is asked for once more."""
        met = 0
        for first in range(0, ITEMS_END, CALLS * PAGE):
            calls = [self.getting(first + number * PAGE) for number in range(CALLS)]
            for outcome in self._batch(calls):
                page = value_of(self.session, outcome)
                if not page.sent and met < (page.total or 0):
                    page = self.session.ask(outcome.call)
                met += page.sent
                yield page
                if not page.sent:
                    return
        raise BadPayload("market.get: the pages do not end")

    def _batch(self, calls: Sequence[Call[T]]) -> list[Outcome[T]]:
        return run_batch(self.session, calls).outcomes


def _bytes_of(page: Page) -> int:
    """How many bytes of UTF-8 its names and descriptions take."""
    return sum(len(text.encode()) for item in page.items for text in (item.title, item.description or ""))


def _filtering(query: str, count: int) -> Call[list[Category]]:
    params = as_params(query=query, count=min(count, CATEGORIES_FOUND))
    return Call("market.filterCategories", params, read_categories)
