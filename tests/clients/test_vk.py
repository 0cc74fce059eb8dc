"""The VK API: typed answers, errors by code whatever the status, retries of what will pass."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify

from app.clients.errors import (
    BadPayload,
    BadRequest,
    Blocked,
    CloudError,
    ConfirmationNeeded,
    MarketOff,
    RateLimited,
    RoleLost,
    ScopeMissing,
    Unauthorized,
    Unavailable,
)
from app.clients.vk.api import VkClient
from sandbox.server import running
from tests.clients.vk_cloud import VkCloud, vk_cloud

TOKEN = "vk2.a.secret-token"


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud


def test_the_owner_and_the_communities_come_typed(cloud: VkCloud) -> None:
    client = cloud.client(cloud.tokens()[0].access_token)
    user = client.user()
    assert (user.id, user.name) == (str(cloud.person.id), "Анна Петрова")
    assert user.photo and user.photo.startswith("data:image/")
    found = [(community.id, community.name, community.market_on) for community in client.communities()]
    assert found == [(2001, "Кофейня", True), (2002, "Закрытый клуб", False)]
    assert client.count_goods(2001) == 0


def test_many_communities_come_page_by_page(cloud: VkCloud) -> None:
    for number in range(1500):
        cloud.vk.add_community(f"Клуб {number}", cloud.person)
    assert len(cloud.client(cloud.tokens()[0].access_token).communities()) == 1502


def test_four_calls_in_a_second_take_a_little_longer(cloud: VkCloud) -> None:
    cloud.vk.calls_per_second = 3
    client = VkClient(f"{cloud.url}/vk-api", cloud.tokens()[0].access_token)
    for _ in range(4):
        client.user()


def test_a_shop_that_is_closed_and_a_scope_that_is_missing_are_told_apart(cloud: VkCloud) -> None:
    with pytest.raises(MarketOff):
        cloud.client(cloud.tokens()[0].access_token).count_goods(2002)
    with pytest.raises(ScopeMissing):
        cloud.client(cloud.tokens("groups")[0].access_token).count_goods(2001)
    with pytest.raises(ScopeMissing):
        cloud.client(cloud.tokens("market")[0].access_token).communities()


@pytest.mark.parametrize(
    ("trouble", "error", "tries"),
    [
        ("too_often", RateLimited, 4),
        ("internal", Unavailable, 4),
        ("status_500", Unavailable, 4),
        ("flood", RateLimited, 1),
        ("captcha", ConfirmationNeeded, 1),
        ("html_body", BadPayload, 1),
    ],
)
def test_only_what_passes_soon_is_tried_again(
    cloud: VkCloud, trouble: str, error: type[CloudError], tries: int
) -> None:
    client = cloud.client(cloud.tokens()[0].access_token)
    cloud.vk.trouble = trouble
    cloud.world.journal.clear()
    with pytest.raises(error) as failure:
        client.user()
    assert type(failure.value) is error
    assert len(cloud.world.journal.entries()) == tries
    assert len(cloud.waits) == tries - 1


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (5, Unauthorized),
        (7, RoleLost),
        (203, RoleLost),
        (205, RoleLost),
        (9, RateLimited),
        (29, RateLimited),
        (14, ConfirmationNeeded),
        (17, ConfirmationNeeded),
        (24, ConfirmationNeeded),
        (15, ScopeMissing),
        (18, Blocked),
        (27, Blocked),
        (1438, MarketOff),
        (100, BadRequest),
        (9999, BadRequest),
        (None, BadPayload),
        ("5", BadPayload),
    ],
)
def test_each_code_is_an_error_of_its_kind(code: Any, error: type[CloudError]) -> None:
    with answering({"error": {"error_code": code, "error_msg": TOKEN}}) as url:
        with pytest.raises(error) as failure:
            VkClient(url, TOKEN).user()
        assert type(failure.value) is error


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://id.vk.ru/not_robot?x=1", "https://id.vk.ru/not_robot?x=1"),
        ("javascript:alert(1)", None),
        ("//elsewhere", None),
        ("https://", None),
        ("https://[", None),
        ("https://a.example/\n", None),
        (5, None),
        (None, None),
    ],
)
def test_only_a_web_address_is_offered_for_a_confirmation(given: Any, kept: str | None) -> None:
    with answering({"error": {"error_code": 17, "redirect_uri": given}}) as url:
        with pytest.raises(ConfirmationNeeded) as failure:
            VkClient(url, TOKEN).user()
        assert failure.value.address == kept


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"response": None},
        {"response": []},
        {"response": [5]},
        {"response": [{"id": "x"}]},
        {"response": [{"id": -1}]},
        {"response": [{"id": True}]},
        {"error": 5},
        {"error": []},
        {"response": {"count": 1}},
        {"response": {"count": "1", "items": []}},
        {"response": {"count": 1, "items": [{"id": 0}]}},
        {"response": {"count": 1, "items": ["a"]}},
    ],
)
def test_what_cannot_be_read_is_a_bad_payload(body: Any) -> None:
    with answering(body) as url:
        client = VkClient(url, TOKEN)
        for call in (client.user, client.communities):
            with pytest.raises(BadPayload):
                call()


@pytest.mark.parametrize(
    ("market", "on"),
    [({"enabled": 1}, True), ({"enabled": 0}, False), ({}, False), (None, False), (1, False)],
)
def test_a_shop_is_open_only_when_vk_says_so(market: Any, on: bool) -> None:
    with answering({"response": {"count": 1, "items": [{"id": 5, "market": market}]}}) as url:
        [community] = VkClient(url, TOKEN).communities()
    assert community == (5, "5", None, on, False)


@pytest.mark.parametrize("photo", ["http://plain.example/a.png", "javascript:x", 5, "https://" + "a" * 3000])
def test_a_picture_our_pages_would_refuse_is_left_out(photo: Any) -> None:
    with answering({"response": [{"id": 5, "first_name": "Анна", "photo_200": photo}]}) as url:
        assert VkClient(url, TOKEN).user() == ("5", "Анна", None)


@pytest.mark.parametrize("trouble", [None, "too_often", "captcha", "status_500", "html_body", "silence"])
def test_the_token_is_in_no_error_log_or_representation(
    cloud: VkCloud, caplog: pytest.LogCaptureFixture, trouble: str | None
) -> None:
    cloud.vk.trouble = trouble
    client = cloud.client(TOKEN, timeout=(1, 0.1))
    with caplog.at_level(logging.DEBUG), pytest.raises(CloudError) as failure:
        client.user()
    shown = [repr(failure.value), str(failure.value), repr(vars(failure.value)), repr(client), caplog.text]
    assert TOKEN not in "".join(shown)


def answering(body: Any) -> Any:
    """Serve an API that always answers so."""
    app = Flask(__name__)

    @app.post("/method/<name>")
    def answer(name: str) -> Any:
        return jsonify(body)

    return running(app)
