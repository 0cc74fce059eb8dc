"""A product of the cloud as a row of ours."""

from hashlib import blake2b
from typing import Any

from app.catalog.wording import code_lines, fold
from app.clients.evotor import Product

# What a staged product hands over to the cached one, in the order of `goods_values`.
GOODS_COLUMNS = (
    "group_evotor_id",
    "name",
    "sort_name",
    "price",
    "quantity",
    "measure_name",
    "article_number",
    "allow_to_sell",
    "code",
    "description",
    "barcodes",
    "product_type",
    "search_text",
    "digest",
)

# Raise the number when `goods_values` changes: every row then differs and is written anew.
_DIGESTED = "1 " + " ".join("%s" if field in ("price", "quantity") else "%r" for field in Product._fields)


def digest(product: Product) -> str:
    """Tell by 32 letters whether anything in `product` differs; cheap, because every good is asked."""
    return blake2b((_DIGESTED % product).encode(), digest_size=16).hexdigest()


def goods_values(product: Product, product_digest: str) -> tuple[Any, ...]:
    """The values of GOODS_COLUMNS; numbers stay Decimal."""
    barcodes = " ".join(product.barcodes) or None
    return (
        product.parent_id,
        product.name[:255],
        fold(product.name)[:255],
        product.price,
        product.quantity,
        _cut(product.measure_name, 20),
        _cut(product.article_number, 100),
        product.allow_to_sell,
        _cut(product.code, 100),
        product.description,
        barcodes,
        _cut(product.type, 50),
        code_lines((product.article_number, product.code, *product.barcodes)),
        product_digest,
    )


def _cut(text: str | None, length: int) -> str | None:
    return text[:length] if text else None
