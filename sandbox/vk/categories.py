"""The tree of categories, and the methods that show it."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sandbox.vk.category_outline import OUTLINE
from sandbox.vk.method import Call, Methods

# What the documentation of market.add tells to pass when the category is not known.
UNKNOWN = 1
METHODS = Methods()


@dataclass
class Category:
    """A node of the tree."""

    id: int
    name: str
    parent: "Category | None" = None
    children: list["Category"] = field(default_factory=list)

    def path(self) -> list["Category"]:
        """Return the node and the nodes above it, the root last."""
        return [self, *(self.parent.path() if self.parent else [])]

    def tree(self) -> dict[str, Any]:
        """Show the node with everything below it."""
        shown: dict[str, Any] = {"id": self.id, "name": self.name}
        if self.children:
            shown["children"] = [child.tree() for child in self.children]
        if self.parent is None:
            view = {"type": "tab_root", "selected": False, "root_path": [self.name]}
            shown |= {"icon_name": "market_outline_28", "view": view}
        return shown


def _read(outline: str) -> tuple[list[Category], dict[int, Category]]:
    """Read lines such as `  101 Чай`, where two spaces more lead one level down."""
    roots: list[Category] = []
    by_id: dict[int, Category] = {}
    above: list[Category] = []
    for line in outline.strip().splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        number, name = line.split(maxsplit=1)
        del above[depth:]
        node = Category(int(number), name, above[-1] if above else None)
        (above[-1].children if above else roots).append(node)
        above.append(node)
        by_id[node.id] = node
    return roots, by_id


ROOTS, BY_ID = _read(OUTLINE)


def is_known(category_id: int) -> bool:
    """Tell whether an item may have this category."""
    return category_id == UNKNOWN or category_id in BY_ID


@cache
def category(category_id: int) -> dict[str, Any]:
    """Show an item's category with the ones above it."""
    node = BY_ID.get(category_id)
    if node is None:
        return _nested(UNKNOWN, "Другое")
    shown = _nested(node.id, node.name)
    return {**shown, "parent": category(node.parent.id)} if node.parent else shown


def _nested(number: int, name: str) -> dict[str, Any]:
    return {"inner_type": "market_market_category_nested", "id": number, "name": name, "is_v2": True}


@METHODS.method("market.getCategories", "group_id album_id")
def get_categories(call: Call) -> dict[str, Any]:
    """Show the whole tree."""
    call.number("group_id", 1, 10**15)
    call.number("album_id", 1, 10**15)
    return {"items": [root.tree() for root in ROOTS]}


@METHODS.method("market.filterCategories", "category_id query count")
def filter_categories(call: Call) -> dict[str, Any]:
    """Find categories by a part of their name, anywhere or below one of them."""
    below, query = call.number("category_id", 0, 10**15), (call.text("query") or "").casefold()
    size = call.number("count", 0, 1000)
    found = [
        node
        for node in BY_ID.values()
        if query in node.name.casefold() and (not below or below in (each.id for each in node.path()))
    ]
    return {"items": [_found(node) for node in found[: 20 if size is None else size]]}


def _found(node: Category) -> dict[str, Any]:
    view = {"type": "tab_root", "selected": False, "root_path": [each.name for each in node.path()]}
    return {**node.tree(), "view": view}
