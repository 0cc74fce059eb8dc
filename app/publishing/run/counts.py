"""How many goods a run is about, of each kind."""

from collections import Counter
from collections.abc import Mapping

from app.publishing.planning.plan import CHANGE, CREATE, HIDE, SHOW

_COLUMNS = {CREATE: "to_create", CHANGE: "to_change", HIDE: "to_hide", SHOW: "to_show"}


def counts_of(did: Mapping[str, str], left: Mapping[str, str]) -> dict[str, int]:
    """The columns of a run's row; given is the kind of what was handled and of what is left, each by its sku.

    What is left of a good that was handled counts once.
    """
    kinds = Counter(did.values()) + Counter(kind for sku, kind in left.items() if sku not in did)
    counts = {column: kinds[kind] for kind, column in _COLUMNS.items()}
    return {**counts, "total": sum(counts.values())}
