"""What VK knows: people, communities and their roles, one registered app, codes and tokens."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock
from urllib.parse import quote, urlsplit

CLIENT_ID = "51234567"
REDIRECT_PATH = "/connections/vk/callback"
SCOPES = ("market", "groups", "photos", "email", "phone", "vkid.personal_info")
ADMINISTRATOR, EDITOR = 3, 2
COLOURS = ("#0f766e", "#8a5a00", "#5b4b9a", "#2d6a9f", "#a0446e")

TROUBLES = {
    "status_500": "500: ошибка ВКонтакте",
    "silence": "Молчит и не отвечает",
    "html_body": "200, но вместо данных страница",
    "internal": "Ошибка 10: внутренняя ошибка",
    "too_often": "Ошибка 6: слишком много запросов в секунду",
    "flood": "Ошибка 9: слишком много однотипных действий",
    "captcha": "Ошибка 14: просит подтвердить, что это не робот",
}


@dataclass
class Person:
    """Somebody with an account."""

    id: int
    first_name: str
    last_name: str
    blocked: bool = False

    @property
    def name(self) -> str:
        """Both names."""
        return f"{self.first_name} {self.last_name}"

    @property
    def photo(self) -> str:
        """A picture with the first letter."""
        return picture(self.first_name, self.id)


@dataclass
class Community:
    """A community; `roles` are levels of people by their ids (3 administrates)."""

    id: int
    name: str
    screen_name: str
    market_on: bool = True
    blocked: bool = False
    roles: dict[int, int] = field(default_factory=dict)

    @property
    def photo(self) -> str:
        """A picture with the first letter."""
        return picture(self.name, self.id)


@dataclass
class Asked:
    """What somebody allowed on the consent page; lives as a code until it is exchanged."""

    person: Person
    client_id: str
    device_id: str
    redirect_uri: str
    challenge: str
    scope: tuple[str, ...]
    expires_at: float


@dataclass
class Grant:
    """The rights of the app for one person: the living refresh token and all unexpired access tokens."""

    person: Person
    client_id: str
    device_id: str
    asked_scope: tuple[str, ...]
    scope: tuple[str, ...] = ()
    refresh_token: str = ""
    access_tokens: dict[str, float] = field(default_factory=dict)


class VkWorld:
    """One VK; safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.clear()

    def clear(self) -> None:
        """Return to an empty VK where everything works and the app has passed moderation."""
        with self.lock:
            self.people: dict[int, Person] = {}
            self.communities: dict[int, Community] = {}
            self.codes: dict[str, Asked] = {}
            self.grants: list[Grant] = []
            self.granted_scopes = set(SCOPES)
            self.trouble: str | None = None
            self.token_seconds = 3600.0
            self.code_seconds = 600.0
            self.seconds_to_refresh = 0.0
            self.errors_with_status_200 = False
            self.calls_per_second = 3
            self.rotations = 0
            self.spent_tokens_seen = 0

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
            return community

    def new_code(self, asked: Asked) -> str:
        """Issue a code for what was allowed."""
        with self.lock:
            code = "vk2.a." + secrets.token_urlsafe(32)
            self.codes[code] = asked
            return code

    def take_code(self, code: str) -> Asked | None:
        """Return what a code stands for, once; None when it is unknown, used or too old."""
        with self.lock:
            asked = self.codes.pop(code, None)
            return asked if asked and asked.expires_at > time.time() else None

    def new_grant(self, asked: Asked) -> tuple[Grant, str]:
        """Give the app what a code stands for; return the grant and an access token."""
        with self.lock:
            grant = Grant(asked.person, asked.client_id, asked.device_id, asked.scope)
            self.grants.append(grant)
            return grant, self._issue(grant)

    def rotate(self, refresh_token: str, client_id: str, device_id: str) -> tuple[Grant, str] | None:
        """Exchange a living refresh token for a new pair; the old one dies."""
        with self.lock:
            grant = self._find(lambda each: each.refresh_token == refresh_token)
            if grant is None:
                self.spent_tokens_seen += 1
                return None
            if (grant.client_id, grant.device_id) != (client_id, device_id):
                return None
            self.rotations += 1
            return grant, self._issue(grant)

    def grant_of(self, access_token: str) -> Grant | None:
        """Return the grant that this unexpired access token opens."""
        with self.lock:
            now = time.time()
            return self._find(lambda each: each.access_tokens.get(access_token, 0.0) > now)

    def expire_access(self) -> None:
        """Let every access token be an hour old; refresh tokens stay good."""
        with self.lock:
            for grant in self.grants:
                grant.access_tokens.clear()

    def end(self, grant: Grant) -> None:
        """Forget one sign-in."""
        with self.lock:
            self.grants.remove(grant)

    def revoke_person(self, person_id: int) -> None:
        """Take away every right that this person gave, as they do in the settings of VK."""
        with self.lock:
            self.grants = [grant for grant in self.grants if grant.person.id != person_id]

    def administrated_by(self, person: Person) -> list[Community]:
        """Return the communities in which the person is an administrator."""
        with self.lock:
            return [each for each in self.communities.values() if each.roles.get(person.id) == ADMINISTRATOR]

    def _issue(self, grant: Grant) -> str:
        grant.scope = tuple(name for name in grant.asked_scope if name in self.granted_scopes)
        grant.refresh_token = "vk2.a.refresh." + secrets.token_urlsafe(48)
        token = "vk2.a." + secrets.token_urlsafe(48)
        grant.access_tokens[token] = time.time() + self.token_seconds
        return token

    def _find(self, fits: Callable[[Grant], bool]) -> Grant | None:
        return next((grant for grant in self.grants if fits(grant)), None)


def is_registered(client_id: str, redirect_uri: str) -> bool:
    """Tell whether the app may receive codes there: the one path, on any port of this machine."""
    parts = urlsplit(redirect_uri)
    return (
        client_id == CLIENT_ID
        and parts.scheme == "http"
        and parts.hostname in ("127.0.0.1", "localhost")
        and (parts.path, parts.query, parts.fragment) == (REDIRECT_PATH, "", "")
    )


def picture(name: str, number: int) -> str:
    """Draw the first letter on a coloured square, as an address that needs no server."""
    colour = COLOURS[number % len(COLOURS)]
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200">'
        f'<rect width="200" height="200" fill="{colour}"/><text x="100" y="136" fill="#fff" '
        f'font-family="sans-serif" font-size="104" text-anchor="middle">{name[:1].upper()}</text></svg>'
    )
    return "data:image/svg+xml," + quote(svg)


def stock_vk(vk: VkWorld) -> None:
    """Add the owner of the tea shop with communities of every kind, and somebody who has none."""
    owner = vk.add_person("Мария", "Чайкина")
    helper = vk.add_person("Олег", "Тихонов")
    vk.add_community("Чайная на Театральной", owner)
    vk.add_community("Клуб любителей улуна", owner, market_on=False)
    market = vk.add_community("Калужская барахолка")
    market.roles = {owner.id: EDITOR, helper.id: EDITOR}
