"""The sandbox's VK over real HTTP, somebody in it, and clients of both its halves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from app.clients.vk.api import VkClient
from app.clients.vk.oauth import Challenge, Tokens, VkIdClient, new_challenge
from sandbox import create_app
from sandbox.server import running
from sandbox.vk.world import CLIENT_ID, Person, VkWorld
from sandbox.world import World

REDIRECT_URI = "http://127.0.0.1:8000/connections/vk/callback"


@dataclass
class VkCloud:
    """VK with one person, two communities, and the waits that its clients asked for."""

    url: str
    world: World
    person: Person
    waits: list[float] = field(default_factory=list)

    @property
    def vk(self) -> VkWorld:
        return self.world.vk

    def id_client(self, **options: Any) -> VkIdClient:
        return VkIdClient(f"{self.url}/vk-id", CLIENT_ID, **options)

    def client(self, access_token: str, **options: Any) -> VkClient:
        """Return a client that notes its waits instead of sleeping."""
        return VkClient(f"{self.url}/vk-api", access_token, **{"sleep": self.waits.append, **options})

    def allow(self, challenge: Challenge, scope: str = "market groups") -> dict[str, str]:
        """Decide on the consent page; return what the callback is given."""
        with self.id_client() as client:
            address = client.authorize_url(REDIRECT_URI, challenge, scope)
        form = {"person": self.person.id, "decision": "allow"}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in query.items()}

    def tokens(self, scope: str = "market groups") -> tuple[Tokens, str]:
        """Walk the whole way; return the pair and the device it belongs to."""
        challenge = new_challenge()
        given = self.allow(challenge, scope)
        with self.id_client() as client:
            tokens = client.exchange(
                given["code"], challenge, device_id=given["device_id"], redirect_uri=REDIRECT_URI
            )
        return tokens, given["device_id"]


@contextmanager
def vk_cloud() -> Iterator[VkCloud]:
    """Serve it."""
    world = World()
    person = world.vk.add_person("Анна", "Петрова")
    world.vk.add_community("Кофейня", person)
    world.vk.add_community("Закрытый клуб", person, market_on=False)
    world.vk.calls_per_second = 1000
    with running(create_app(world)) as url:
        yield VkCloud(url, world, person)
        # Lets go the requests that a trouble keeps waiting.
        world.faults.clear()
