"""The rows of a page of goods: the template's row once for each kind of row, then filled in for each good.

Jinja takes fifty microseconds for a row, filling in takes five, and a page has up to two hundred.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

from flask import current_app
from markupsafe import Markup

from app.catalog.lists.elsewhere import Elsewhere
from app.catalog.lists.in_vk import VkState
from app.catalog.lists.reasons import Verdict
from app.catalog.lists.rows import ProductRow
from app.web.csrf import masked_token
from app.web.language import language

_TEMPLATE = "components/rows.html"
_MARK = re.compile(r"\x02(\w+)\x03")


class _Kind(NamedTuple):
    """All that the template decides by; rows of one kind differ in nothing but the words they hold."""

    language: str
    shows_group: bool
    shows_store: bool
    is_elsewhere: bool
    stands_for: int
    inside_group: bool
    has_photo: bool
    is_new: bool
    rule: str | None
    is_published: bool
    is_unready: bool
    is_linked: bool
    allow_to_sell: bool | None
    has_article: bool
    has_price: bool
    has_quantity: bool
    has_measure: bool
    has_group: bool
    has_group_url: bool
    vk_state: str | None
    has_vk_url: bool
    has_vk_problem: bool


def product_rows_html(rows: Iterable[ProductRow], *, shows_group: bool) -> Markup:
    """The body of the table of goods, with the token of this page in each row's form.

    A row that stands for others has a body of its own, with them in it.
    """
    token, spoken = masked_token(), language()
    html: list[str] = []
    is_open = False
    for row in rows:
        if row.stands_for > 1:
            html.append('</tbody><tbody class="same">')
        elif row.stands_for and is_open:
            html.append("</tbody><tbody>")
        is_open = row.stands_for != 1
        pieces, marks = _skeleton(_kind_of(row, spoken, shows_group=shows_group))
        words = _words_of(row, token)
        filled = pieces.copy()
        for place, name in marks:
            filled[place] = words[name]
        html += filled
    return Markup("".join(html))  # noqa: S704 (what a cloud or an owner has written is escaped)


def _kind_of(row: ProductRow, spoken: str, *, shows_group: bool) -> _Kind:
    verdict, vk = row.verdict, row.vk
    return _Kind(
        spoken,
        shows_group,
        row.store_name is not None,
        row.elsewhere is not None,
        row.stands_for,
        row.inside_group,
        row.photo is not None,
        row.is_new,
        row.rule,
        verdict.published,
        row.is_unready,
        verdict.url is not None,
        row.allow_to_sell,
        bool(row.article_number),
        row.price is not None,
        row.quantity is not None,
        bool(row.measure_name),
        row.group_name is not None,
        row.group_url is not None,
        vk.state if vk else None,
        bool(vk and vk.url),
        bool(vk and vk.problem),
    )


def _words_of(row: ProductRow, token: str) -> dict[str, Any]:
    """What stands in a row at the marks, None where its kind has no such mark."""
    verdict, vk, elsewhere = row.verdict, row.vk, row.elsewhere
    return {
        "token": token,
        "number": str(row.number),
        "evotor_id": _escaped(row.evotor_id),
        "store_id": _escaped(row.store_id),
        "name": _escaped(row.name),
        "photo": str(row.photo),
        "article": _escaped(row.article_number),
        "price": row.price,
        "quantity": row.quantity,
        "measure": _escaped(row.measure_name),
        "store": _escaped(row.store_name),
        "store_url": _escaped(row.store_url),
        "elsewhere": elsewhere and elsewhere.words,
        "elsewhere_url": elsewhere and _escaped(elsewhere.url),
        "group": _escaped(row.group_name),
        "group_url": row.group_url,
        "reason": _escaped(verdict.reason),
        "reason_url": _escaped(verdict.url),
        "vk_word": vk and vk.word,
        "vk_url": vk and _escaped(vk.url),
        "vk_problem": vk and _escaped(vk.problem),
    }


# Most words of a page stand in many of its rows, or stood in the page before.
@lru_cache(maxsize=4096)
def _escaped(text: str | None) -> str:
    return escape(text or "")


@lru_cache(maxsize=1024)
def _skeleton(kind: _Kind) -> tuple[list[str], list[tuple[int, str]]]:
    """The row of a kind in pieces, and which of them are to be replaced by words of which name."""
    number: Any = _mark("number")
    photo: Any = _mark("photo") if kind.has_photo else None
    vk = VkState(
        kind.vk_state or "",
        _mark("vk_word"),
        _mark("vk_url") if kind.has_vk_url else None,
        _mark("vk_problem") if kind.has_vk_problem else None,
    )
    row = ProductRow(
        number=number,
        evotor_id=_mark("evotor_id"),
        store_id=_mark("store_id"),
        name=_mark("name"),
        rule=kind.rule,
        verdict=Verdict(kind.is_published, _mark("reason"), _mark("reason_url") if kind.is_linked else None),
        inside_group=kind.inside_group,
        article_number=_mark("article") if kind.has_article else None,
        price=_mark("price") if kind.has_price else None,
        quantity=_mark("quantity") if kind.has_quantity else None,
        measure_name=_mark("measure") if kind.has_measure else None,
        allow_to_sell=kind.allow_to_sell,
        group_name=_mark("group") if kind.has_group else None,
        store_name=_mark("store") if kind.shows_store else None,
        store_url=_mark("store_url") if kind.shows_store else None,
        elsewhere=Elsewhere(_mark("elsewhere"), _mark("elsewhere_url")) if kind.is_elsewhere else None,
        stands_for=kind.stands_for,
        group_url=_mark("group_url") if kind.has_group_url else None,
        is_new=kind.is_new,
        vk=vk if kind.vk_state else None,
        is_unready=kind.is_unready,
        photo=photo,
    )
    template: Any = current_app.jinja_env.get_template(_TEMPLATE).module
    pieces = _MARK.split(str(template.product_row(row, kind.shows_group, token=_mark("token"))))
    return pieces, [(place, pieces[place]) for place in range(1, len(pieces), 2)]


def _mark(name: str) -> str:
    # No good is rendered into a skeleton, so nobody else's mark can be in it.
    return f"\x02{name}\x03"
