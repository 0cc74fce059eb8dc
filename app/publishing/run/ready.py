"""A step on its way to VK, and how the ledger is told of it before and after."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.clients.errors import CloudError
from app.publishing.ledger.asked import Asked
from app.publishing.ledger.writing import Intent, Outcome
from app.publishing.planning.changes import parted
from app.publishing.planning.claims import behind
from app.publishing.planning.existing import AVAILABLE, without
from app.publishing.planning.good import Key
from app.publishing.planning.plan import CHANGE, SHOW, Item
from app.publishing.planning.steps import Step
from app.publishing.run import refusals


class Ready(NamedTuple):
    """A step that needs nothing more before its call; `fields` are as the ledger keeps them.

    `listing_id` is None until the ledger knows of it. `held` is what VK refused of the same before: it is
    noted last, since the good counts as refused.
    """

    step: Step
    fields: dict[str, Any]
    listing_id: int | None
    held: Outcome | None = None

    @classmethod
    def of(cls, step: Step, **more: Any) -> "Ready":
        """A step with `more` fields that are known only now."""
        entry = step.item.entry
        return cls(step, {**step.fields, **more}, entry.listing_id if entry else None)

    @property
    def item_id(self) -> int | None:
        """VK's number of the listing, None before it is added."""
        entry = self.step.item.entry
        return entry.item_id if entry else None

    @property
    def intent(self) -> Intent:
        """What the ledger notes before VK is asked."""
        item = self.step.item
        keys = item.want.keys if item.want else (item.key,)
        return Intent(self.listing_id, item.sku, keys, self.fields, item.kind, item.name)

    @property
    def asked(self) -> Asked:
        """What the ledger notes before VK is asked to change a listing that it has."""
        item = self.step.item
        return Asked(self.listing_id or 0, item.kind, item.key, item.name, self.fields)

    def rest(self, error: CloudError) -> "Ready | None":
        """What can be sent of an edit without what VK would not take; None where nothing is left."""
        item = self.step.item
        fields = {} if self.item_id is None else refusals.rest_of(error, self.fields)
        if waiting := parted(item.changes, fields):
            # Nothing comes on sale at a price that waits.
            fields = without(fields, *waiting, *([AVAILABLE] if fields.get(AVAILABLE) else []))
        if not fields or refusals.is_gone(error):
            return None
        refused = self.outcome(None, error)
        # Of all that it was asked for VK has done nothing: what is sent again may still be taken.
        held = _both(self.held, refused._replace(fields=without(refused.fields, *fields)))
        if item.kind == SHOW and AVAILABLE not in fields:
            item = item._replace(kind=CHANGE)
        return self._replace(step=self.step._replace(item=item, fields=fields), fields=fields, held=held)

    def outcomes(self, result: Any, error: CloudError | None = None) -> list[Outcome]:
        """All that the ledger notes of a listing once VK has answered."""
        last = self.outcome(result, error)
        if self.held is None or last.is_gone:
            return [last]
        return [last, self.held] if last.is_taken else [_both(self.held, last)]

    def outcome(self, result: Any, error: CloudError | None = None) -> Outcome:
        """What the ledger notes of VK's answer; `result` is the number of a new listing."""
        item = self.step.item
        # What was never added cannot be gone.
        is_gone = error is not None and refusals.is_gone(error) and self.item_id is not None
        return Outcome(
            action=item.kind,
            listing_id=self.listing_id or 0,
            item_id=self.item_id or result,
            key=item.key,
            name=item.name,
            fields=self.fields if error is None or is_gone else refusals.refused_of(error, self.fields),
            problem=refusals.problem_of(error) if error is not None and not is_gone else None,
            is_gone=is_gone,
            goods=_behind(item),
        )


def _both(before: Outcome | None, last: Outcome) -> Outcome:
    """Two refusals of one listing as one, in the words of the last."""
    return last._replace(fields={**before.fields, **last.fields}) if before else last


def _behind(item: Item) -> Sequence[Key]:
    """The goods that come to stand behind a listing, none where these do already."""
    if item.want is None or item.entry is None:
        return ()
    after = behind(item.want, item.entry)
    return () if after == item.entry.goods else after
