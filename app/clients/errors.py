"""What can go wrong with a foreign cloud, and whether trying again can help."""

from __future__ import annotations

from typing import NamedTuple


class CloudError(Exception):
    """Say that a cloud did not do what was asked.

    permanent: trying again later cannot help, somebody has to act.
    status: the HTTP status, None when there was no answer or it could not be read.
    detail: one line in English for the log; holds no secrets.
    """

    permanent = False

    def __init__(self, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status

    def __str__(self) -> str:
        return self.detail or type(self).__name__


class Unauthorized(CloudError):
    """401: the token is wrong or was revoked."""

    permanent = True


class PaymentRequired(CloudError):
    """402: the terminals of this one store have not paid for the app."""

    permanent = True


class Forbidden(CloudError):
    """403: no right to this, or the merchant has removed the app."""

    permanent = True


class ScopeMissing(Forbidden):
    """VK 15: the token was issued without the right that the call needs."""


class RoleLost(Forbidden):
    """VK 7, 203, 205: the owner has no such role in the community any more."""


class Blocked(Forbidden):
    """VK 18, 27: the account or the community is blocked."""


class MarketOff(Forbidden):
    """VK 1438: the community has its shop switched off."""


class ConfirmationNeeded(Forbidden):
    """VK 14, 17, 24: a person has to prove something first; `address` is where, None when VK gave none."""

    def __init__(self, detail: str = "", *, status: int | None = None, address: str | None = None) -> None:
        super().__init__(detail, status=status)
        self.address = address


class NotFound(CloudError):
    """404: no such store or object."""

    permanent = True


class Violation(NamedTuple):
    """One complaint of the cloud about a request; either part may be empty."""

    subject: str
    reason: str


class BadRequest(CloudError):
    """400, 422 and the rarer 4xx: the cloud does not understand what we ask."""

    permanent = True

    def __init__(
        self, detail: str = "", *, status: int | None = None, violations: tuple[Violation, ...] = ()
    ) -> None:
        super().__init__(detail, status=status)
        self.violations = violations


class RateLimited(CloudError):
    """429 still after the last try."""


class Unavailable(CloudError):
    """No answer, a broken one or 5xx, still after the last try."""


class BadPayload(CloudError):
    """An answer that cannot be read: HTML, a wrong shape, too large, cursors that go round."""
