"""Pairs as the page of listings shows them."""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar

from flask import render_template

from app.publishing.current import was_approved
from app.publishing.ledger.pairing import second_bearers
from app.publishing.pages.words import said_of
from app.publishing.pairs import pairs_of
from app.publishing.planning.existing import ForeignItem
from app.publishing.planning.pairing import Alike, Proposal, Why
from app.publishing.planning.reasons import SECOND
from app.web.cursor import BadCursor, Cursor
from app.web.shown import mark_of
from app.words import gettext_noop

T = TypeVar("T")
# The rank of a thing's reason, and VK's number.
_Place = tuple[int, int]

SHOWN, GOODS_SHOWN = 50, 5
PROPOSALS, ALIKE, UNPAIRED, OTHERS = "proposals", "alike", "unpaired", "others"
WHY = {
    Why.SKU: gettext_noop("тот же артикул"),
    Why.ARTICLE: gettext_noop("артикул, код или штрихкод"),
    Why.NAME: gettext_noop("то же название"),
    Why.ALIKE: gettext_noop("похожее название"),
}


class PairsView(NamedTuple):
    """Some of each kind, and how many there are; `leads`: the first run begins with these.

    `seconds`: VK's numbers of those that bear the sku of one of ours; they come first.
    `after` are cursors of what follows, by the kind; a page that a cursor leads to holds one kind alone.
    """

    community_id: int
    proposals: Sequence[Proposal]
    alike: Sequence[Alike]
    unpaired: Sequence[ForeignItem]
    others: Sequence[ForeignItem]
    proposed: int
    alike_total: int
    after: Mapping[str, str]
    leads: bool
    mark: str
    seconds: Set[int]
    said: str | None = None

    @property
    def why_second(self) -> str:
        """What those are taken for, as the plan says it."""
        return said_of(SECOND)

    @property
    def is_empty(self) -> bool:
        return not (self.proposals or self.alike or self.unpaired or self.others)


def pairs_view(
    user_id: int, community_id: int, said: str | None = None, after: str | None = None
) -> PairsView:
    """Describe the pairs of this moment; `said` is a sentence about what was just done.

    after: the cursor of a page of one kind. Raises BadCursor.
    """
    pairs = pairs_of(user_id, community_id)
    (proposals, alike, unpaired), others, _ = pairs
    edge = Cursor.decode(after) if after else None
    seconds = second_bearers(user_id, community_id) if unpaired else set()

    def by_seconds(item: ForeignItem) -> _Place:
        return int(item.item_id not in seconds), item.item_id

    order = list(Why)
    follows: dict[str, str] = {}

    def some(kind: str, found: Sequence[T], place: Callable[[T], _Place]) -> list[T]:
        wanted = [each for each in found if edge is None or (kind, *place(each)) > _place_of(edge)]
        if edge is not None and not edge.value.startswith(kind):
            return []
        if len(wanted) > SHOWN:
            rank, item_id = place(wanted[SHOWN - 1])
            follows[kind] = Cursor(f"{kind} {rank}", item_id, 0).encode()
        return wanted[:SHOWN]

    return PairsView(
        community_id,
        some(PROPOSALS, proposals, lambda each: (order.index(each.why), each.item.item_id)),
        some(ALIKE, alike, lambda each: (0, each.item.item_id)),
        some(UNPAIRED, sorted(unpaired, key=by_seconds), by_seconds),
        some(OTHERS, others, lambda item: (0, item.item_id)),
        len(proposals),
        len(alike),
        follows,
        leads=bool(proposals or alike) and not was_approved(user_id, community_id),
        mark=mark_of(pairs.keys()),
        seconds=seconds,
        said=said,
    )


def _place_of(edge: Cursor) -> tuple[str, int, int]:
    kind, _, rank = edge.value.partition(" ")
    if kind not in (PROPOSALS, ALIKE, UNPAIRED, OTHERS) or not (rank.isascii() and rank.isdigit()):
        raise BadCursor(edge.value)
    return kind, int(rank), edge.id


def pairs_fragment(view: PairsView) -> str:
    """The part of the page that each answer replaces."""
    return render_template("publishing/_pairs.html", pairs=view, why=WHY, goods_shown=GOODS_SHOWN)
