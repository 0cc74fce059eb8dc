"""A price list written piece by piece, in memory that does not grow with the goods."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from app.data.parts import in_parts
from app.publishing.feed.categories import Category, categories_of
from app.publishing.feed.joins import joined
from app.publishing.feed.offers import Surroundings, escaped, write_offers
from app.publishing.goods import goods_on_offer
from app.publishing.planning.desired import Shop
from app.publishing.planning.joins import Joins

_OFFERS_A_PIECE = 500
# The fastest: whoever asks waits for the database, not for a few bytes less.
_LEVEL = 1
_AS_GZIP = 16 + zlib.MAX_WBITS


class Heading(NamedTuple):
    """What the list says of the shop, and when its content last changed, in the owner's time."""

    name: str
    url: str
    since: datetime


class Outcome(NamedTuple):
    """What a list held: offers, and how many goods were left out by the code of the reason."""

    offers: int
    left_out: dict[str, int]


class PriceList:
    """One owner's list, ready to be written."""

    def __init__(self, user_id: int, shop: Shop, joins: Joins, heading: Heading, pictures: str) -> None:
        self._user_id = user_id
        self._shop = shop
        self._joins = joins
        self._heading = heading
        self._pictures = pictures

    def write(self, engine: Engine, when_done: Callable[[Outcome], None]) -> Iterator[bytes]:
        """Yield the list; the heading leaves before the goods are asked for.

        `when_done` is told what the list held, if it was read to its end.
        """
        yield self._beginning().encode()
        with engine.connect() as connection:
            categories = categories_of(self._user_id, connection)
            yield _categories(categories.values()).encode()
            numbers = {key: category.number for key, category in categories.items()}
            yield from self._offers(connection, Surroundings(numbers, self._pictures), when_done)

    def _beginning(self) -> str:
        name, url, since = self._heading
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<yml_catalog date="{since:%Y-%m-%d %H:%M}">\n<shop>\n'
            f"<name>{escaped(name)}</name><company>{escaped(name)}</company><url>{escaped(url)}</url>"
            '<platform>Vitrina</platform>\n<currencies><currency id="RUB" rate="1"/></currencies>\n'
        )

    def _offers(
        self, connection: Connection, around: Surroundings, when_done: Callable[[Outcome], None]
    ) -> Iterator[bytes]:
        offers, left_out = 0, Counter[str]()
        goods = goods_on_offer(self._user_id, connection)
        wanted = self._shop.listings(joined(goods, self._shop.settings, self._joins))
        yield b"<offers>\n"
        for piece in in_parts(wanted, _OFFERS_A_PIECE):
            written = write_offers(piece, around)
            offers += written.offers
            left_out += written.left_out
            if written.text:
                yield written.text.encode()
        when_done(Outcome(offers, dict(left_out)))
        yield b"</offers>\n</shop>\n</yml_catalog>\n"


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same compressed; what there is of the beginning leaves at once."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _AS_GZIP)
    is_begun = False
    for piece in pieces:
        packed = packer.compress(piece)
        if not is_begun:
            packed += packer.flush(zlib.Z_SYNC_FLUSH)
            is_begun = True
        if packed:
            yield packed
    yield packer.flush()


def _categories(categories: Iterable[Category]) -> str:
    lines = "".join(map(_category, categories))
    return f"<categories>\n{lines}</categories>\n"


def _category(category: Category) -> str:
    above = f' parentId="{category.parent}"' if category.parent else ""
    return f'<category id="{category.number}"{above}>{escaped(category.name)}</category>\n'
