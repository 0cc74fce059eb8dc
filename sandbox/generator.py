"""A merchant with any number of goods: each follows from its number, so a million takes no memory."""

import json
from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from threading import RLock
from typing import Any

from sandbox.shelf import Item, Slice, StoredShelf, changed, encode, updated_ms
from sandbox.world import Merchant, World

GENERATED_TOKEN = "generated-evotor-token"  # noqa: S105 (known to the sandbox alone)
BORN = "2024-03-01T09:00:00.000+0000"
KEPT_SLICES = 128
GOODS_IN_GROUP = 200

# The lengths have no common divisor, so names repeat late and the number makes each one unique.
KINDS = (
    "Чай чёрный", "Чай зелёный", "Кофе в зёрнах", "Печенье овсяное", "Вода питьевая", "Сок яблочный",
    "Мёд липовый", "Варенье вишнёвое", "Крупа гречневая", "Макароны перья", "Масло подсолнечное",
)  # fmt: skip
BRANDS = (
    "«Утро»", "«Сад»", "«Берег»", "«Полдень»", "«Дача»", "«Ромашка»", "«Север»", "«Родник»", "«Луг»",
    "«Амбар»", "«Пекарня»", "«Ярмарка»", "«Самовар»",
)  # fmt: skip
PACKS = ("50 г", "100 г", "200 г", "250 г", "500 г", "1 кг", "0,5 л")
MEASURES = ("шт", "упак", "кг")


class GeneratedShelf:
    """Goods made up on demand; changed, removed and added ones are remembered, the rest costs nothing."""

    def __init__(self, merchant_id: str, store_id: str, store_number: int, goods: int) -> None:
        self._lock = RLock()
        self._goods = goods
        self._groups = group_count(goods)
        self._store_number = store_number
        self._changed: dict[int, Item] = {}
        self._removed: dict[int, Item] = {}
        self._added = StoredShelf(first_position=goods)
        self._slices: OrderedDict[tuple[int, int], Slice] = OrderedDict()
        self._pattern = (
            '{"id":"%s","name":"%s","type":"NORMAL","code":"%d","article_number":"%06d",'
            '"price":%d.%02d,"quantity":%s,"measure_name":"%s","tax":"NO_VAT","allow_to_sell":%s,"barcodes":["2%012d"],"parent_id":"%s",'
            f'"store_id":"{store_id}","user_id":"{merchant_id}","created_at":"{BORN}","updated_at":"{BORN}"}}'
        )
        self._group_ids = [group_id(store_number, number) for number in range(self._groups)]

    def __len__(self) -> int:
        return self._goods - len(self._removed) + len(self._added)

    def slice(self, start: int, limit: int, since: int | None = None) -> Slice:
        """Return up to `limit` goods from number `start`; see Shelf."""
        with self._lock:
            if since is not None and since > updated_ms({"updated_at": BORN}):
                return self._updated(start, limit, since)
            known = self._slices.get((start, limit))
            if known is not None:
                self._slices.move_to_end((start, limit))
                return known
            made = self._made(start, limit)
            # What reaches the end is not kept: it changes with every good that is added.
            if made.next_start is not None and made.next_start < self._goods:
                self._slices[start, limit] = made
                if len(self._slices) > KEPT_SLICES:
                    self._slices.popitem(last=False)
            return made

    def get(self, item_id: str) -> Item | None:
        """Return the good, or None."""
        with self._lock:
            number = self._number(item_id)
            if number is None:
                return self._added.get(item_id)
            return None if number in self._removed else self._item(number)

    def find(self, text: str, limit: int) -> list[Item]:
        """Return up to `limit` goods whose name contains the text, in any letter case."""
        wanted, found = text.casefold(), list[Item]()
        for number in range(self._goods):
            if len(found) == limit:
                return found
            if number in self._removed:
                continue
            change = self._changed.get(number)
            if wanted in str(change.get("name", "") if change else name(number)).casefold():
                found.append(self._item(number))
        return found + self._added.find(text, limit - len(found))

    def put(self, item: Item) -> Item:
        """Add the good, or replace the one with its id."""
        with self._lock:
            number = self._number(item["id"])
            if number is None:
                return self._added.put(item)
            self._changed[number] = dict(item)
            self._removed.pop(number, None)
            self._forget(number)
            return dict(item)

    def change(self, item_id: str, fields: Item, drop: Iterable[str] = ()) -> Item:
        """Set fields, drop others and stamp `updated_at`; KeyError when there is no such good."""
        with self._lock:
            item = self.get(item_id)
            if item is None:
                raise KeyError(item_id)
            return self.put(changed(item, fields, drop))

    def remove(self, item_id: str) -> Item:
        """Take the good away without a trace; KeyError when there is no such good."""
        with self._lock:
            number = self._number(item_id)
            if number is None:
                return self._added.remove(item_id)
            if number in self._removed:
                raise KeyError(item_id)
            self._removed[number] = self._item(number)
            self._forget(number)
            return self._removed[number]

    def restore(self, item_id: str) -> Item:
        """Put a removed good back; KeyError when it was not removed."""
        with self._lock:
            number = self._number(item_id)
            if number is None:
                return self._added.restore(item_id)
            item = self._removed.pop(number)
            self._forget(number)
            return item

    def removed(self) -> list[Item]:
        """Return what was removed and can be restored."""
        with self._lock:
            return [*self._removed.values(), *self._added.removed()]

    def _made(self, start: int, limit: int) -> Slice:
        numbers = range(start, self._goods)
        if self._removed:
            chosen = list(islice((each for each in numbers if each not in self._removed), limit))
        else:
            chosen = list(numbers[:limit])
        items = ",".join(map(self._json if self._changed else self._text, chosen)).encode()
        if len(chosen) < limit:
            added = self._added.slice(max(start, self._goods), limit - len(chosen))
            return Slice(b",".join(filter(None, (items, added.items))), added.next_start)
        after = chosen[-1] + 1
        return Slice(items, after if after < self._goods or len(self._added) else None)

    def _updated(self, start: int, limit: int, since: int) -> Slice:
        numbers = sorted(each for each in self._changed if each >= start and each not in self._removed)
        fresh = [each for each in numbers if updated_ms(self._changed[each]) >= since]
        items = ",".join(map(self._json, fresh[:limit])).encode()
        if len(fresh) > limit:
            return Slice(items, fresh[limit])
        added = self._added.slice(max(start, self._goods), limit, since)
        if not fresh:
            return added
        return Slice(items, self._goods if added.items else None)

    def _json(self, number: int) -> str:
        change = self._changed.get(number)
        return encode(change).decode() if change else self._text(number)

    def _item(self, number: int) -> Item:
        change = self._changed.get(number)
        item: dict[str, Any] = dict(change) if change else json.loads(self._text(number))
        return item

    def _text(self, number: int) -> str:
        kopecks = 900 + number * 7919 % 299_000
        stock = number * 31 % 4000
        return self._pattern % (
            product_id(self._store_number, number),
            name(number),
            number + 1,
            number + 1,
            kopecks // 100,
            kopecks % 100,
            f"{stock / 1000}" if number % 3 == 2 else stock % 120,
            MEASURES[number % 3],
            "false" if number % 17 == 0 else "true",
            number,
            self._group_ids[number // GOODS_IN_GROUP],
        )

    def _number(self, item_id: str) -> int | None:
        head, _, tail = item_id.rpartition("-")
        if head != product_id(self._store_number, 0).rpartition("-")[0]:
            return None
        try:
            number = int(tail, 16)
        except ValueError:
            return None
        return number if number < self._goods and item_id == product_id(self._store_number, number) else None

    def _forget(self, number: int) -> None:
        for (start, limit), kept in list(self._slices.items()):
            if start <= number < (kept.next_start or self._goods):
                del self._slices[start, limit]


def name(number: int) -> str:
    """Return the name of a generated good."""
    kind, brand, pack = KINDS[number % len(KINDS)], BRANDS[number % len(BRANDS)], PACKS[number % len(PACKS)]
    return f"{kind} {brand}, {pack}, № {number + 1}"


def product_id(store_number: int, number: int) -> str:
    """Return the id of a generated good."""
    return f"{store_number:08x}-600d-4000-8000-{number:012x}"


def group_id(store_number: int, number: int) -> str:
    """Return the id of a generated group."""
    return f"{store_number:08x}-6409-4000-8000-{number:012x}"


def group_count(goods: int) -> int:
    """Return how many groups so many goods fill."""
    return max(1, -(-goods // GOODS_IN_GROUP))


def add_generated_merchant(
    world: World, token: str, goods: int, *, stores: int = 1, user_id: str | None = None
) -> Merchant:
    """Add a merchant with `goods` spread evenly over its stores; a tenth of the groups hold the others.

    `user_id` is whom stores and goods name as their owner, the merchant itself by default.
    """
    merchant = world.add_merchant(token, f"Большой магазин, товаров: {goods}")
    owner = user_id or merchant.id
    for number in range(stores):
        share = goods * (number + 1) // stores - goods * number // stores
        store_id = f"20240301-{number:04X}-4000-8000-{number:012X}"
        dates = {"created_at": BORN, "updated_at": BORN}
        merchant.add_store(
            {
                "id": store_id,
                "name": f"Магазин {number + 1}",
                "address": f"г. Тула, ул. Мира, {number + 1}",
                "user_id": owner,
                **dates,
            },
            StoredShelf(_groups(owner, store_id, number, group_count(share))),
            GeneratedShelf(owner, store_id, number, share),
        )
    return merchant


def _groups(merchant_id: str, store_id: str, store_number: int, groups: int) -> Iterable[Item]:
    for number in range(groups):
        parent = {} if number % 10 == 0 else {"parent_id": group_id(store_number, number - number % 10)}
        yield {
            "id": group_id(store_number, number),
            "name": f"{KINDS[number % len(KINDS)]}: полка {number + 1}",
            **parent,
            "store_id": store_id,
            "user_id": merchant_id,
            "created_at": BORN,
            "updated_at": BORN,
        }
