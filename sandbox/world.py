"""Everything the sandbox knows: merchants, their tokens, stores and goods, how the cloud treats each; VK."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from threading import RLock
from typing import Any

from sandbox.fault_board import FaultBoard
from sandbox.journal import Journal
from sandbox.rate_limit import RateLimiter
from sandbox.shelf import Item, Shelf, StoredShelf
from sandbox.vk.world import VkWorld

V2 = "application/vnd.evotor.v2+json"

CHOICES: dict[str, tuple[str, ...]] = {
    "auth": ("any", "bearer", "x-authorization", "raw"),
    "list_end": ("empty_paging", "null_cursor", "empty_cursor", "no_paging"),
    "content_type": (V2, V2 + ";charset=UTF-8", "application/json", "application/json;charset=UTF-8"),
    "reset_as": ("seconds", "epoch"),
}


@dataclass(frozen=True)
class Manners:
    """How the cloud treats one merchant; each field is a variant that was met in real answers."""

    auth: str = "any"
    list_end: str = "empty_paging"
    content_type: str = V2
    page_size: int = 1000
    rate_limit: int = 10_000
    rate_window: float = 60.0
    reset_as: str = "seconds"
    latency: float = 0.0

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of: {', '.join(allowed)}")
        if not 1 <= self.page_size <= 1000:
            raise ValueError("page_size is from 1 to 1000")
        if self.rate_limit < 0 or self.rate_window <= 0 or self.latency < 0:
            raise ValueError("rate_limit, rate_window and latency are not negative")

    def altered(self, changes: dict[str, Any]) -> "Manners":
        """Return a copy with these fields; ValueError for an unknown field or value."""
        kinds = {each.name: type(getattr(self, each.name)) for each in fields(self)}
        if unknown := changes.keys() - kinds.keys():
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        return replace(self, **{name: kinds[name](value) for name, value in changes.items()})


@dataclass
class Store:
    """One store of a merchant."""

    id: str
    groups: Shelf = field(default_factory=StoredShelf)
    products: Shelf = field(default_factory=StoredShelf)

    def shelf(self, resource: str) -> Shelf:
        """Return the groups or the products."""
        return self.groups if resource == "groups" else self.products


@dataclass
class Merchant:
    """One account of the cloud; `store_list` holds the stores as the cloud shows them."""

    id: str
    name: str
    tokens: set[str]
    manners: Manners = field(default_factory=Manners)
    store_list: StoredShelf = field(default_factory=StoredShelf)
    stores: dict[str, Store] = field(default_factory=dict)

    def add_store(self, item: Item, groups: Shelf | None = None, products: Shelf | None = None) -> Store:
        """Open a store; `item` needs `id` and `name`, other fields of a store are optional."""
        store = Store(
            item["id"],
            StoredShelf() if groups is None else groups,
            StoredShelf() if products is None else products,
        )
        self.stores[store.id] = store
        self.store_list.put({"user_id": self.id, **item})
        return store

    def remove_store(self, store_id: str) -> None:
        """Close a store for good; KeyError when there is none."""
        self.store_list.remove(store_id)
        del self.stores[store_id]


class World:
    """The merchants, the faults and the journal of one sandbox; safe to use from several threads."""

    def __init__(self, stock: Callable[["World"], None] | None = None) -> None:
        """Fill the world with `stock`; without it the world starts empty, and a reset empties it again."""
        self._lock = RLock()
        self._stock = stock
        self._merchants: dict[str, Merchant] = {}
        self._vk = VkWorld()
        self._is_to_be_stocked = False
        self.faults = FaultBoard()
        self.journal = Journal()
        self.rates = RateLimiter()
        self.reset()

    def reset(self) -> None:
        """Return to the first day: first goods, no faults, empty journal."""
        with self._lock:
            self._merchants = {}
            self.faults.clear()
            self.journal.clear()
            self.rates.clear()
            self._vk.clear()
            # Most of those who reset it a thousand times never look at the goods.
            self._is_to_be_stocked = self._stock is not None

    @property
    def vk(self) -> VkWorld:
        """VK as the merchants' owners know it."""
        self._stock_when_first_looked_at()
        return self._vk

    def add_merchant(self, token: str, name: str = "Магазин", *, manners: Manners | None = None) -> Merchant:
        """Add a merchant known by this token; ValueError when the token is taken or unfit for a header."""
        with self._lock:
            self._stock_when_first_looked_at()
            number = 1 + max((int(known[3:]) for known in self._merchants), default=0)
            merchant = Merchant(f"01-{number:015d}", name, set(), manners or Manners())
            self.add_token(merchant, token)
            self._merchants[merchant.id] = merchant
            return merchant

    def add_token(self, merchant: Merchant, token: str) -> None:
        """Let one more token open this account; ValueError when it is taken or unfit for a header."""
        with self._lock:
            if not re.fullmatch(r"[\x21-\x7e]+", token):
                raise ValueError("a token is made of visible ASCII characters")
            if self.merchant_of(token):
                raise ValueError("this token is taken")
            merchant.tokens.add(token)

    def revoke(self, token: str) -> None:
        """Forget a token, as when the merchant removes the app; KeyError when it is unknown."""
        with self._lock:
            merchant = self.merchant_of(token)
            if merchant is None:
                raise KeyError("no such token")
            merchant.tokens.discard(token)

    def merchant_of(self, token: str) -> Merchant | None:
        """Return the merchant this token opens, or None."""
        with self._lock:
            return next((each for each in self.merchants() if token in each.tokens), None)

    def merchant(self, merchant_id: str) -> Merchant | None:
        """Return the merchant with this id, or None."""
        self._stock_when_first_looked_at()
        return self._merchants.get(merchant_id)

    def merchants(self) -> list[Merchant]:
        """Return all merchants, oldest first."""
        with self._lock:
            self._stock_when_first_looked_at()
            return list(self._merchants.values())

    def _stock_when_first_looked_at(self) -> None:
        with self._lock:
            if self._stock and self._is_to_be_stocked:
                self._is_to_be_stocked = False
                self._stock(self)
