"""A community's shop and its ledger in memory, just enough to carry out plans."""

from dataclasses import dataclass, field
from typing import Any

from app.publishing.planning.existing import (
    AVAILABLE,
    FAILED,
    GONE,
    HIDDEN,
    LIVE,
    PHOTO_IDS,
    PHOTOS,
    SENDING,
    Entry,
    ForeignItem,
)
from app.publishing.planning.good import Key
from app.publishing.planning.make import Existing
from app.publishing.planning.plan import Plan
from app.publishing.planning.steps import Phase, Step, steps


@dataclass
class Community:
    """`shop` is what VK holds by item id, `entries` the ledger by listing id."""

    shop: dict[int, dict[str, Any]] = field(default_factory=dict)
    entries: dict[int, Entry] = field(default_factory=dict)
    photo_ids: int = 0

    def existing(self) -> Existing:
        """What a plan is made from."""
        ours = {entry.item_id for entry in self.entries.values()}
        foreign = [
            ForeignItem(item_id, item["name"], item.get("sku"))
            for item_id, item in self.shop.items()
            if item_id not in ours
        ]
        return Existing(list(self.entries.values()), foreign)

    def carry_out(self, plan: Plan, *, most: int | None = None, lose_answers: bool = False) -> None:
        """Do the first `most` steps; with `lose_answers` the ledger never learns of what VK added."""
        for step in steps(plan)[:most]:
            if step.phase == Phase.NEW:
                self._add(step, lose_answers)
            else:
                self._edit(step)

    def read(self) -> None:
        """Read the whole shop into the ledger."""
        for listing_id, entry in self.entries.items():
            if not entry.is_in_vk:
                continue
            item = self.shop.get(entry.item_id or 0)
            if item is None:
                self.entries[listing_id] = entry._replace(state=GONE, seen={})
            else:
                seen = {name: value for name, value in item.items() if name != "sku"}
                self.entries[listing_id] = entry._replace(seen=seen)

    def add_foreign(self, name: str, sku: str | None = None) -> int:
        """Somebody adds a listing by hand."""
        item_id = max(self.shop, default=0) + 1
        self.shop[item_id] = {"name": name, "sku": sku, AVAILABLE: True, PHOTO_IDS: [0]}
        return item_id

    def by_good(self, key: Key) -> Entry:
        return next(entry for entry in self.entries.values() if key in entry.goods)

    def _add(self, step: Step, lose_answer: bool) -> None:
        item, want = step.item, step.item.want
        assert want is not None
        listing_id = item.entry.listing_id if item.entry else len(self.entries) + 1
        self.entries[listing_id] = Entry(listing_id, item.sku, None, SENDING, step.fields, {}, want.keys)
        found = (
            [id for id, shown in self.shop.items() if shown.get("sku") == item.sku] if item.look_up else []
        )
        item_id = found[0] if found else max(self.shop, default=0) + 1
        self.shop[item_id] = {"sku": item.sku, **self._shown(step.fields)}
        if not lose_answer:
            self._note(listing_id, item_id, step.fields)

    def _edit(self, step: Step) -> None:
        entry = step.item.entry
        assert entry is not None
        entry = self.entries[entry.listing_id]
        if step.item.look_up:
            found = [id for id, shown in self.shop.items() if shown.get("sku") == entry.sku]
            if not found:
                self.entries[entry.listing_id] = entry._replace(state=FAILED)
                return
            entry = entry._replace(item_id=found[0])
            self.entries[entry.listing_id] = entry
        assert entry.item_id is not None
        self.shop[entry.item_id].update(self._shown(step.fields))
        self._note(entry.listing_id, entry.item_id, step.fields)

    def _shown(self, fields: dict[str, Any]) -> dict[str, Any]:
        shown = {name: value for name, value in fields.items() if name != PHOTOS}
        if PHOTOS in fields:
            self.photo_ids += 1
            shown[PHOTO_IDS] = [self.photo_ids * 10 + place for place in range(len(fields[PHOTOS]))]
        return shown

    def _note(self, listing_id: int, item_id: int, fields: dict[str, Any]) -> None:
        entry = self.entries[listing_id]
        sent = {**entry.sent, **fields}
        gone = set(fields)
        if PHOTOS in fields:
            sent[PHOTO_IDS] = self.shop[item_id][PHOTO_IDS]
            gone.add(PHOTO_IDS)
        seen = {name: value for name, value in entry.seen.items() if name not in gone}
        state = LIVE if sent.get(AVAILABLE, True) else HIDDEN
        self.entries[listing_id] = entry._replace(item_id=item_id, state=state, sent=sent, seen=seen)
