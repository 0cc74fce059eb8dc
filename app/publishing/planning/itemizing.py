"""What there is to do about each wanted listing and its entry in the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from app.publishing.planning import reasons
from app.publishing.planning.album_places import Places
from app.publishing.planning.comparing import all_fields, compare, field_owners
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import (
    BESIDE_PICTURES,
    FAILED,
    GONE,
    SENDING,
    Entry,
    ForeignItem,
    without,
)
from app.publishing.planning.good import Key
from app.publishing.planning.plan import ASK, BLOCKED, CHANGE, CREATE, HIDE, SHOW, Item
from app.publishing.planning.settings import Settings
from app.publishing.planning.settled import Settled
from app.publishing.planning.sku import SkuBook
from app.publishing.planning.twins import Twin, twins_of
from app.publishing.planning.unwanted import hidden


class Itemizer:
    """Turns pairs into items; knows which skus are given, and which new goods may be there already.

    `undecided` are the goods that each good may be one with. `settled` fills while `items` is read: by
    listing, the mark of what is as it should be.
    """

    def __init__(
        self,
        settings: Settings,
        skus: SkuBook,
        foreign: list[ForeignItem],
        undecided: Mapping[Key, Sequence[frozenset[Key]]],
        places: Places,
    ) -> None:
        self.settled: dict[int, str] = {}
        # The goods that buyers see now, where some may be one.
        self._seen: set[Key] = set()
        self._marks = Settled(settings)
        self._owners = field_owners(settings)
        self._settings = settings
        self._undecided = undecided
        self._skus = skus
        self._foreign = foreign
        self._places = places

    def items(self, pairs: Sequence[tuple[Desired, Entry | None]]) -> Iterator[Item]:
        new = [(want, entry) for want, entry in pairs if entry is None or _is_absent(entry)]
        twins = twins_of(new, self._foreign, self._settings)
        if self._undecided:
            seen = (want.keys for want, entry in pairs if entry is not None and entry.is_visible)
            self._seen = set(chain.from_iterable(seen))
        for want, entry in pairs:
            if entry is None:
                yield self._new(want, twins.get(want.key))
            elif entry.state == GONE:
                yield Item(ASK, entry.sku, want, entry, reason=reasons.DELETED_IN_VK)
            elif entry.item_id is None:
                yield self._again(want, entry, twins.get(want.key))
            elif not entry.is_visible and want.available and self._may_be_seen(want):
                # Hidden when the two were joined, say, by another mark than they bear now.
                yield Item(ASK, entry.sku, want, entry, reason=reasons.MAY_BE_ONE)
            else:
                yield from self._known(want, entry)

    def _may_be_seen(self, want: Desired) -> bool:
        """Whether the same good, for all that is known, is in the shop already."""
        alike = chain.from_iterable(self._undecided.get(key, ()) for key in want.keys)
        return any(not keys.isdisjoint(self._seen) for keys in alike)

    def _may_be_one(self, want: Desired) -> bool:
        """Whether the owner has to say first whether it is the same good as another."""
        return not self._undecided.keys().isdisjoint(want.keys)

    def _known(self, want: Desired, entry: Entry) -> Sequence[Item]:
        """What there is to do about a listing in VK; it is compared unless it is known to be as it should."""
        # Where goods go into albums, a listing also depends on the others.
        mark = None if self._places.is_used else self._marks.mark(want, entry)
        if mark is not None and mark == entry.settled:
            return ()
        items = list(_compared(want, entry, self._owners, self._places))
        if mark is not None and not items and want.available:
            self.settled[entry.listing_id] = mark
        return items

    def _new(self, want: Desired, twin: Twin | None) -> Item:
        reason = want.obstacle
        if reason is not None:
            return Item(BLOCKED, "", want, reason=reason)
        if self._may_be_one(want):
            return Item(ASK, "", want, reason=reasons.MAY_BE_ONE)
        sku = self._skus.give(want.good)
        if twin is None:
            return self._placed(Item(CREATE, sku, want))
        return Item(ASK, sku, want, reason=twin.reason, foreign=twin.item)

    def _again(self, want: Desired, entry: Entry, twin: Twin | None) -> Item:
        """What the ledger knows of and VK has not: it may have come there by hand meanwhile."""
        item = _added_again(want, entry)
        if item.kind == CREATE and not item.look_up and self._may_be_one(want):
            return Item(ASK, entry.sku, want, entry, reason=reasons.MAY_BE_ONE)
        if item.kind != CREATE or item.look_up or twin is None:
            return self._placed(item)
        return Item(ASK, entry.sku, want, entry, reason=twin.reason, foreign=twin.item)

    def _placed(self, item: Item) -> Item:
        """Name the album that a new good goes into once it is added, or say why into none."""
        if item.kind != CREATE or item.want is None or not self._places.is_used:
            return item
        place = self._places.of_new(item.want)
        return item._replace(changes=(place.change,) if place.change else (), reason=place.reason)


def _is_absent(entry: Entry) -> bool:
    """Whether a listing is certainly not in VK, and would be added."""
    return entry.item_id is None and entry.state == FAILED


def _added_again(want: Desired, entry: Entry) -> Item:
    """An entry whose listing is not known to be in VK: an earlier run was cut short or refused."""
    look_up = entry.state == SENDING
    reason = want.obstacle
    if reason is None and entry.refused:
        wanted = all_fields(want)
        # Another value in any field may be what VK wants.
        was_refused = all(
            entry.was_refused(field, wanted.get(field)) for field in without(entry.refused, *BESIDE_PICTURES)
        )
        reason = reasons.refused(entry.problem) if was_refused else None
    if reason is None:
        return Item(CREATE, entry.sku, want, entry, look_up=look_up)
    if look_up and reason.hides:
        return Item(HIDE, entry.sku, want, entry, reason=reason, look_up=True)
    return Item(BLOCKED, entry.sku, want, entry, reason=reason)


def _compared(want: Desired, entry: Entry, owners: Mapping[str, str], places: Places) -> Iterator[Item]:
    if not want.available:
        if entry.may_be(visible=True):
            yield hidden(entry, want.hidden_by, want)
        else:
            yield Item(BLOCKED, entry.sku, want, entry, reason=want.hidden_by)
        return
    changes, questions, refused, is_withheld, mistold = compare(entry, want, owners)
    if mistold:
        yield Item(BLOCKED, entry.sku, want, entry, reason=mistold)
    if places.is_used:
        place = places.of_known(want, entry)
        changes += (place.change,) if place.change else ()
        questions += (place.question,) if place.question else ()
        refused += (place.refused,) if place.refused else ()
        if place.reason:
            yield Item(BLOCKED, entry.sku, want, entry, reason=place.reason)
    if refused:
        yield Item(BLOCKED, entry.sku, want, entry, refused, reasons.refused(entry.problem))
    if entry.may_be(visible=False) and not is_withheld:
        yield Item(SHOW, entry.sku, want, entry, changes)
    elif changes:
        yield Item(CHANGE, entry.sku, want, entry, changes)
    if questions:
        yield Item(ASK, entry.sku, want, entry, questions, reasons.EDITED_IN_VK)
