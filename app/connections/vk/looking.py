"""What VK shows of an account: its person, the communities it leads, and the chosen one's shop."""

from typing import Any, NamedTuple

from app.clients.errors import CloudError, Forbidden, MarketOff, RoleLost, ScopeMissing
from app.clients.vk.api import Community, User, VkClient
from app.connections.secret import ReconnectNeeded
from app.words import gettext_noop

NO_COMMUNITIES_RIGHT = gettext_noop(
    "Витрина не видит ваши сообщества: подключите ВКонтакте заново и разрешите доступ к сообществам"
)


class Looked(NamedTuple):
    """What VK shows of an account; `community` is the chosen one, `problem` what is wrong with it."""

    user: User
    communities: list[Community]
    community: Community | None = None
    problem: CloudError | None = None


def look(client: VkClient, chosen: dict[str, Any] | None) -> Looked:
    """Look at everything the connection needs. Raises CloudError or ReconnectNeeded."""
    user = client.user()
    try:
        communities = client.communities()
    except ScopeMissing as error:
        raise ReconnectNeeded(NO_COMMUNITIES_RIGHT) from error
    if chosen is None:
        return Looked(user, communities)
    community = next((each for each in communities if each.id == chosen["id"]), None)
    problem: CloudError | None = None
    if community is None:
        problem = RoleLost("the chosen community is not among the administrated ones")
    else:
        try:
            client.count_goods(community.id)
        except Forbidden as error:
            problem = error
        if problem is None and not community.market_on:
            problem = MarketOff("the community has no shop")
    return Looked(user, communities, community, problem)
