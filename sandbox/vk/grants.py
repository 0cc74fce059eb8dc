"""Codes and tokens of VK ID: who allowed what, and for how long it is good."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from sandbox.vk.people import Person

SCOPES = ("market", "groups", "photos", "email", "phone", "vkid.personal_info")


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


class Grants:
    """The codes and tokens of one VK; safe to use from several threads."""

    def __init__(self) -> None:
        self.lock = RLock()

    def clear_grants(self) -> None:
        """Forget every code and token; the app has passed moderation."""
        self.codes: dict[str, Asked] = {}
        self.grants: list[Grant] = []
        self.community_tokens: dict[str, int] = {}
        self.granted_scopes = set(SCOPES)
        self.token_seconds = 3600.0
        self.code_seconds = 600.0
        self.seconds_to_refresh = 0.0
        self.errors_with_status_200 = False
        self.rotations = 0
        self.spent_tokens_seen = 0

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

    def sign_in(self, person: Person, *scope: str) -> str:
        """Give the app these rights of a person without the consent page; return an access token."""
        return self.new_grant(Asked(person, "", "", "", "", scope or ("market", "groups"), 0.0))[1]

    def community_token(self, community_id: int) -> str:
        """Issue a token of a community's own, which no method of the market takes."""
        with self.lock:
            token = "vk1.a." + secrets.token_urlsafe(48)
            self.community_tokens[token] = community_id
            return token

    def _issue(self, grant: Grant) -> str:
        grant.scope = tuple(name for name in grant.asked_scope if name in self.granted_scopes)
        grant.refresh_token = "vk2.a.refresh." + secrets.token_urlsafe(48)
        token = "vk2.a." + secrets.token_urlsafe(48)
        grant.access_tokens[token] = time.time() + self.token_seconds
        return token

    def _find(self, fits: Callable[[Grant], bool]) -> Grant | None:
        return next((grant for grant in self.grants if fits(grant)), None)
