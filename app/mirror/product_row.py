"""A product of the cloud as a row of ours."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from app.clients.evotor.client import Product, SentProduct
from app.mirror.folding import code_lines, fold

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
_VERSION = b"2"
_MEANING = " ".join("%s" if field in ("price", "quantity") else "%r" for field in Product._fields)

# A digest is 32 letters: the first half tells whether a product was sent in other words than before, the
# second whether that means anything to us. Mostly the words are the same, and nothing more has to be read.
DIGEST_HALF = 16


def digest_sent(body: bytes) -> str:
    """Give the first half of a digest; cheap, because every good is asked."""
    return blake2b(_VERSION + body, digest_size=DIGEST_HALF // 2).hexdigest()


def digest_page(page: Iterable[SentProduct]) -> str:
    """Give a digest of all the goods of a page as they were sent, in their order."""
    digest = blake2b(_VERSION, digest_size=DIGEST_HALF)
    for product in page:
        digest.update(product.body)
    return digest.hexdigest()


def digest_meaning(product: Product) -> str:
    """Give the second half of a digest."""
    return blake2b(_VERSION + (_MEANING % product).encode(), digest_size=DIGEST_HALF // 2).hexdigest()


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
