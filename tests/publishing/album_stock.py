"""Goods in two groups, and the albums that they make."""

from collections.abc import Mapping

from sandbox.vk.goods import Market
from tests.stock import group, product

TEA, COFFEE = group("tea", "Чай"), group("coffee", "Кофе")
GOODS = [
    product("p1", "Улун молочный", "tea", price=350, article_number="A-1"),
    product("p2", "Пуэр шу, лист", "tea", price=420, article_number="A-2"),
    product("p3", "Кофе в зёрнах", "coffee", price=900, article_number="A-3"),
]

FILLED = {"События": ["", ""], "Чай": ["A-1", "A-2"], "Кофе": ["A-3"]}


def shown(market: Market) -> Mapping[str, list[str]]:
    """The albums of a shop that are not empty, by title, each with the skus of its items."""
    titles = [album.title for album in market.albums.values() if album.items]
    assert len(titles) == len(set(titles))
    return {
        album.title: sorted(market.items[item_id].sku for item_id in album.items)
        for album in market.albums.values()
        if album.items
    }
