"""The VK API: who the owner is, which communities they run, whether their goods can be reached."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from app.clients.errors import (
    BadPayload,
    BadRequest,
    Blocked,
    CloudError,
    ConfirmationNeeded,
    MarketOff,
    RateLimited,
    RoleLost,
    ScopeMissing,
    Unauthorized,
    Unavailable,
)
from app.clients.http import TRIES, HttpSession
from app.clients.pacing import backoff
from app.clients.vk.payload import ADDRESS_LENGTH, Community, User, load, read_community, read_list, read_user

__all__ = ["Community", "User", "VkClient"]

VERSION = "5.199"
PAGE = 1000
PAGES_LIMIT = 20
# VK counts the calls of each token by the second.
SECOND = 1.0
STATUSES_WITH_BODY = frozenset({200, 400, 401, 403, 422})
BODY_LIMIT = 16 * 1024 * 1024
RETRIED_CODES: dict[int, type[CloudError]] = {1: Unavailable, 6: RateLimited, 10: Unavailable}
CONFIRMATION_CODES = frozenset({14, 17, 24})
FAILURES: dict[int, type[CloudError]] = {
    **RETRIED_CODES,
    5: Unauthorized,
    7: RoleLost,
    203: RoleLost,
    205: RoleLost,
    9: RateLimited,
    29: RateLimited,
    15: ScopeMissing,
    18: Blocked,
    27: Blocked,
    1438: MarketOff,
}


class VkClient:
    """Call the API with one owner's token; may be used from several threads at once.

    sleep: called for every wait, with seconds; whatever it raises ends the call.
    tries: of each call; lifetime: seconds from now after which every call gives up.
    Every method raises the errors of `app.clients.errors`.
    """

    def __init__(
        self,
        base_url: str,
        access_token: str,
        *,
        ca_bundle: str | None = None,
        timeout: tuple[float, float] = (5, 30),
        sleep: Callable[[float], object] = time.sleep,
        tries: int = TRIES,
        lifetime: float = math.inf,
    ) -> None:
        self._access_token = access_token
        self._sleep = sleep
        self._tries = tries
        self._http = HttpSession(
            base_url,
            headers={"Accept": "application/json"},
            timeout=timeout,
            ca_bundle=ca_bundle,
            sleep=sleep,
            tries=tries,
            lifetime=lifetime,
            body_limit=BODY_LIMIT,
            statuses_with_body=STATUSES_WITH_BODY,
        )

    def __enter__(self) -> VkClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._http.close()

    # Reference: https://dev.vk.com/ru/method/users.get
    def user(self) -> User:
        """Return the owner of the token."""
        answer = self._call("users.get", fields="photo_200")
        if not isinstance(answer, list) or not answer:
            raise BadPayload("users.get: the answer has no user")
        return read_user(answer[0])

    # Reference: https://dev.vk.com/ru/method/groups.get
    def communities(self) -> list[Community]:
        """Return the communities that the owner administers, each once."""
        found: dict[int, Community] = {}
        for page in range(PAGES_LIMIT):
            asked = {"filter": "admin", "extended": "1", "fields": "market"}
            count, items = read_list(
                self._call("groups.get", **asked, count=str(PAGE), offset=str(page * PAGE))
            )
            found |= {community.id: community for community in map(read_community, items)}
            if not items or (page + 1) * PAGE >= count:
                return list(found.values())
        raise BadPayload("groups.get: the pages do not end")

    # Reference: https://dev.vk.com/ru/method/market.get
    def count_goods(self, community_id: int) -> int:
        """Return how many goods the community's shop holds; raises ScopeMissing or MarketOff instead."""
        count, _ = read_list(self._call("market.get", owner_id=str(-community_id), count="1"))
        return count

    def _call(self, method: str, **params: str) -> Any:
        """Return the `response` of a reading method, trying again what will pass by itself."""
        form = {**params, "access_token": self._access_token, "v": VERSION}
        for attempt in range(1, self._tries + 1):
            answered = self._http.post(f"/method/{method}", form)
            if not answered.body:
                raise BadPayload(f"{method}: status {answered.status}", status=answered.status)
            answer = load(answered.body)
            if "error" not in answer:
                break
            code, failure = _failure(method, answer["error"])
            if code not in RETRIED_CODES or attempt == self._tries:
                raise failure
            self._sleep(SECOND if code == 6 else backoff(attempt))
        if answered.status != 200 or "response" not in answer:
            raise BadPayload(f"{method}: no response", status=answered.status)
        return answer["response"]


def _failure(method: str, error: Any) -> tuple[int, CloudError]:
    """Read the code only: the message and the parameters may quote the token."""
    code = error.get("error_code") if isinstance(error, dict) else None
    if type(code) is not int:
        return 0, BadPayload(f"{method}: an error without a code")
    detail = f"{method}: error {code}"
    if code in CONFIRMATION_CODES:
        return code, ConfirmationNeeded(detail, status=200, address=_address(error.get("redirect_uri")))
    return code, FAILURES.get(code, BadRequest)(detail, status=200)


def _address(value: Any) -> str | None:
    """Keep only what a link may lead to."""
    if not isinstance(value, str) or not value.isprintable() or len(value) > ADDRESS_LENGTH:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.netloc else None
