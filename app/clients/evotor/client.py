"""The read side of the Evotor cloud, version 2 of its REST API."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import requests

from app.clients.errors import (
    BadPayload,
    BadRequest,
    CloudError,
    Forbidden,
    NotFound,
    PaymentRequired,
    Unauthorized,
)
from app.clients.evotor.following import Following, Identified
from app.clients.evotor.page_payload import (
    SentProduct,
    read_page,
    read_sent,
    read_violations,
    split_page,
)
from app.clients.evotor.payload import Group, Product, Store, read_group, read_store
from app.clients.http import TRIES, HttpSession
from app.clients.request import Authorize, no_turns
from app.clients.turn import Turn

__all__ = ["EvotorClient", "Group", "Product", "SentProduct", "Store", "can_be_sent", "read_sent"]


T = TypeVar("T", bound=Identified)

ACCEPT, ACCOUNT = "application/vnd.evotor.v2+json", "account"
# A page holds 1000 goods, of less than a kilobyte as a rule.
BODY_LIMIT = 8 * 1024 * 1024
# They are held in memory, and no merchant has so many, nor so many letters of all stores.
STORES_LIMIT, STORES_LETTERS, GROUPS_LIMIT = 2_000, 500_000, 50_000
FAILURES: dict[int, type[CloudError]] = {
    401: Unauthorized,
    402: PaymentRequired,
    403: Forbidden,
    404: NotFound,
}

_STORES = partial(read_page, read_item=read_store)
_GROUPS = partial(read_page, read_item=read_group)


def can_be_sent(token: str) -> bool:
    """Tell whether a header can carry the token: printable ASCII without blanks is all that can."""
    return re.fullmatch("[!-~]+", token) is not None


class EvotorClient:
    """Read one merchant's stores, groups and products; may be used from several threads at once.

    auth_scheme: "bearer" or "x-authorization". It changes when only the other form worked: keep it.
    sleep: called for every wait, with seconds; look: before each sending, and now and then while a long
    answer waits for another's end. Whatever they raise ends the call.
    tries: of each call; lifetime: seconds from now after which every call gives up.
    body_limit: bytes, a longer answer is a BadPayload.
    Every method raises the errors of `app.clients.errors`.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        ca_bundle: str | None = None,
        auth_scheme: str = "bearer",
        timeout: tuple[float, float] = (5, 30),
        sleep: Callable[[float], object] = time.sleep,
        tries: int = TRIES,
        lifetime: float = math.inf,
        body_limit: int = BODY_LIMIT,
        look: Callable[[], object] = no_turns,
    ) -> None:
        self.auth_scheme: str = auth_scheme
        self._token = token.strip()
        self._auth_lock = threading.Lock()
        # A stored other form was found by an earlier fall-back, and there is only one.
        self._auth_settled = auth_scheme != "bearer"
        self._http = HttpSession(
            base_url,
            headers={"Accept": ACCEPT, "Accept-Encoding": "gzip"},
            timeout=timeout,
            ca_bundle=ca_bundle,
            sleep=sleep,
            tries=tries,
            lifetime=lifetime,
            body_limit=body_limit,
            look=look,
        )

    def __enter__(self) -> EvotorClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        self._http.close()

    # Reference: https://developer.evotor.ru/docs/rest_stores.html, GET /stores
    def stores(self, on_page: Callable[[], object] = no_turns) -> list[Store]:
        """Return all stores of the merchant, each id once; empty when the app is on no terminal.

        on_page: called after each page; what it raises ends the call.
        """
        found: dict[str, Store] = {}
        for page in self._pages("/stores", _STORES, (ACCOUNT,), STORES_LIMIT):
            found |= {store.id: store for store in page}
            on_page()
            if sum(len(text or "") for store in found.values() for text in store) > STORES_LETTERS:
                raise BadPayload(f"GET /stores: more than {STORES_LETTERS} letters")
        return list(found.values())

    # Reference: https://developer.evotor.ru/docs/rest_products.html, GET /stores/{store-id}/product-groups
    def product_groups(self, store_id: str) -> Iterator[list[Group]]:
        """Yield the groups of a store, a list a page; a page may be empty, an id may come twice."""
        path = self._path(store_id, "product-groups")
        return self._pages(path, _GROUPS, (store_id, ACCOUNT), GROUPS_LIMIT)

    # Reference: https://developer.evotor.ru/docs/rest_api_get_store_products.html
    def products(self, store_id: str) -> Iterator[list[SentProduct]]:
        """Yield the products of a store unread, a list a page; a page may be empty, an id may come twice."""
        return self._pages(self._path(store_id, "products"), split_page, (store_id, ACCOUNT))

    @staticmethod
    def _path(store_id: str, *parts: str) -> str:
        parts = (store_id, *parts)
        if any(part.strip(".") == "" for part in parts):
            # "", "." and ".." would change which page is asked for.
            raise NotFound("no object can have such an id")
        return "/stores/" + "/".join(quote(part, safe="") for part in parts)

    def _pages(
        self,
        path: str,
        read: Callable[[bytes], tuple[list[T], str | None]],
        budgets: tuple[str, ...],
        most: float = math.inf,
    ) -> Iterator[list[T]]:
        """Follow the cursors, never the items: an empty page may have a next one.

        Raises BadPayload for more than `most` items, and for pages that begin anew again and again.
        """
        following = Following(path, most)
        params: dict[str, str] = {}
        while True:
            # Held until the next page is asked for: what is made of a long one is long as well.
            with Turn(self._http.look) as turn:
                items, cursor = read(self._get(path, budgets, params, turn.take))
                following.note(items)
                yield items
                # Or two pages would be held while the next one comes.
                del items
            if cursor is None:
                return
            following.follow(cursor)
            params = {"cursor": cursor}

    def _get(
        self,
        path: str,
        budgets: tuple[str, ...],
        params: Mapping[str, str] | None = None,
        when_long: Callable[[], None] = no_turns,
    ) -> bytes:
        """Return the body of a 200, trying the second form of the credentials once."""
        if not can_be_sent(self._token):
            # Such a header cannot be sent, and the error about it would quote the token.
            raise Unauthorized("no token can look like this one", status=401)
        scheme = self.auth_scheme
        ask = partial(self._http.get, path, params=params, budgets=budgets, when_long=when_long)
        answer = ask(authorize=self._authorize(scheme))
        if answer.status == 401 and self._may_fall_back(scheme):
            scheme = "x-authorization"
            answer = ask(authorize=self._authorize(scheme))
        if answer.status == 401 or answer.status < 300:
            with self._auth_lock:
                self._auth_settled = True
                if answer.status < 300:
                    self.auth_scheme = scheme
        if answer.status == 200:
            return answer.body
        raise self._failure(path, answer.status, answer.body)

    def _may_fall_back(self, scheme: str) -> bool:
        # Another thread may have settled on the other form while this request was under way.
        with self._auth_lock:
            return scheme == "bearer" and (not self._auth_settled or self.auth_scheme != "bearer")

    def _authorize(self, scheme: str) -> Authorize:
        def authorize(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if scheme == "bearer":
                request.headers["Authorization"] = f"Bearer {self._token}"
            else:
                request.headers["X-Authorization"] = self._token
            return request

        return authorize

    def _failure(self, path: str, status: int, body: bytes) -> CloudError:
        detail = f"GET {path}: status {status}"
        if failure := FAILURES.get(status):
            return failure(detail, status=status)
        if 400 <= status < 500:
            # The cloud may quote what it was sent, the credentials with it.
            code, violations = read_violations(body.replace(self._token.encode(), b"***"))
            return BadRequest(f"{detail} {code}".rstrip(), status=status, violations=violations)
        return BadPayload(detail, status=status)
