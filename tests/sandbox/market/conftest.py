"""A community's shop in the sandbox's VK, and a client that says exactly what it is told to say."""

import json
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from sandbox import create_app
from sandbox.vk.goods import Market
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from sandbox.world import World


@cache
def picture(width: int = 400, height: int = 400, kind: str = "JPEG") -> bytes:
    """Draw a plain picture."""
    written = BytesIO()
    Image.new("RGB", (width, height), "#0f766e").save(written, kind)
    return written.getvalue()


@dataclass
class Shop:
    """One community, somebody who leads it, and their token."""

    visitor: FlaskClient
    vk: VkWorld
    person: Person
    community: Community
    token: str

    @property
    def market(self) -> Market:
        return self.vk.market(self.community.id)

    @property
    def owner_id(self) -> int:
        return -self.community.id

    def call(self, method: str, **params: Any) -> Any:
        """Call a method with exactly these parameters; answers have status 200 always."""
        form = {"access_token": self.token, "v": "5.199", **params}
        answer = self.visitor.post(f"/vk-api/method/{method}", data=form)
        assert answer.status_code == 200
        return answer.json

    def do(self, method: str, **params: Any) -> Any:
        """Call a method of the shop that is expected to succeed; return its response."""
        answer = self.call(method, **{"owner_id": self.owner_id, **params})
        assert "response" in answer, answer
        return answer["response"]

    def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Call a method of the shop that is expected to fail; return code and words."""
        error = self.call(method, **{"owner_id": self.owner_id, **params})["error"]
        return error["error_code"], error["error_msg"].removeprefix(
            "One of the parameters specified was missing or invalid: "
        )

    def execute(self, code: str, **arguments: Any) -> Any:
        return self.call("execute", code=code, **arguments)

    def script(self, *calls: tuple[str, dict[str, Any]]) -> Any:
        """Run these calls in one execute."""
        written = ", ".join(f"API.{method}({json.dumps(params)})" for method, params in calls)
        return self.execute(f"return [{written}];")

    def upload_url(self, **params: Any) -> str:
        answer = self.do("market.getProductPhotoUploadServer", group_id=self.community.id, **params)
        return str(answer["upload_url"])

    def upload(
        self, data: bytes, url: str | None = None, name: str = "photo.jpg", field: str = "file"
    ) -> str:
        """Send a picture; return the raw text of the answer."""
        address = url or self.upload_url()
        answer = self.visitor.post(address, data={field: (BytesIO(data), name)})
        assert answer.status_code == 200
        return answer.text

    def photo(self, data: bytes | None = None) -> int:
        """Upload and save a picture; return its photo id."""
        sent = self.upload(picture() if data is None else data)
        return int(self.do("market.saveProductPhoto", upload_response=sent)["photo_id"])

    def fields(self, **changes: Any) -> dict[str, Any]:
        """Return what market.add needs, with changes; a value of None leaves the parameter out."""
        known = {
            "name": "Чай чёрный",
            "description": "Листовой чай, собран весной.",
            "category_id": 40011,
            "price": "199.90",
            "deleted": "0",
        }
        if "main_photo_id" not in changes:
            known["main_photo_id"] = self.photo()
        return {name: value for name, value in {**known, **changes}.items() if value is not None}

    def add(self, **changes: Any) -> int:
        """Add an item; return its id."""
        return int(self.do("market.add", **self.fields(**changes))["market_item_id"])

    def item(self, item_id: int) -> Any:
        """Read an item back, extended."""
        found = self.do("market.getById", item_ids=f"{self.owner_id}_{item_id}", extended="1")
        [item] = found["items"]
        return item

    def ids(self, **params: Any) -> list[int]:
        return [item["id"] for item in self.do("market.get", **params)["items"]]


@pytest.fixture(scope="session")
def market_app() -> Flask:
    """The app, built once: only its world changes."""
    return create_app(World())


@pytest.fixture
def shop(market_app: Flask) -> Shop:
    """An empty shop of a community with one administrator, without a limit of calls in a second."""
    world = World()
    market_app.extensions["sandbox"] = world
    vk = world.vk
    vk.calls_per_second = 100_000
    person = vk.add_person("Мария", "Чайкина")
    community = vk.add_community("Чайная", person)
    token = vk.sign_in(person)
    return Shop(market_app.test_client(), vk, person, community, token)
