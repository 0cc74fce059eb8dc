"""A step on its way to VK, and how the ledger is told of it before and after."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.clients.errors import CloudError
from app.publishing.ledger.asked import Asked
from app.publishing.ledger.writing import Intent, Outcome
from app.publishing.planning.good import Key
from app.publishing.planning.plan import Item
from app.publishing.planning.steps import Step
from app.publishing.run import refusals


class Ready(NamedTuple):
    """A step that needs nothing more before its call; `fields` are as the ledger keeps them.

    `listing_id` is None until the ledger knows of it.
    """

    step: Step
    fields: dict[str, Any]
    listing_id: int | None

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
            fields=self.fields,
            problem=refusals.problem_of(error) if error is not None and not is_gone else None,
            is_gone=is_gone,
            goods=_behind(item),
        )


def _behind(item: Item) -> Sequence[Key]:
    """The goods that come to stand behind a listing, none where these do already.

    First is the one whose it was before others joined: they part the same way.
    """
    if item.want is None:
        return ()
    keys = item.want.keys
    before = item.entry.goods if item.entry else keys
    after = tuple(sorted(keys, key=lambda key: key not in before[:1]))
    return () if after == before else after
