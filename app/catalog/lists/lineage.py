"""The way from the root down to a group."""

from collections.abc import Mapping

from app.catalog.lists.family import GroupName


def ancestors(lineage: Mapping[str, GroupName], group_id: str) -> list[GroupName]:
    """The groups above a group, from the root; a loop is cut where it closes."""
    path: list[GroupName] = []
    visited = {group_id}
    parent_id = lineage[group_id].parent_evotor_id
    while parent_id is not None and parent_id in lineage and parent_id not in visited:
        visited.add(parent_id)
        path.append(lineage[parent_id])
        parent_id = lineage[parent_id].parent_evotor_id
    return path[::-1]
