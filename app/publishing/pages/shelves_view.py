"""Goods of several stores that are one, or may be, as the page shows them."""

from typing import NamedTuple

from flask import render_template
from flask_babel import gettext

from app.publishing.planning.alike import Alike
from app.publishing.planning.forbidden import is_forbidden
from app.publishing.planning.good import Good
from app.publishing.planning.plan import Plan
from app.web.shown import mark_of
from app.words import gettext_noop

SHOWN = 50
MARKS = {"barcode": gettext_noop("штрихкод"), "article": gettext_noop("артикул"), "code": gettext_noop("код")}


class ShelvesView(NamedTuple):
    """The first of each kind, and how many there are; `mark` says by what they are alike.

    `forbidden` are one with a card of a type that VK forbids, so that none of them goes there.
    """

    mark: str
    asked: list[Alike]
    forbidden: list[Alike]
    joined: list[Alike]
    parted: list[Alike]
    asked_total: int
    forbidden_total: int
    joined_total: int
    parted_total: int
    seen: str
    said: str | None = None

    def seen_of(self, each: Alike) -> str:
        """The same for an answer about one of them."""
        return mark_of([asked_about(each)])

    @property
    def may_be_forbidden(self) -> bool:
        """Whether one of those that are asked about has a card that VK forbids."""
        return any(map(has_forbidden, self.asked))

    def is_forbidden(self, good: Good) -> bool:
        """Whether VK forbids what this very card says it is."""
        return is_forbidden(good.type)


def asked_about(each: Alike) -> tuple[object, ...]:
    """What a page shows goods by that may be one: another mark, or other goods, are another question."""
    return each.mark, *sorted(good.key for good in each.goods)


def shelves_view(plan: Plan | None, said: str | None = None) -> ShelvesView:
    """Describe what of a plan's goods is alike; nothing without a plan."""
    found = plan.alike if plan else ()
    asked = [each for each in found if each.is_one is None]
    forbidden = [each for each in found if each.is_one and has_forbidden(each)]
    joined = [each for each in found if each.is_one and not has_forbidden(each)]
    parted = [each for each in found if each.is_one is False]
    mark = MARKS.get(plan.settings.merge_by) if plan else None
    return ShelvesView(
        gettext(mark) if mark else "",
        asked[:SHOWN],
        forbidden[:SHOWN],
        joined[:SHOWN],
        parted[:SHOWN],
        len(asked),
        len(forbidden),
        len(joined),
        len(parted),
        mark_of(map(asked_about, asked)),
        said,
    )


def has_forbidden(each: Alike) -> bool:
    """Whether one of the cards is of a type that VK forbids."""
    return any(is_forbidden(good.type) for good in each.goods)


def shelves_fragment(view: ShelvesView) -> str:
    """The part of the page that each answer replaces."""
    return render_template("publishing/_shelves.html", shelves=view)
