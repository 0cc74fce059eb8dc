"""What the filters of a list may ask for, as its address says it."""

from app.publishing.planning import existing
from app.rules.decide import EXCLUDE, INCLUDE

NO_RULE = "none"
PUBLISHED, HIDDEN = "published", "hidden"
ON_SALE, NOT_ON_SALE = "yes", "no"
WAITING = "waiting"
VK_STATES = (existing.LIVE, existing.HIDDEN, WAITING, existing.FAILED)
NEW, REPRICED = "new", "price"
# Of what is asked for only where it is missing.
_MISSING = ("no",)

# By their names in the address.
FILTERS = {
    "rule": (INCLUDE, EXCLUDE, NO_RULE),
    "result": (PUBLISHED, HIDDEN),
    "ready": _MISSING,
    "on_sale": (ON_SALE, NOT_ON_SALE),
    "stock": _MISSING,
    "vk": VK_STATES,
    "photo": _MISSING,
    "grouped": _MISSING,
    "news": (NEW, REPRICED),
}
