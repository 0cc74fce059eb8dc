"""Read the JSON of VK: strict about what identifies a thing, tolerant of the rest."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from app.clients.errors import BadPayload
from app.clients.vk.fields import ADDRESS_LENGTH, UNSTORABLE, plain_text, read_object, read_owner_id

TOKEN_LENGTH = 4096
HOUR = 3600

SENDABLE_TOKEN = re.compile(rf"[!-~]{{1,{TOKEN_LENGTH}}}")
# A picture from elsewhere than these would be refused by our own pages.
PICTURE = re.compile(r"https://|data:image/")


class Tokens(NamedTuple):
    """A pair of tokens; `expires_in` in seconds. Written out it shows no token."""

    access_token: str
    refresh_token: str
    expires_in: int
    user_id: str
    scope: frozenset[str]

    def __repr__(self) -> str:
        return f"Tokens(user_id={self.user_id!r}, scope={sorted(self.scope)})"


class User(NamedTuple):
    """A person; `photo` is the address of a picture."""

    id: str
    name: str
    photo: str | None


# VK's word for a shop with a cart, stock and variants («расширенный»).
EXTENDED = "advanced"


class Community(NamedTuple):
    """A community; `id` is positive, and negated it owns the community's goods.

    counts_stock: its shop is an extended one.
    """

    id: int
    name: str
    photo: str | None
    market_on: bool
    counts_stock: bool = False


def load(body: bytes) -> dict[str, Any]:
    """Return the JSON object of the body, or raise BadPayload."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        # The decoder's error keeps the whole body, tokens and all.
        raise BadPayload("the body is not JSON") from None
    if not isinstance(answer, dict):
        raise BadPayload("the body is not an object")
    return answer


def read_tokens(answer: dict[str, Any]) -> Tokens:
    """Read a new pair of tokens, or raise BadPayload."""
    pair = answer.get("access_token"), answer.get("refresh_token")
    for token in pair:
        if not isinstance(token, str) or not SENDABLE_TOKEN.fullmatch(token):
            raise BadPayload("the answer has no pair of tokens")
    expires_in = answer.get("expires_in")
    if type(expires_in) is not int or expires_in <= 0:
        expires_in = HOUR
    scope = answer.get("scope")
    return Tokens(
        str(pair[0]),
        str(pair[1]),
        expires_in,
        str(read_owner_id(answer.get("user_id"))),
        frozenset(scope.split()) if isinstance(scope, str) else frozenset(),
    )


def read_user_list(response: Any) -> User:
    """Read the first person of `users.get`, or raise BadPayload."""
    if not isinstance(response, list) or not response:
        raise BadPayload("users.get: the answer has no user")
    item = read_object(response[0])
    parts = (plain_text(item.get("first_name")), plain_text(item.get("last_name")))
    user_id = str(read_owner_id(item.get("id")))
    return User(user_id, " ".join(part for part in parts if part) or user_id, _picture(item.get("photo_200")))


def read_communities(response: Any) -> tuple[int, list[Community]]:
    """Read the whole count and a page of `groups.get`, or raise BadPayload."""
    count, items = read_list(response)
    return count, [_community(item) for item in items]


def _community(item: Any) -> Community:
    """Read a community; a missing `market` means switched off."""
    item = read_object(item)
    market = item.get("market")
    market = market if isinstance(market, dict) else {}
    community_id = read_owner_id(item.get("id"))
    return Community(
        community_id,
        plain_text(item.get("name")) or str(community_id),
        _picture(item.get("photo_200")),
        market.get("enabled") in (1, True),
        market.get("type") == EXTENDED,
    )


def read_list(response: Any) -> tuple[int, list[Any]]:
    """Return the whole count and the items of one page, or raise BadPayload."""
    response = read_object(response)
    count, items = response.get("count"), response.get("items")
    if type(count) is not int or not isinstance(items, list):
        raise BadPayload("the answer has no count or no list of items")
    return count, items


def read_count(response: Any) -> int:
    """Return the whole count of what was asked for a page of, or raise BadPayload."""
    return read_list(response)[0]


def _picture(value: Any) -> str | None:
    if isinstance(value, str) and PICTURE.match(value) and len(value) <= ADDRESS_LENGTH:
        return UNSTORABLE.sub("", value)
    return None
