"""How deep groups may lie within each other: whoever reads of one reads of all above it, or within it."""

from collections.abc import Mapping

# No shop nests them deeper than ten; each row of a page would cost as much as all the groups above it.
MOST_NESTED = 100


def bounded(parents: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give the parent of each group, None for what would lie `MOST_NESTED` deep: it begins a tree of its own.

    A circle of more groups than that is opened; a smaller one stays, as does a parent that is no group.
    """
    found = dict(parents)
    if len(found) <= MOST_NESTED:
        return found
    depths: dict[str, int] = {}
    # Sorted, so that a circle is opened at the same place however the groups came.
    for group_id in sorted(found):
        path: dict[str, None] = {}
        at: str | None = group_id
        while at is not None and at in found and at not in depths and at not in path:
            path[at] = None
            at = found[at]
        way = list(path)
        depth = depths.get(at or "", -1)
        if at in path:
            circle = way[way.index(at) :]
            if len(circle) > MOST_NESTED:
                found[circle[-1]], circle = None, []
            depth = len(circle) - 1
            depths |= dict.fromkeys(circle, depth)
            way = way[: len(way) - len(circle)]
        for each in reversed(way):
            depth += 1
            if depth >= MOST_NESTED:
                found[each], depth = None, 0
            depths[each] = depth
    return found
