"""What becomes of listings that are to be seen no more, and why."""

from collections.abc import Iterable, Iterator

from app.publishing.planning import reasons
from app.publishing.planning.changes import Change
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import AVAILABLE, SENDING, Entry
from app.publishing.planning.good import Good
from app.publishing.planning.plan import HIDE, Item
from app.publishing.planning.reasons import Reason


def unwanted(entries: Iterable[Entry], goods: Iterable[Good], wanted: Iterable[Desired]) -> Iterator[Item]:
    """What becomes of entries that no listing wants."""
    entries = list(entries)
    asked_about = {key for entry in entries for key in entry.goods}
    why = dict.fromkeys(asked_about.intersection(good.key for good in goods), reasons.EXCLUDED)
    joined = asked_about.intersection(key for want in wanted for key in want.keys)
    why |= dict.fromkeys(joined, reasons.JOINED)
    for entry in entries:
        unsaid = reasons.GONE_FROM_TILL if entry.goods else reasons.DOUBLE
        reason = next((why[key] for key in entry.goods if key in why), unsaid)
        if entry.may_be(visible=True):
            yield hidden(entry, reason)
        elif entry.state == SENDING and entry.item_id is None:
            yield Item(HIDE, entry.sku, None, entry, reason=reason, look_up=True)


def hidden(entry: Entry, reason: Reason | None, want: Desired | None = None) -> Item:
    """What takes a listing out of the shop; `want` is what it should be, None when nothing wants it."""
    return Item(HIDE, entry.sku, want, entry, (Change(AVAILABLE, True, False),), reason)
