"""Only who knows the secret of the app is heard, and only what can be understood."""

from typing import Any

import pytest
from flask import Flask

from sandbox.world import Merchant
from tests.connections.evotor.deliveries.conftest import SECRET, Cloud
from tests.product import AppMaker

GOODS = "/inventories/stores/20260306-AAAA-40AA-80AA-AAAAAAAAAAAA/products"
KNOWN_GOOD: list[tuple[str, Any]] = [
    ("/api/v1/user/token", {"userId": "01-000000000000777", "token": "f46b89a5-8e80-4591-b0aa-94551790444b"}),
    (
        "/installation/event",
        {
            "id": "a99fbf70-6307-4acc-b61c-741ee9eef6c0",
            "timestamp": 1504168645290,
            "version": 2,
            "type": "ApplicationInstalled",
            "data": {"productId": "string", "userId": "01-000000000000777"},
        },
    ),
    (GOODS, [{"uuid": "p1", "name": "Сидр", "group": False}]),
    (GOODS, []),
]
PATHS = ["/api/v1/user/token", "/api/v1/user/verify", "/installation/event", GOODS]


@pytest.mark.parametrize(("path", "body"), KNOWN_GOOD)
def test_a_known_good_delivery_is_taken(cloud: Cloud, path: str, body: Any) -> None:
    for _ in range(2):
        assert cloud.post(path, body, **{"X-Evotor-User-Id": "01-000000000000777"}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET[:-1], "секрет"])
def test_a_wrong_secret_is_refused_before_the_body_is_read(cloud: Cloud, path: str, secret: str) -> None:
    cloud.secret = secret.encode().decode("latin-1")
    assert cloud.post(path, b"not even JSON").status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_product_without_a_secret_listens_to_nobody(app: Flask, make_app: AppMaker, path: str) -> None:
    client = make_app(evotor_app_secret=None).test_client()
    for authorization in ("Bearer ", "Bearer", "Bearer None", ""):
        answer = client.post(path, data=b"{}", csrf=False, headers={"Authorization": authorization})
        assert answer.status_code == 401


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body", [b"", b"not JSON", b"null", b'"text"', b"[1]", b"\xff", b"{}", b'{"userId": 1}']
)
def test_a_body_that_is_not_what_is_documented_is_refused(cloud: Cloud, path: str, body: bytes) -> None:
    answer = cloud.post(path, body, **{"X-Evotor-User-Id": "01-1"})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": ""},
        {"userId": "1" * 65},
        {"userId": "a\0b"},
        {"userId": None},
        {"token": ""},
        {"token": "t" * 501},
        {"token": ["t"]},
        *(
            {"token": text}
            for text in ("t\r\nX-Evil: 1", "t\nt", "t t", "t\x7ft", "ключ", "t\u00a0t", "t\ud800t")
        ),
    ],
)
def test_a_token_delivery_with_an_unusable_field_is_refused(cloud: Cloud, changes: dict[str, Any]) -> None:
    assert cloud.post("/api/v1/user/token", {"userId": "01-1", "token": "t", **changes}).status_code == 400


@pytest.mark.parametrize("timestamp", [None, "soon", True, 1e30, -1e30, [1]])
def test_an_event_without_a_usable_time_is_refused(cloud: Cloud, timestamp: Any) -> None:
    body = {"id": "e", "type": "ApplicationInstalled", "timestamp": timestamp, "data": {"userId": "01-1"}}
    assert cloud.post("/installation/event", body).status_code == 400


def test_an_event_of_an_unknown_kind_is_taken_and_ignored(cloud: Cloud, merchant: Merchant) -> None:
    assert cloud.event(merchant, "Renamed").status_code == 200


def test_goods_without_the_merchants_id_are_refused(cloud: Cloud) -> None:
    assert cloud.post(GOODS, [{"uuid": "p1"}]).status_code == 400


def test_bodies_are_limited(cloud: Cloud) -> None:
    message = {"userId": "01-1", "token": "t", "more": "x" * 70_000}
    assert cloud.post("/api/v1/user/token", message).status_code == 413
    goods = b"[" + b'{"uuid":"p"},' * 100_000 + b'{"uuid":"p"}]'
    assert cloud.post(GOODS, goods, **{"X-Evotor-User-Id": "01-1"}).status_code == 200
    too_many = b"[" + b" " * (16 * 1024 * 1024) + b"]"
    assert cloud.post(GOODS, too_many, **{"X-Evotor-User-Id": "01-1"}).status_code == 413


def test_deliveries_are_only_posted(cloud: Cloud) -> None:
    assert cloud._client.get("/api/v1/user/token").status_code == 405
