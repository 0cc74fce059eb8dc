"""Read the categories that VK offers for goods."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.clients.errors import BadPayload
from app.clients.vk.fields import ID_END, NAME_LENGTH, read_items, read_object, read_owner_id, unescaped_text

DEEPEST_CATEGORY = 20


class Category(NamedTuple):
    """A node of the tree of categories."""

    id: int
    name: str
    children: tuple[Category, ...]


def read_categories(response: Any) -> list[Category]:
    """Read a list of categories with what is below them; VK may name one in several places."""
    return list(_categories(read_items(read_object(response).get("items")), 0))


def _categories(nodes: list[Any], depth: int) -> tuple[Category, ...]:
    """Read categories but those with a number that no category can have."""
    if depth > DEEPEST_CATEGORY:
        raise BadPayload("the categories have no end")
    found: list[Category] = []
    for node in map(read_object, nodes):
        category_id = read_owner_id(node.get("id"))
        if category_id >= ID_END:
            continue
        children = node.get("children")
        below = _categories(children, depth + 1) if isinstance(children, list) else ()
        found.append(Category(category_id, unescaped_text(node.get("name"), NAME_LENGTH) or "", below))
    return tuple(found)
