"""The sandbox's VK: strict requests, documented errors, the switches of its desk."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from sandbox.vk.stock import stock_vk
from sandbox.vk.world import CLIENT_ID, VkWorld
from sandbox.world import World

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BACK = "http://127.0.0.1:8000/connections/vk/callback"
ASKED = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": BACK,
    "state": "s" * 32,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "scope": "market groups",
}


@pytest.fixture
def vk(world: World) -> VkWorld:
    stock_vk(world.vk)
    return world.vk


def decide(visitor: FlaskClient, decision: str = "allow", person: int = 1001) -> dict[str, str]:
    """Answer the consent page; return what the browser carries back."""
    form = {"person": person, "decision": decision}
    answer = visitor.post("/vk-id/authorize", query_string=ASKED, data=form)
    assert answer.status_code == 302 and answer.location.startswith(f"{BACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def exchange(visitor: FlaskClient, given: dict[str, str], **changes: str) -> Any:
    form = {
        "grant_type": "authorization_code",
        "code": given["code"],
        "code_verifier": VERIFIER,
        "client_id": CLIENT_ID,
        "device_id": given["device_id"],
        "redirect_uri": BACK,
        "state": "t" * 32,
    }
    return visitor.post("/vk-id/oauth2/auth", data={**form, **changes}).json


def call(visitor: FlaskClient, method: str, token: str, **params: Any) -> Any:
    """Call a method; answers have status 200 always."""
    form = {"access_token": token, "v": "5.199", **params}
    answer = visitor.post(f"/vk-api/method/{method}", data=form)
    assert answer.status_code == 200
    return answer.json


def token(visitor: FlaskClient, person: int = 1001) -> str:
    return exchange(visitor, decide(visitor, person=person))["access_token"]


def test_the_consent_page_names_people_and_rights(visitor: FlaskClient, vk: VkWorld) -> None:
    page = visitor.get("/vk-id/authorize", query_string=ASKED)
    for text in ("Мария Чайкина", "Олег Тихонов", "Товары", "Сообщества", "Разрешить", "Отказать"):
        assert text in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("response_type", "token"),
        ("client_id", "1"),
        ("redirect_uri", "http://elsewhere.example/connections/vk/callback"),
        ("redirect_uri", "http://127.0.0.1:8000/somewhere"),
        ("state", "short"),
        ("state", "s" * 31 + "!"),
        ("code_challenge", CHALLENGE + "="),
        ("code_challenge_method", "plain"),
        ("scope", "market everything"),
    ],
)
def test_a_wrong_authorisation_request_is_a_page_that_says_so(
    visitor: FlaskClient, vk: VkWorld, name: str, value: str
) -> None:
    answer = visitor.get("/vk-id/authorize", query_string={**ASKED, name: value})
    assert answer.status_code == 400 and "Неверный запрос" in answer.text
    answer = visitor.post("/vk-id/authorize", query_string={**ASKED, name: value}, data={"decision": "allow"})
    assert answer.status_code == 400


def test_a_refusal_carries_the_error_and_the_state(visitor: FlaskClient, vk: VkWorld) -> None:
    back = decide(visitor, "deny")
    assert (back["error"], back["state"]) == ("access_denied", ASKED["state"])


def test_the_answer_of_the_exchange_has_the_documented_fields(visitor: FlaskClient, vk: VkWorld) -> None:
    answer = exchange(visitor, decide(visitor))
    assert set(answer) == {
        *("access_token", "refresh_token", "id_token", "token_type"),
        *("expires_in", "user_id", "state", "scope"),
    }
    assert (answer["expires_in"], answer["state"], answer["scope"]) == (3600, "t" * 32, "market groups")


@pytest.mark.parametrize("name", ["code", "code_verifier", "client_id", "device_id", "redirect_uri", "state"])
def test_every_part_of_the_exchange_is_checked(visitor: FlaskClient, vk: VkWorld, name: str) -> None:
    assert "error" in exchange(visitor, decide(visitor), **{name: ""})


def test_errors_of_vk_id_may_come_with_200(visitor: FlaskClient, vk: VkWorld) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "x", "state": "t"}
    assert visitor.post("/vk-id/oauth2/auth", data=form).status_code == 400
    vk.errors_with_status_200 = True
    answer: Any = visitor.post("/vk-id/oauth2/auth", data=form)
    assert (answer.status_code, answer.json["error"]) == (200, "invalid_grant")


def test_user_info_and_logout(visitor: FlaskClient, vk: VkWorld) -> None:
    form = {"client_id": CLIENT_ID, "access_token": token(visitor)}

    def post(name: str) -> Any:
        return visitor.post(f"/vk-id/oauth2/{name}", data=form).json

    user = post("user_info")["user"]
    assert (user["user_id"], user["first_name"]) == ("1001", "Мария")
    assert post("logout") == {"response": 1}
    assert post("user_info")["error"] == "invalid_token"


def test_api_errors_have_the_documented_shape_and_hide_the_token(visitor: FlaskClient, vk: VkWorld) -> None:
    error = call(visitor, "users.get", "no-such-token", fields="photo_200")["error"]
    assert error["error_code"] == 5
    assert {"key": "method", "value": "users.get"} in error["request_params"]
    assert "no-such-token" not in str(error)


def test_the_fourth_call_in_a_second_is_refused(visitor: FlaskClient, vk: VkWorld) -> None:
    access, other = token(visitor), token(visitor, 1002)
    codes = [call(visitor, "users.get", access).get("error", {}).get("error_code") for _ in range(4)]
    assert codes == [None, None, None, 6]
    assert "response" in call(visitor, "users.get", other)


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("users.get", {"v": ""}, 8),
        ("no.such", {}, 3),
        ("groups.get", {}, 100),
        ("groups.get", {"filter": "admin", "count": "1001"}, 100),
        ("market.get", {}, 100),
        ("market.get", {"owner_id": "2001"}, 100),
        ("market.get", {"owner_id": "-999"}, 100),
        ("market.get", {"owner_id": "-2001", "count": "201"}, 100),
        ("market.get", {"owner_id": "-2002"}, 1438),
    ],
)
def test_a_wrong_call_has_its_code(
    visitor: FlaskClient, vk: VkWorld, method: str, params: dict[str, str], code: int
) -> None:
    assert call(visitor, method, token(visitor), **params)["error"]["error_code"] == code


def test_communities_come_short_or_extended(visitor: FlaskClient, vk: VkWorld) -> None:
    access = token(visitor)
    assert call(visitor, "groups.get", access, filter="admin")["response"] == {
        "count": 2,
        "items": [2001, 2002],
    }
    asked = {"filter": "admin", "extended": "1", "fields": "market"}
    items = call(visitor, "groups.get", access, **asked)["response"]["items"]
    assert [item["market"]["enabled"] for item in items] == [1, 0]


def test_the_desk_switches_everything(visitor: FlaskClient, vk: VkWorld) -> None:
    vk.calls_per_second = 1000
    access = token(visitor)

    def click(action: str, **form: Any) -> None:
        answer = visitor.post(f"/__sandbox__/vk/{action}", data=form, follow_redirects=True)
        assert answer.status_code == 200 and 'class="message"' in answer.text

    def code(method: str, **params: Any) -> int | None:
        return call(visitor, method, access, **params).get("error", {}).get("error_code")

    click("market", community=2001)
    assert code("market.get", owner_id=-2001) == 1438
    click("market", community=2001)
    assert code("market.get", owner_id=-2001) is None
    click("scope")
    assert code("market.get", owner_id=-2001) == 15
    click("scope")
    click("role", community=2001, person=1001)
    assert call(visitor, "groups.get", access, filter="admin")["response"]["count"] == 1
    click("block", person=1001)
    assert code("users.get") == 18
    click("block", person=1001)
    click("trouble", name="captcha")
    assert code("users.get") == 14
    assert "Спасибо" in visitor.post("/vk-id/not-a-robot").text
    assert code("users.get") is None
    click("trouble", name="")
    click("expire")
    assert code("users.get") == 5
    assert vk.grants
    click("revoke", person=1001)
    assert not vk.grants


def test_the_desk_knows_no_strangers(visitor: FlaskClient, vk: VkWorld) -> None:
    assert visitor.post("/__sandbox__/vk/block", data={"person": 5}).status_code == 404
    assert visitor.post("/__sandbox__/vk/market", data={"community": "x"}).status_code == 404
    assert visitor.post("/__sandbox__/vk/trouble", data={"name": "x"}).status_code == 404
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert visitor.post("/__sandbox__/vk/expire", headers=foreign).status_code == 403


def test_a_reset_returns_to_the_first_day(world: World, vk: VkWorld) -> None:
    vk.trouble = "flood"
    world.reset()
    assert vk.trouble is None and not vk.people


def test_no_token_or_code_is_written_down(visitor: FlaskClient, world: World, vk: VkWorld) -> None:
    given = decide(visitor)
    answer = exchange(visitor, given)
    call(visitor, "users.get", answer["access_token"])
    written = str(world.journal.entries())
    for secret in (given["code"], answer["access_token"], answer["refresh_token"]):
        assert secret not in written
    assert "/vk-api/method/users.get" in written
