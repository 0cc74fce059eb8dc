"""What VK knows: people, communities with their markets, one registered app, codes and tokens."""

import time
from urllib.parse import urlsplit

from sandbox.vk.calls import Calls
from sandbox.vk.faults import ERROR, VkFaults
from sandbox.vk.goods import Market
from sandbox.vk.grants import Grants
from sandbox.vk.people import ADMINISTRATOR, Community, Person
from sandbox.vk.pictures import Pictures
from sandbox.vk.settings import Habits, Limits

CLIENT_ID = "51234567"
REDIRECT_PATH = "/connections/vk/callback"

TROUBLES = {
    "status_500": "500: ошибка ВКонтакте",
    "silence": "Молчит и не отвечает",
    "html_body": "200, но вместо данных страница",
    "internal": "Ошибка 10: внутренняя ошибка",
    "too_often": "Ошибка 6: слишком много запросов в секунду",
    "flood": "Ошибка 9: слишком много однотипных действий",
    "captcha": "Ошибка 14: просит подтвердить, что это не робот",
}


class VkWorld(Grants):
    """One VK; safe to use from several threads."""

    def __init__(self) -> None:
        super().__init__()
        # VK never gives a number twice; one that forgets everything at its end begins above all it ever gave.
        self.first_item = 1
        self.faults = VkFaults()
        self.calls = Calls()
        self.clear()

    def clear(self) -> None:
        """Return to an empty VK where everything works."""
        with self.lock:
            self.clear_grants()
            self.people: dict[int, Person] = {}
            self.communities: dict[int, Community] = {}
            self.markets: dict[int, Market] = {}
            self.pictures = Pictures()
            self.limits, self.habits = Limits(), Habits()
            self.faults.clear()
            self.calls.clear()
            self.trouble: str | None = None
            self.calls_per_second = 3
            # How far its clock is ahead of ours, in seconds.
            self.ahead = 0.0

    def now(self) -> float:
        """Return this VK's time in epoch seconds."""
        return time.time() + self.ahead

    def pass_captcha(self) -> None:
        """Let somebody prove that they are no robot: no call asks for it any more."""
        self.trouble = None
        for fault in self.faults.active():
            if fault.name == ERROR and fault.code == 14:
                self.faults.clear(fault.id)

    def market(self, community_id: int) -> Market:
        """Return the market of a community, whether it is on or off; KeyError for an unknown community."""
        return self.markets[community_id]

    def add_person(self, first_name: str, last_name: str, **more: bool) -> Person:
        """Open an account."""
        with self.lock:
            person = Person(1001 + len(self.people), first_name, last_name, **more)
            self.people[person.id] = person
            return person

    def add_community(self, name: str, *admins: Person, market_on: bool = True) -> Community:
        """Found a community that these people administrate."""
        with self.lock:
            number = 2001 + len(self.communities)
            community = Community(number, name, f"club{number}", market_on)
            community.roles = {person.id: ADMINISTRATOR for person in admins}
            self.communities[number] = community
            self.markets[number] = Market(number, self.first_item)
            return community

    def administrated_by(self, person: Person) -> list[Community]:
        """Return the communities in which the person is an administrator."""
        with self.lock:
            return [each for each in self.communities.values() if each.roles.get(person.id) == ADMINISTRATOR]


def is_registered(client_id: str, redirect_uri: str) -> bool:
    """Tell whether the app may receive codes there: the one path, on any port of this machine."""
    parts = urlsplit(redirect_uri)
    return (
        client_id == CLIENT_ID
        and parts.scheme == "http"
        and parts.hostname in ("127.0.0.1", "localhost")
        and (parts.path, parts.query, parts.fragment) == (REDIRECT_PATH, "", "")
    )
