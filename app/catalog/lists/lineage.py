"""The way from the root down to a group."""

from collections.abc import Mapping

from app.catalog.lists.family import GroupName

# A way of more groups is no help to anybody, and a page of rows would be nothing but their names.
SHOWN = 12


def shown_ancestors(lineage: Mapping[str, GroupName], group_id: str) -> list[GroupName]:
    """The groups above a group as a page names them: of very many the nearest, from above."""
    return ancestors(lineage, group_id, most=SHOWN)


def ancestors(lineage: Mapping[str, GroupName], group_id: str, *, most: int | None = None) -> list[GroupName]:
    """The groups above a group, from the root, or the `most` nearest; a loop is cut where it closes."""
    path: list[GroupName] = []
    visited = {group_id}
    parent_id = lineage[group_id].parent_evotor_id
    while parent_id is not None and parent_id in lineage and parent_id not in visited:
        visited.add(parent_id)
        path.append(lineage[parent_id])
        if len(path) == most:
            break
        parent_id = lineage[parent_id].parent_evotor_id
    return path[::-1]
