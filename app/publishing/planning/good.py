"""A good of the till, as light as publication needs it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from app.publishing.planning.packing import LETTERS_UNPACKED, packed, unpacked

# A good is known by its store and its id there: Evotor's ids are unique within a store only.
Key = tuple[str, str]


class Good(NamedTuple):
    """A good with what the rules decided about it; texts are Evotor's own, None where it has none.

    `barcodes` are separated by spaces. `photos` are digests of pictures in their order, the good's own or
    else its group's. `number` is the greater, the later the good came to the till. `former_price` is what it
    cost before a fall that is recent enough to be shown. `description` may be packed, `text` never is.
    """

    store_id: str
    product_id: str
    name: str
    is_published: bool = True
    type: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    allow_to_sell: bool | None = None
    group_id: str | None = None
    group_name: str | None = None
    code: str | None = None
    article: str | None = None
    barcodes: str | None = None
    description: str | bytes | None = None
    store_name: str | None = None
    photos: tuple[str, ...] = ()
    number: int = 0
    former_price: Decimal | None = None

    @property
    def key(self) -> Key:
        return self[:2]

    @property
    def text(self) -> str:
        """The description, empty where there is none."""
        return unpacked(self.description)

    @property
    def first_barcode(self) -> str:
        return self.barcodes.split(None, 1)[0] if self.barcodes and not self.barcodes.isspace() else ""


def with_light_texts(goods: Iterable[Good]) -> Iterator[Good]:
    """The same goods: once their descriptions have come to `LETTERS_UNPACKED` letters, packed ones."""
    room = LETTERS_UNPACKED
    for good in goods:
        if isinstance(told := good.description, str):
            room -= len(told)
            if room < 0:
                yield good._replace(description=packed(told))
                continue
        yield good
