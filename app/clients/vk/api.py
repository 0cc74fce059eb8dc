"""The VK API: who the owner is, which communities they run, whether their goods can be reached."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.clients.errors import BadPayload
from app.clients.vk.call import Call, as_params
from app.clients.vk.payload import Community, User, read_communities, read_count, read_user_list
from app.clients.vk.session import VkSession

__all__ = ["Community", "User", "VkClient"]

PAGE = 500
PAGES_LIMIT = 20


class VkClient:
    """Call the API with one owner's token; may be used from several threads at once.

    Takes what VkSession takes. Every method raises the errors of `app.clients.errors`.
    """

    def __init__(self, base_url: str, access_token: str, **options: Any) -> None:
        self.session = VkSession(base_url, access_token, **options)

    def __enter__(self) -> VkClient:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        self.session.close()

    # Reference: https://dev.vk.com/ru/method/users.get
    def user(self) -> User:
        """Return the owner of the token."""
        return self.session.ask(Call("users.get", as_params(fields="photo_200"), read_user_list))

    # Reference: https://dev.vk.com/ru/method/groups.get
    def communities(self) -> list[Community]:
        """Return the communities that the owner administers, each once."""
        found: dict[int, Community] = {}
        asked = partial(as_params, filter="admin", extended=True, fields="market", count=PAGE)
        for page in range(PAGES_LIMIT):
            call = Call("groups.get", asked(offset=page * PAGE), read_communities)
            count, communities = self.session.ask(call)
            found |= {community.id: community for community in communities}
            if len(found) > PAGES_LIMIT * PAGE:
                break
            if not communities or (page + 1) * PAGE >= count:
                return list(found.values())
        raise BadPayload("groups.get: the pages do not end")

    # Reference: https://dev.vk.com/ru/method/market.get
    def count_goods(self, community_id: int) -> int:
        """Return how many goods the community's shop holds; raises ScopeMissing or MarketOff instead."""
        return self.session.ask(Call("market.get", as_params(owner_id=-community_id, count=1), read_count))
