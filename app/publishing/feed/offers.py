"""Goods as offers of a YML price list.

Reference: https://yandex.ru/support/partnermarket/export/yml.html (the simplified kind of offer).
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.publishing.planning import reasons, texts
from app.publishing.planning.desired import Desired
from app.publishing.planning.good import Key
from app.publishing.planning.reasons import Reason
from app.publishing.planning.sku import key_sku

# Where goods are that have no group.
REST_CATEGORY = 1
# What stays on the list, as not available: it comes back by itself.
_AWAY = (reasons.SOLD_OUT, reasons.LESS_THAN_ONE, reasons.NOT_ON_SALE)
# Lengths of barcodes that shops elsewhere know.
_BARCODE = re.compile(r"\d{8}|\d{12,13}", re.ASCII)
# What XML cannot write at all; control characters have gone from texts already.
_NOT_XML = re.compile("[\ufffe\uffff\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_TO_ESCAPE = re.compile(f"[{''.join(_ESCAPES)}]|{_NOT_XML.pattern}")


class Surroundings(NamedTuple):
    """What offers refer to: categories' numbers by store and group, and how pictures' addresses begin."""

    categories: Mapping[tuple[str, str | None], int]
    pictures: str


class Written(NamedTuple):
    """Offers as XML, how many they are, and how many goods were left out by the code of the reason."""

    text: str
    offers: int
    left_out: Counter[str]


def write_offers(wanted: Iterable[Desired], around: Surroundings) -> Written:
    """Write what can be offered."""
    left_out: Counter[str] = Counter()
    offers = []
    for want in wanted:
        reason = why_left_out(want)
        if reason is None:
            offers.append(_offer(want, around))
        else:
            left_out[reason.code] += 1
    return Written("".join(offers), len(offers), left_out)


def why_left_out(want: Desired) -> Reason | None:
    """Why it is not on the list, None when it is, be it as not available."""
    return None if want.hidden_by in _AWAY else want.hidden_by


def _offer(want: Desired, around: Surroundings) -> str:
    good = want.good
    category = around.categories.get((good.store_id, good.group_id), REST_CATEGORY)
    name, description, article = want.name, want.description, texts.one_line(good.article)
    # Most need nothing. They are plain texts: whatever XML cannot write has gone from them.
    together = f"{name}\n{description}\n{article}"
    if "&" in together or "<" in together or ">" in together or '"' in together or "'" in together:
        name, description, article = map(escaped, (name, description, article))
    old_price = f"<oldprice>{former}</oldprice>" if (former := want.old_price_unasked) else ""
    vendor_code = f"<vendorCode>{article}</vendorCode>" if article else ""
    return (
        f'<offer id="{key_sku(good.key)}" available="{"true" if want.hidden_by is None else "false"}">'
        f"<price>{want.price_text}</price>{old_price}<currencyId>RUB</currencyId>"
        f"<categoryId>{category}</categoryId>"
        f"{_pictures(want, around.pictures)}<name>{name}</name>{vendor_code}"
        f"<description>{description}</description>{_barcodes(good.barcodes)}</offer>\n"
    )


def _pictures(want: Desired, beginning: str) -> str:
    if want.good.photos:
        return "".join([f"<picture>{beginning}/photos/{photo}.jpg</picture>" for photo in want.photos])
    return f"<picture>{beginning}/cards/{card_name(want.key)}.jpg</picture>" if want.has_card else ""


def _barcodes(codes: str | None) -> str:
    if not codes:
        return ""
    if _BARCODE.fullmatch(codes):
        return f"<barcode>{codes}</barcode>"
    known = dict.fromkeys(code for code in codes.split() if _BARCODE.fullmatch(code))
    return "".join(f"<barcode>{code}</barcode>" for code in known)


def escaped(text: str) -> str:
    """The text as XML writes it, in an element or an attribute."""
    if _TO_ESCAPE.search(text) is None:
        return text
    return _TO_ESCAPE.sub(lambda found: _ESCAPES.get(found[0], ""), text)


def card_name(key: Key) -> str:
    """What the card of a good is called in addresses, whatever signs Evotor's ids hold."""
    return base64.urlsafe_b64encode("\0".join(key).encode("utf-8", "surrogatepass")).decode().rstrip("=")


def key_of_card(name: str) -> Key | None:
    """The good that `card_name` made the name of; None for any other text."""
    try:
        text = base64.b64decode(name + "=" * (-len(name) % 4), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    store_id, separator, product_id = text.partition("\0")
    return (store_id, product_id) if separator and "\0" not in product_id else None
