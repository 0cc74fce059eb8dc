"""Goods that somebody else put into a shop: by hand, or as many as a test needs."""

from typing import Any

from sandbox.vk.categories import BY_ID
from sandbox.vk.drawing import drawn
from sandbox.vk.goods import Item
from sandbox.vk.people import COLOURS
from sandbox.vk.world import VkWorld

THINGS = ("Свеча", "Брелок", "Открытка", "Кружка", "Плед", "Шкатулка", "Блокнот", "Магнит", "Ваза", "Сумка")
KINDS = (
    "ручной работы",
    "в подарок",
    "«Калуга»",
    "с цветами",
    "под старину",
    "для дома",
    "с котом",
    "на удачу",
)
LEAVES = [node.id for node in BY_ID.values() if not node.children]


def add_foreign(
    vk: VkWorld, community_id: int, title: str, price: int, picture: bytes | None = None, **fields: Any
) -> Item:
    """Put an item into a shop by hand, `price` in hundredths; draw its picture when there is none.

    Keywords are fields of Item; BadPicture for a picture that is no JPEG, PNG or GIF.
    """
    market = vk.market(community_id)
    with vk.lock:
        image = picture or drawn(title[:1].upper(), len(market.items) % len(COLOURS))
        digest, header = vk.pictures.keep(image)
        photo = market.add_photo(header.width, header.height, digest)
        return market.add_item(title, price, photos=[photo.id], **fields)


def fill(vk: VkWorld, community_id: int, goods: int, *, sku: str = "") -> None:
    """Put so many items into a shop, the same ones each time; `sku` such as "old-{}" takes their numbers."""
    for number in range(1, goods + 1):
        thing, kind = THINGS[number % len(THINGS)], KINDS[number // len(THINGS) % len(KINDS)]
        add_foreign(
            vk,
            community_id,
            f"{thing} {kind}, №\N{NO-BREAK SPACE}{number}",
            100 * (50 + number * 37 % 4000),
            description=f"{thing} {kind}. Сделано мастерами нашего города, партия {number}.",
            category_id=LEAVES[number % len(LEAVES)],
            sku=sku.format(number),
        )
