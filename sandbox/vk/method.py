"""One call of a method: who asks, with which parameters, and how strictly they are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sandbox.vk.goods import Market
from sandbox.vk.grants import Grant
from sandbox.vk.people import EDITOR, Community
from sandbox.vk.refused import Refused
from sandbox.vk.world import VkWorld

EXECUTE = "execute"
NUMBER = re.compile(r"-?[0-9]{1,15}", re.ASCII)
# Known to every method.
COMMON = frozenset(
    ("access_token", "v", "lang", "test_mode", "captcha_sid", "captcha_key", "success_token", "remixstlid")
) | {"confirm"}


@dataclass
class Call:
    """A call with its parameters as texts; `grant` is None when a community's own token asks."""

    vk: VkWorld
    method: str
    params: dict[str, str]
    grant: Grant | None
    # The address of this VK, ending with a slash.
    host: str
    inside: bool = False

    def text(self, name: str) -> str | None:
        """Return a text without outer blanks; None when it was not sent."""
        value = self.params.get(name)
        return None if value is None else value.strip()

    def required(self, name: str) -> str:
        """Return a text that must be there."""
        return self.text(name) or self.wrong(f"{name} is undefined")

    def number(self, name: str, lowest: int, highest: int) -> int | None:
        """Return a whole number within bounds; None when it was not sent."""
        written = self.params.get(name)
        if written is None:
            return None
        if not NUMBER.fullmatch(written):
            self.wrong(f"{name} not integer")
        if int(written) < lowest:
            self.wrong(f"{name} should be greater or equal to {lowest}")
        if int(written) > highest:
            self.wrong(f"{name} should be less or equal to {highest}")
        return int(written)

    def id(self, name: str) -> int:
        """Return a positive id that must be there."""
        found = self.number(name, 0, 10**15)
        return self.wrong(f"{name} is undefined") if found is None else found

    def flag(self, name: str) -> bool | None:
        """Read 1 or 0; None when it was not sent. A client's True is no 1."""
        written = self.params.get(name)
        if written not in (None, "0", "1"):
            self.wrong(f"{name} should be 0 or 1")
        return None if written is None else written == "1"

    def ids(self, name: str, most: int = 10**6) -> list[int] | None:
        """Read a list of ids with commas, without repetitions; None when it was not sent."""
        written = self.params.get(name)
        if written is None:
            return None
        parts = [part.strip() for part in written.split(",") if part.strip()]
        if not all(NUMBER.fullmatch(part) and int(part) >= 0 for part in parts):
            self.wrong(f"{name} should be a list of positive integers")
        if len(parts) > most:
            self.wrong(f"{name} should contain no more than {most} elements")
        return list(dict.fromkeys(map(int, parts)))

    def page(self, usual: int, most: int) -> tuple[int, int]:
        """Return offset and count."""
        size = self.number("count", 0, most)
        return self.number("offset", 0, 10**9) or 0, usual if size is None else size

    def wrong(self, about: str) -> Any:
        """Refuse because of a parameter."""
        raise Refused(100, about)

    def community(self, name: str = "owner_id") -> Community:
        """Return the community that `owner_id` (negative) or `group_id` (positive) names."""
        number = self.number(name, -(10**15), 10**15)
        if not number:
            self.wrong(f"{name} is undefined")
        number = number or 0
        if name == "owner_id" and number > 0:
            self.wrong("only groups supported")
        community = self.vk.communities.get(-number if name == "owner_id" else number)
        if community is None:
            return self.wrong(f"{name} is invalid")
        if community.blocked:
            raise Refused(203)
        return community

    def shop(self, name: str = "owner_id", off: int = 1438) -> Market:
        """Return the market of a community that anybody may look at; `off` is the code when it is closed."""
        community = self.community(name)
        if not community.market_on:
            raise Refused(off)
        return self.vk.market(community.id)

    def own_shop(self, name: str = "owner_id") -> Market:
        """Return the market of a community that the person administrates or edits."""
        if not self.leads(self.community(name)):
            raise Refused(self.vk.habits.lost_role_code)
        return self.shop(name)

    def leads(self, community: Community) -> bool:
        """Tell whether the person may change this community's goods."""
        return self.grant is not None and community.roles.get(self.grant.person.id, 0) >= EDITOR

    def leads_shop(self, market: Market) -> bool:
        """Tell whether the person may change these goods."""
        return self.leads(self.vk.communities[market.community_id])

    def has_come(self, created_at: float) -> bool:
        """Tell whether what was added then is shown by now."""
        lag = self.vk.habits.shows_added_after
        return not lag or created_at + lag <= self.vk.now()


class Method(NamedTuple):
    """What a name stands for; `scope` is the right that its user's token needs, None for none."""

    run: Callable[[Call], Any]
    parameters: frozenset[str]
    scope: str | None
    writes: bool
    with_community_token: bool


class Methods(dict[str, Method]):
    """Methods by name."""

    def method(
        self,
        name: str,
        parameters: str = "",
        *,
        scope: str | None = "market",
        writes: bool = False,
        with_community_token: bool = False,
    ) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        """Register a function under a name; `parameters` are the ones that VK's schema knows."""

        def register(run: Callable[[Call], Any]) -> Callable[[Call], Any]:
            known = COMMON | frozenset(parameters.split())
            self[name] = Method(run, known, scope, writes, with_community_token)
            return run

        return register
