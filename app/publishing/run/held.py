"""A run that waits for its owner before the first call."""

from typing import Any

from app.publishing.planning.plan import Hold


class Held(Exception):
    """The plan is unusual, and the owner has not approved it; `holds` say how."""

    def __init__(self, holds: list[Hold]) -> None:
        super().__init__(", ".join(hold.code for hold in holds))
        self.holds = holds

    def described(self) -> list[dict[str, Any]]:
        """The holds as a run keeps them for its page: code, sentence, names of some goods."""
        return [
            {"code": hold.code, "sentence": hold.sentence, "examples": hold.examples} for hold in self.holds
        ]
