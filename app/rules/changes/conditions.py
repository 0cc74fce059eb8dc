"""Which rules a plan means, said as a condition until it is applied: a name and arguments, not their rows.

Whoever offers a condition registers how it is found, and where it means all goods of a place; a plan that
nobody applies costs one row.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select

from app.rules.read import Target

# Takes the owner and the arguments; gives entity_type, store_evotor_id, entity_id, entity_name,
# parent_entity_id and mode, the mode that each rule shall have, NULL for none.
Finder = Callable[[int, Mapping[str, Any]], Select[Any]]

_finders: dict[str, Finder] = {}


class Whole(NamedTuple):
    """A store or a group, all of whose goods a condition means, and the mode that each of them shall have."""

    target: Target
    mode: str


# Takes the owner and the arguments; gives the place whose goods are meant, all of them, None for no such one.
Widener = Callable[[int, Mapping[str, Any]], Whole | None]

_wideners: dict[str, Widener] = {}


class Condition(NamedTuple):
    """The name of a condition, and its arguments as JSON can hold them."""

    name: str
    arguments: Mapping[str, Any]


def finds(name: str) -> Callable[[Finder], Finder]:
    """Register the function that makes the statement of the condition `name`."""

    def register(finder: Finder) -> Finder:
        _finders[name] = finder
        return finder

    return register


def select_rules(user_id: int, condition: Condition) -> Select[Any]:
    """The statement that finds what the owner's condition means at this moment."""
    return _finders[condition.name](user_id, condition.arguments)


def widens(name: str) -> Callable[[Widener], Widener]:
    """Register the function that tells of which place the condition `name` means all goods."""

    def register(widener: Widener) -> Widener:
        _wideners[name] = widener
        return widener

    return register


def whole_of(user_id: int, condition: Condition) -> Whole | None:
    """The store or group all of whose goods the owner's condition means; None for a part of them."""
    widener = _wideners.get(condition.name)
    return widener(user_id, condition.arguments) if widener else None
