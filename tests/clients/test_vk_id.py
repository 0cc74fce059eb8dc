"""VK ID: codes, pairs, rotation, revocation, and errors that come with any status."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, jsonify, request

from app.clients.errors import BadPayload, BadRequest, CloudError, RateLimited, Unauthorized, Unavailable
from app.clients.vk.oauth import Tokens, VkIdClient, new_challenge
from sandbox.server import running
from tests.clients.vk_cloud import REDIRECT_URI, VkCloud, vk_cloud


@pytest.fixture
def cloud() -> Iterator[VkCloud]:
    with vk_cloud() as cloud:
        yield cloud


def test_a_code_becomes_a_pair(cloud: VkCloud) -> None:
    tokens, _ = cloud.tokens()
    assert tokens.expires_in == 3600 and tokens.user_id == str(cloud.person.id)
    assert tokens.scope == {"market", "groups"}
    assert cloud.client(tokens.access_token).user().name == "Анна Петрова"


def test_the_challenge_is_the_one_of_the_standard() -> None:
    challenge = new_challenge()._replace(verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert challenge.code_challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert len(new_challenge().state) >= 32
    assert 43 <= len(new_challenge().verifier) <= 128
    assert new_challenge() != new_challenge()


@pytest.mark.parametrize("changed", ["verifier", "device_id", "redirect_uri", "code"])
def test_a_code_is_good_for_its_own_attempt_only(cloud: VkCloud, changed: str) -> None:
    challenge = new_challenge()
    given = cloud.allow(challenge)
    asked = {"device_id": given["device_id"], "redirect_uri": REDIRECT_URI}
    if changed == "verifier":
        challenge = challenge._replace(verifier="A" * 64)
    elif changed != "code":
        asked[changed] += "x"
    with cloud.id_client() as client, pytest.raises(Unauthorized):
        client.exchange("x" if changed == "code" else given["code"], challenge, **asked)


def test_a_code_works_once(cloud: VkCloud) -> None:
    challenge = new_challenge()
    given = cloud.allow(challenge)
    with cloud.id_client() as client:
        asked: dict[str, Any] = {"device_id": given["device_id"], "redirect_uri": REDIRECT_URI}
        client.exchange(given["code"], challenge, **asked)
        with pytest.raises(Unauthorized):
            client.exchange(given["code"], challenge, **asked)


@pytest.mark.parametrize("status_200", [False, True])
def test_a_refresh_token_works_once(cloud: VkCloud, status_200: bool) -> None:
    cloud.vk.errors_with_status_200 = status_200
    old, device_id = cloud.tokens()
    with cloud.id_client() as client:
        new = client.refresh(old.refresh_token, device_id=device_id)
        assert new.refresh_token != old.refresh_token and new.access_token != old.access_token
        with pytest.raises(Unauthorized):
            client.refresh(old.refresh_token, device_id=device_id)
        with pytest.raises(Unauthorized):
            client.refresh(new.refresh_token, device_id="another")


def test_what_was_revoked_is_dead(cloud: VkCloud) -> None:
    tokens, device_id = cloud.tokens()
    with cloud.id_client() as client:
        client.revoke(tokens.access_token)
        with pytest.raises(Unauthorized):
            client.refresh(tokens.refresh_token, device_id=device_id)
    with pytest.raises(Unauthorized):
        cloud.client(tokens.access_token).user()


@pytest.mark.parametrize(
    ("trouble", "error"), [("status_500", Unavailable), ("silence", Unavailable), ("html_body", BadPayload)]
)
def test_a_broken_vk_id_is_asked_once(cloud: VkCloud, trouble: str, error: type[CloudError]) -> None:
    tokens, device_id = cloud.tokens()
    cloud.vk.trouble = trouble
    cloud.world.journal.clear()
    # Only what is silent is given up soon: a busy machine may be slow with an honest answer.
    patience = 0.2 if trouble == "silence" else 60
    with cloud.id_client(timeout=(60, patience)) as client, pytest.raises(error) as failure:
        client.refresh(tokens.refresh_token, device_id=device_id)
    assert not failure.value.permanent
    assert len(cloud.world.journal.entries()) == 1


GOOD: dict[str, Any] = {"access_token": "a", "refresh_token": "r", "expires_in": 3600, "user_id": 7}
STRANGE = [
    (200, {**GOOD, "state": "of another request"}, BadPayload),
    (200, {**GOOD, "state": None}, BadPayload),
    (200, {**GOOD, "access_token": ""}, BadPayload),
    (200, {**GOOD, "access_token": "с кириллицей"}, BadPayload),
    (200, {**GOOD, "refresh_token": 5}, BadPayload),
    (200, {**GOOD, "user_id": None}, BadPayload),
    (200, [], BadPayload),
    (200, {"error": "invalid_grant"}, Unauthorized),
    (401, {"error": "invalid_token"}, Unauthorized),
    (400, {"error": "invalid_request"}, Unauthorized),
    (400, {"error": "invalid_client"}, BadRequest),
    (400, {"error": {"access_token": "secret"}}, BadRequest),
    (200, {"error": "temporarily_unavailable"}, Unavailable),
    (200, {"error": "slow_down"}, RateLimited),
    (400, {}, BadRequest),
    (302, {}, BadPayload),
    (404, {}, BadPayload),
]


@pytest.mark.parametrize(("status", "body", "error"), STRANGE)
def test_a_strange_answer_is_an_error_of_its_kind(status: int, body: Any, error: type[CloudError]) -> None:
    with answering(status, body) as url, VkIdClient(url, "1") as client:
        with pytest.raises(error) as failure:
            client.refresh("refresh-secret", device_id="d")
        assert type(failure.value) is error
        assert "secret" not in str(failure.value)


@pytest.mark.parametrize("expires_in", [None, "3600", 0, -5, 1.5, True])
def test_an_unreadable_lifetime_means_an_hour(expires_in: Any) -> None:
    with answering(200, {**GOOD, "expires_in": expires_in}) as url, VkIdClient(url, "1") as client:
        assert client.refresh("r", device_id="d").expires_in == 3600


def test_a_pair_written_out_shows_no_token() -> None:
    tokens = Tokens("access-secret", "refresh-secret", 3600, "7", frozenset({"market"}))
    assert "secret" not in repr(tokens) and "secret" not in f"{tokens}" and "market" in str(tokens)


def answering(status: int, body: Any) -> Any:
    """Serve a VK ID that always answers so, with the state of the request unless told otherwise."""
    app = Flask(__name__)

    @app.post("/oauth2/auth")
    def answer() -> Any:
        said = {"state": request.form["state"], **body} if isinstance(body, dict) else body
        return jsonify(said), status

    return running(app)
