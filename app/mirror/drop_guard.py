"""How much of a store, or of all stores, may vanish or come in other groups before its owner is asked."""

from typing import NamedTuple

from app.mirror.regrouping import Regrouped, Shares

# Fewer goods than this may go as they like: the owner sees what happens.
GUARDED_LOSS = 20


class Kept(NamedTuple):
    """What is kept until the owner's word: the goods that are to go, the groups of those that are to move."""

    goods: bool
    groups: bool


class DropGuard(NamedTuple):
    """Keeps goods that vanish in bulk: more than `percent` of a store and at least `at_least` of them,
    unless the owner has seen so many go: `confirmed` or fewer. So it keeps their groups when they change,
    unless the owner has seen so many `confirmed_moves`; so many new ones that may be those of stores that do
    not answer come in as `confirmed_new`. What was `lost_lately` and `moved_lately` unasked
    counts with it. So it keeps their types, unless the owner has seen so many `confirmed_types`."""

    percent: int
    confirmed: int
    at_least: int = GUARDED_LOSS
    confirmed_moves: int = 0
    lost_lately: int = 0
    moved_lately: int = 0
    confirmed_types: int = 0
    confirmed_new: int = 0

    def withholds(self, missing: int, existing: int) -> bool:
        """Tell whether `missing` goods of `existing` are kept, whatever moves besides."""
        lost, of = missing + self.lost_lately, existing + self.lost_lately
        return missing > self.confirmed and self._is_too_much(lost, of)

    def keeps_groups(self, shares: Shares) -> bool:
        """Tell whether goods stay in their groups, whatever is missing besides."""
        return any(
            moved > self.confirmed_moves and self._is_too_much(moved + self.moved_lately, of)
            for moved, of in shares
        )

    def judge(self, missing: int, existing: int, moves: Regrouped) -> Kept:
        """Judge what goes and what moves, each by itself and both together."""
        asked = Kept(missing > self.confirmed, moves.goods > self.confirmed_moves)
        unseen = min(missing * asked.goods + moves.goods * asked.groups, existing)
        lately = self.lost_lately + self.moved_lately
        if self._is_too_much(unseen + lately, existing + self.lost_lately):
            return asked
        return Kept(self.withholds(missing, existing), self.keeps_groups(moves.shares))

    def _is_too_much(self, gone: int, of: int) -> bool:
        return gone >= self.at_least and gone * 100 > of * self.percent
