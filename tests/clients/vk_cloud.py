"""The sandbox's VK over real HTTP, somebody in it, and clients of both its halves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from PIL import Image

from app.clients.pacing import Budget
from app.clients.vk.api import VkClient
from app.clients.vk.market import Fields, Market
from app.clients.vk.oauth import Challenge, Tokens, VkIdClient, new_challenge
from app.clients.vk.photos import ProductPhotos
from sandbox import create_app
from sandbox.server import running
from sandbox.vk.world import CLIENT_ID, Person, VkWorld
from sandbox.world import World

SHOP = 2001


def jpeg_of(width: int, height: int) -> bytes:
    """Draw a picture of this size."""
    written = BytesIO()
    Image.new("RGB", (width, height), "teal").save(written, "JPEG")
    return written.getvalue()


JPEG = jpeg_of(500, 500)


def good(**changes: Any) -> Fields:
    """Return the fields of a good that VK takes, once it has a photo."""
    usual = {
        "hidden": False,
        "name": "Чай «Ассам»",
        "description": "Чёрный чай, 100 г",
        "category_id": 40011,
        "price": Decimal("199.90"),
    }
    return Fields(**{**usual, **changes})


REDIRECT_URI = "http://127.0.0.1:8000/connections/vk/callback"


class Unlimited(Budget):
    """As many calls as anybody likes, so that tests of other things wait for none."""

    def _take(self, key: str, slot: str) -> float:
        return 0.0

    def _settle(self, key: str, slot: str) -> None:
        pass


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
        options = {"sleep": self.waits.append, "budget": Unlimited(), **options}
        return VkClient(f"{self.url}/vk-api", access_token, **options)

    def shop(self, community_id: int = SHOP, **options: Any) -> tuple[Market, ProductPhotos]:
        """Return the goods and the pictures of a community, for the person of this cloud."""
        client = self.client(self.tokens()[0].access_token, **options)
        self.vk.calls.clear()
        return Market(client.session, community_id), ProductPhotos(client.session, community_id)

    def allow(self, challenge: Challenge, scope: str = "market groups") -> dict[str, str]:
        """Decide on the consent page; return what the callback is given."""
        with self.id_client() as client:
            address = client.authorize_url(REDIRECT_URI, challenge, scope)
        form = {"person": self.person.id, "decision": "allow"}
        answer = requests.post(address, data=form, allow_redirects=False, timeout=60)
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
