"""A good of the till, as light as publication needs it."""

from decimal import Decimal
from typing import NamedTuple

# A good is known by its store and its id there: Evotor's ids are unique within a store only.
Key = tuple[str, str]


class Good(NamedTuple):
    """A good with what the rules decided about it; texts are Evotor's own, None where it has none.

    `barcodes` are separated by spaces. `photos` are digests of pictures in their order, the good's own or
    else its group's. `number` is the greater, the later the good came to the till. `former_price` is what it
    cost before a fall that is recent enough to be shown.
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
    description: str | None = None
    store_name: str | None = None
    photos: tuple[str, ...] = ()
    number: int = 0
    former_price: Decimal | None = None

    @property
    def key(self) -> Key:
        return self[:2]

    @property
    def first_barcode(self) -> str:
        return self.barcodes.split(None, 1)[0] if self.barcodes and not self.barcodes.isspace() else ""
