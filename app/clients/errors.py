"""What can go wrong with a foreign cloud, and what a caller does about it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Action(StrEnum):
    """What a caller does about an error."""

    # The same call may succeed in a moment.
    RETRY = "retry"
    # A second later, and less often from now on.
    SLOW_DOWN = "slow_down"
    # Exchange the token, then make the same call once more.
    REFRESH_TOKEN = "refresh_token"  # noqa: S105 (a word, no secret)
    # Nothing helps for an hour or longer; go on by itself then.
    PAUSE = "pause"
    # A person has to prove something first.
    ASK_OWNER = "ask_owner"
    # No call of this kind can succeed until somebody has acted.
    STOP = "stop"
    # A quota is spent: add no more of these, go on with everything else.
    STOP_ADDING = "stop_adding"
    # Ask for less at once.
    SMALLER_BATCH = "smaller_batch"
    # Only what this call was about is affected.
    THIS_ITEM = "this_item"
    # What the call referred to has gone: make it anew, or ask whether to.
    REPAIR = "repair"
    # The cloud is already as it was to become.
    SUCCESS = "success"
    # Nobody knows whether it was done: look before doing it again.
    LOOK = "look"


class Told(NamedTuple):
    """What the cloud's own code says: the code, its meaning in the terms of that cloud, what to do."""

    code: int
    meaning: StrEnum
    action: Action


class CloudError(Exception):
    """Say that a cloud did not do what was asked.

    permanent: trying again later cannot help, somebody has to act.
    action: what to do; of the kind of error, or of the cloud's own code where it sent one.
    code, meaning: that code and what it means, None where there was none.
    status: the HTTP status, None when there was no answer or it could not be read.
    detail: one line in English for the log; holds no secrets.
    """

    permanent = False
    action = Action.RETRY
    code: int | None = None
    meaning: StrEnum | None = None

    def __init__(self, detail: str = "", *, status: int | None = None, told: Told | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        if told:
            self.code, self.meaning, self.action = told

    def __str__(self) -> str:
        return self.detail or type(self).__name__


class Unauthorized(CloudError):
    """401, VK 5: the token is wrong or was revoked."""

    permanent = True
    action = Action.STOP


class PaymentRequired(CloudError):
    """402: the terminals of this one store have not paid for the app."""

    permanent = True
    action = Action.THIS_ITEM


class Forbidden(CloudError):
    """403: no right to this, or the merchant has removed the app."""

    permanent = True
    action = Action.STOP


class ScopeMissing(Forbidden):
    """VK 15: the token was issued without the right that the call needs."""


class RoleLost(Forbidden):
    """VK 7, 203, 205: the owner has no such role in the community any more."""


class Blocked(Forbidden):
    """VK 18, 27, 37: the account or the community is blocked."""


class MarketOff(Forbidden):
    """VK 43, 1438, 1525: the community has its shop switched off."""


class ConfirmationNeeded(Forbidden):
    """VK 14, 17, 24: a person has to prove something first.

    address: where, None when VK gave none.
    """

    action = Action.ASK_OWNER

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        told: Told | None = None,
        address: str | None = None,
    ) -> None:
        super().__init__(detail, status=status, told=told)
        self.address = address


class NotFound(CloudError):
    """404, VK 1402, 1403: no such store or object."""

    permanent = True
    action = Action.THIS_ITEM


class QuotaSpent(CloudError):
    """VK 1405–1407: the community holds as many of these as VK allows."""

    permanent = True
    action = Action.STOP_ADDING


class Violation(NamedTuple):
    """One complaint of the cloud about a request; either part may be empty."""

    subject: str
    reason: str


class BadRequest(CloudError):
    """400, 422 and the rarer 4xx: the cloud does not understand what we ask."""

    permanent = True
    action = Action.THIS_ITEM

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        told: Told | None = None,
        violations: tuple[Violation, ...] = (),
    ) -> None:
        super().__init__(detail, status=status, told=told)
        self.violations = violations


class RateLimited(CloudError):
    """429 still after the last try; or no call was left to make in the time there was."""

    action = Action.SLOW_DOWN


class Unavailable(CloudError):
    """No answer, a broken one or 5xx, still after the last try.

    is_sent: the cloud may have received the request, the last of them at least.
    """

    is_sent = True


class BadPayload(CloudError):
    """An answer that cannot be read: HTML, a wrong shape, too large, cursors that go round."""


class UnknownOutcome(CloudError):
    """A call that changes something was sent, and nobody knows whether the cloud did it."""

    action = Action.LOOK
