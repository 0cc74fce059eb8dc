"""Pairs as the page of listings shows them."""

from typing import NamedTuple

from flask import render_template

from app.publishing.current import was_approved
from app.publishing.pairs import pairs_of
from app.publishing.planning.existing import ForeignItem
from app.publishing.planning.pairing import Alike, Proposal, Why

SHOWN, GOODS_SHOWN = 50, 5
WHY = {
    Why.SKU: "тот же артикул",
    Why.ARTICLE: "артикул, код или штрихкод",
    Why.NAME: "то же название",
    Why.ALIKE: "похожее название",
}


class PairsView(NamedTuple):
    """The first of each kind, and how many there are; `leads`: the first run begins with these."""

    community_id: int
    proposals: tuple[Proposal, ...]
    alike: tuple[Alike, ...]
    unpaired: tuple[ForeignItem, ...]
    others: list[ForeignItem]
    proposed: int
    alike_total: int
    unpaired_total: int
    leads: bool
    said: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.proposals or self.alike or self.unpaired or self.others)


def pairs_view(user_id: int, community_id: int, said: str | None = None) -> PairsView:
    """Describe the pairs of this moment; `said` is a sentence about what was just done."""
    (proposals, alike, unpaired), others, _ = pairs_of(user_id, community_id)
    return PairsView(
        community_id,
        proposals[:SHOWN],
        alike[:SHOWN],
        unpaired[:SHOWN],
        others[:SHOWN],
        len(proposals),
        len(alike),
        len(unpaired),
        leads=bool(proposals or alike) and not was_approved(user_id, community_id),
        said=said,
    )


def pairs_fragment(view: PairsView) -> str:
    """The part of the page that each answer replaces."""
    return render_template("publishing/_pairs.html", pairs=view, why=WHY, goods_shown=GOODS_SHOWN)
