"""The methods that read items: market.get, getById, search."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.vk.goods import AVAILABLE, REMOVED, UNAVAILABLE, Item, Market
from sandbox.vk.method import Call, Methods
from sandbox.vk.refused import Refused
from sandbox.vk.shown import Shown

METHODS = Methods()
ITEM_ID = re.compile(r"-([0-9]{1,15})_([0-9]{1,15})(?:_\w+)?", re.ASCII)
CARDS = 1


@METHODS.method(
    "market.get",
    "owner_id album_id count offset extended date_from date_to need_variants with_disabled fields",
)
def get(call: Call) -> dict[str, Any]:
    """List the items of the shop or of an album; unavailable ones for who leads it, deleted ones never."""
    offset, size = call.page(usual=100, most=200)
    with_disabled, extended = bool(call.flag("with_disabled")), bool(call.flag("extended"))
    call.flag("need_variants")
    first, last = _date(call, "date_from"), _date(call, "date_to")
    market = call.shop()
    leads = call.leads_shop(market)
    wanted = {AVAILABLE, UNAVAILABLE} if with_disabled and leads else {AVAILABLE}
    found = [
        item
        for item in _arranged(call, market)
        if item.availability in wanted
        and call.has_come(item.created_at)
        and (first is None or item.changed_at >= first)
        and (last is None or item.changed_at < last + timedelta(days=1).total_seconds())
        and _is_listed(call, item, leads)
    ]
    return _page(call, market, found[offset : offset + size], len(found), extended=extended)


@METHODS.method("market.getById", "item_ids extended")
def get_by_id(call: Call) -> dict[str, Any]:
    """Show items by ids such as -7001_11; those that do not exist are absent."""
    ids = [part.strip() for part in call.required("item_ids").split(",")]
    if len(ids) > 100:
        call.wrong("item_ids should contain no more than 100 elements")
    extended = bool(call.flag("extended"))
    items: list[dict[str, Any]] = []
    for written in dict.fromkeys(ids):
        match = ITEM_ID.fullmatch(written) or call.wrong("item_ids is invalid")
        market = _market(call, int(match[1]))
        item = market.items.get(int(match[2])) if market else None
        if market and item and _is_seen(call, market, item):
            items += _page(call, market, [item], 1, extended=extended)["items"]
    return {"count": len(items), "items": items}


@METHODS.method(
    "market.search",
    "owner_id album_id q price_from price_to sort rev offset count extended status need_variants",
)
def search(call: Call) -> dict[str, Any]:
    """Find items by words of their name and description, by price and availability; sku is not looked at."""
    offset, size = call.page(usual=20, most=200)
    words, extended = (call.text("q") or "").casefold().split(), bool(call.flag("extended"))
    lowest, highest = call.number("price_from", 0, 10**14), call.number("price_to", 0, 10**14)
    sort, reverse = call.number("sort", 0, 3) or 0, call.flag("rev") is not False
    wanted = set(call.ids("status", most=2) or [AVAILABLE])
    if not wanted <= {AVAILABLE, UNAVAILABLE}:
        call.wrong("status is invalid")
    market = call.shop()
    leads = call.leads_shop(market)
    found = [
        item
        for item in _arranged(call, market)
        if item.availability in (wanted if leads else {AVAILABLE})
        and call.has_come(item.created_at)
        and (lowest is None or item.price >= lowest)
        and (highest is None or item.price <= highest)
        and all(word in f"{item.title} {item.description}".casefold() for word in words)
    ]
    if sort in (1, 2):
        found.sort(key=lambda item: item.created_at if sort == 1 else item.price, reverse=reverse)
    page = _page(call, market, found[offset : offset + size], len(found), extended=extended)
    return {**page, "view_type": CARDS}


def _arranged(call: Call, market: Market) -> Iterable[Item]:
    album_id = call.number("album_id", 0, 10**15) or 0
    if not album_id:
        return market.living()
    if album_id not in market.albums:
        raise Refused(1402)
    return [market.items[item_id] for item_id in market.albums[album_id].items]


def _is_listed(call: Call, item: Item, leads: bool) -> bool:
    return not item.reject or (leads and call.vk.habits.lists_rejected)


def _is_seen(call: Call, market: Market, item: Item) -> bool:
    if not call.has_come(item.created_at):
        return False
    if item.availability == REMOVED:
        return call.vk.habits.shows_deleted_by_id
    return item.availability == AVAILABLE or call.leads_shop(market)


def _market(call: Call, community_id: int) -> Market | None:
    community = call.vk.communities.get(community_id)
    if community is None:
        return None
    if not community.market_on:
        raise Refused(1525)
    return call.vk.market(community_id)


def _page(call: Call, market: Market, items: list[Item], total: int, *, extended: bool) -> dict[str, Any]:
    shown = Shown(market, call.host, leads=call.leads_shop(market))
    return {"count": total, "items": [shown.item(item, extended=extended) for item in items]}


def _date(call: Call, name: str) -> float | None:
    written = call.text(name)
    if written is None:
        return None
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return float(call.wrong(f"{name} is invalid"))
