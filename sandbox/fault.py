"""One fault that is switched on, and which requests it is meant for."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One fault that is switched on, and where it strikes.

    None means any merchant, store, resource or page (counted from 1); `times` None means until cleared.
    `seconds` is for waits, `megabytes` for the gigantic body, `retry_after` for the header of an error.
    """

    name: str
    merchant: str | None = None
    store: str | None = None
    resource: str | None = None
    page: int | None = None
    times: int | None = None
    seconds: float = 0.0
    megabytes: int = 256
    retry_after: str | None = None
    id: int = 0

    def strikes(self, merchant: str, store: str | None, resource: str, page: int | None) -> bool:
        """Tell whether the fault is meant for this request."""
        wanted = (self.merchant, self.store, self.resource, self.page)
        return all(
            mine in (None, theirs)
            for mine, theirs in zip(wanted, (merchant, store, resource, page), strict=True)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the fault as plain data."""
        return asdict(self)
