"""People and communities of VK, and their portraits."""

from dataclasses import dataclass, field
from urllib.parse import quote

ADMINISTRATOR, EDITOR, NO_ROLE = 3, 2, 0
COLOURS = ("#0f766e", "#8a5a00", "#5b4b9a", "#2d6a9f", "#a0446e")


@dataclass
class Person:
    """Somebody with an account."""

    id: int
    first_name: str
    last_name: str
    blocked: bool = False

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}"

    @property
    def photo(self) -> str:
        """A picture with the first letter."""
        return portrait(self.first_name, self.id)


@dataclass
class Community:
    """A community; `roles` are levels of people by their ids (3 administrates)."""

    id: int
    name: str
    screen_name: str
    market_on: bool = True
    market_type: str = "basic"
    blocked: bool = False
    roles: dict[int, int] = field(default_factory=dict)

    @property
    def photo(self) -> str:
        """A picture with the first letter."""
        return portrait(self.name, self.id)


def portrait(name: str, number: int) -> str:
    """Draw the first letter on a coloured square, as an address that needs no server."""
    colour = COLOURS[number % len(COLOURS)]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        f'<rect width="200" height="200" fill="{colour}"/><text x="100" y="136" fill="#fff" '
        f'font-family="sans-serif" font-size="104" text-anchor="middle">{name[:1].upper()}</text></svg>'
    )
    return "data:image/svg+xml," + quote(svg)
