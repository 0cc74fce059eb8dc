"""From «Подключить» to a chosen community, and every way it can go wrong."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app.clients.errors import RoleLost
from app.connections.models import NO_MARKET, ONLINE, CloudAccount
from app.connections.vk import account, authorisation
from sandbox.vk.world import Community, Person, VkWorld
from sandbox.world import World
from tests.connections.vk.conftest import card, check_in_background, choose, connect, decide
from tests.owners import Owner
from tests.product import AppMaker

Stored = Callable[[Owner], CloudAccount | None]


def test_the_card_says_what_will_happen_and_which_rights_are_asked(alice: Owner) -> None:
    text = card(alice)
    for words in ("Товары:", "Сообщества:", "Пароля мы не узнаем", "Подключить"):
        assert words in text


def test_an_owner_connects_and_chooses_a_community(
    alice: Owner, maria: Person, teahouse: Community, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None
    assert (connection.status, connection.is_online) == (ONLINE, True)
    assert connection.external_user_id == str(maria.id)
    assert connection.profile["community"]["id"] == teahouse.id
    text = card(alice)
    assert "На связи" in text and "Чайная на Театральной · Мария Чайкина" in text
    assert "проверено только что" in text or "проверено" in text


def test_the_request_to_vk_id_is_exact(alice: Owner, app: Flask) -> None:
    location = alice.client.get("/connections/vk/start").location
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    settings = app.extensions["settings"]
    assert location.startswith(f"{settings.vk_id_url}/authorize?")
    assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    assert asked["client_id"] == settings.vk_client_id and asked["scope"] == "market groups"
    assert asked["redirect_uri"] == "http://localhost/connections/vk/callback"
    assert len(asked["state"]) >= 32 and len(asked["code_challenge"]) == 43


def test_without_a_community_the_card_asks_to_choose_one(alice: Owner, maria: Person) -> None:
    connect(alice, maria)
    text = card(alice)
    assert "Сообщество не выбрано" in text and "Выбрать сообщество" in text


def test_a_refusal_ends_in_words_and_leaves_everything_as_it_was(
    alice: Owner, maria: Person, stored: Stored
) -> None:
    answer = alice.client.get(decide(alice, maria, "deny"))
    assert answer.status_code == 200
    assert "Вы не дали разрешения" in answer.page.text
    assert answer.page.select("//a[@href='/connections/vk/start']")
    assert stored(alice) is None


def test_a_forged_state_is_refused_and_ends_the_attempt(
    alice: Owner, maria: Person, vk: VkWorld, stored: Stored
) -> None:
    good = decide(alice, maria)
    state = parse_qs(urlsplit(good).query)["state"][0]
    forged = good.replace(state, "A" * len(state))
    for path in (forged, good):
        answer = alice.client.get(path)
        assert answer.status_code == 400
        assert "устарела или начата в другом окне" in answer.page.text
    assert stored(alice) is None and not vk.grants


def test_an_answer_works_once(alice: Owner, maria: Person) -> None:
    path = decide(alice, maria)
    assert alice.client.get(path).status_code == 303
    assert alice.client.get(path).status_code == 400


def test_an_old_attempt_is_stale(alice: Owner, maria: Person, stored: Stored) -> None:
    path = decide(alice, maria)
    with alice.client.session_transaction() as session:
        session[authorisation.PENDING] = {**session[authorisation.PENDING], "started_at": 0}
    assert alice.client.get(path).status_code == 400
    assert stored(alice) is None


def test_somebody_elses_answer_connects_nobody(
    alice: Owner, bob: Owner, maria: Person, stored: Stored
) -> None:
    path = decide(alice, maria)
    assert bob.client.get(path).status_code == 400
    # Bob has even begun an attempt of his own, and in Alice's browser.
    with alice.client.session_transaction() as session:
        session[authorisation.PENDING] = {**session[authorisation.PENDING], "user_id": bob.id}
    assert alice.client.get(path).status_code == 400
    assert stored(alice) is None and stored(bob) is None


@pytest.mark.parametrize(
    "query", ["", "?code=a", "?state=", "?code=&state=&device_id=", "?error=server_error"]
)
def test_a_callback_out_of_nowhere_is_refused(alice: Owner, query: str) -> None:
    assert alice.client.get(f"/connections/vk/callback{query}").status_code == 400


@pytest.mark.parametrize("status_200", [False, True])
def test_an_expired_code_says_so(alice: Owner, maria: Person, vk: VkWorld, status_200: bool) -> None:
    vk.code_seconds, vk.errors_with_status_200 = -1, status_200
    answer = alice.client.get(decide(alice, maria))
    assert answer.status_code == 400
    assert "уже устарело" in answer.page.text and "Попробовать ещё раз" in answer.page.text


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        ("status_500", "ВКонтакте не отвечает; повторите через несколько минут."),
        ("html_body", "не удалось прочитать"),
    ],
)
def test_a_broken_vk_id_says_so(alice: Owner, maria: Person, vk: VkWorld, trouble: str, words: str) -> None:
    path = decide(alice, maria)
    vk.trouble = trouble
    answer = alice.client.get(path)
    assert answer.status_code == 502
    assert words in answer.page.text


def test_an_unreachable_vk_id_says_so(make_app: AppMaker, alice: Owner, maria: Person, app: Flask) -> None:
    path = decide(alice, maria)
    settings = app.extensions["settings"]
    app.extensions["settings"] = make_app(vk_id_url="http://127.0.0.1:9").extensions["settings"]
    answer = alice.client.get(path)
    app.extensions["settings"] = settings
    assert answer.status_code == 502
    assert "ВКонтакте не отвечает; повторите через несколько минут." in answer.page.text


def test_a_failed_second_connection_keeps_the_first(
    alice: Owner, maria: Person, teahouse: Community, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    answer = alice.client.get(decide(alice, maria, "deny"))
    assert "Прежнее подключение осталось как было" in answer.page.text
    connection = stored(alice)
    assert connection is not None and connection.is_online


def test_connecting_anew_keeps_the_community_of_the_same_account_only(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    connect(alice, maria)
    connection = stored(alice)
    assert connection is not None and connection.profile["community"]["id"] == teahouse.id
    connect(alice, vk.people[1002])
    connection = stored(alice)
    assert connection is not None and "community" not in connection.profile


def test_only_administrated_communities_are_offered(alice: Owner, maria: Person) -> None:
    connect(alice, maria)
    page = alice.client.get("/connections/vk/community").page
    assert page.select("//input[@name='community_id']/@value") == ["2001", "2002"]
    assert "Калужская барахолка" not in page.text


def test_a_community_without_a_shop_is_marked_with_the_way_to_open_it(alice: Owner, maria: Person) -> None:
    connect(alice, maria)
    page = alice.client.get("/connections/vk/community").page
    [off] = [text for text in page.texts("//label") if "улуна" in text]
    assert "Товары выключены" in off
    assert "Как включить Товары" in page.text


def test_a_community_without_a_shop_can_be_chosen_and_the_card_says_what_is_left(
    alice: Owner, maria: Person, vk: VkWorld
) -> None:
    connect(alice, maria, vk.communities[2002])
    assert "В сообществе выключен раздел «Товары»" in card(alice)
    vk.communities[2002].market_on = True
    alice.check("vk")
    assert "На связи" in card(alice)


def test_an_owner_without_communities_is_told_what_to_do(alice: Owner, vk: VkWorld) -> None:
    connect(alice, vk.people[1002])
    page = alice.client.get("/connections/vk/community").page
    assert "Нет сообществ, где вы администратор" in page.text and "Обновить список" in page.text
    assert choose(alice, 2001).status_code == 422


@pytest.mark.parametrize("community_id", ["", "abc", "2003", "-2001", "99999999999999999999"])
def test_a_community_that_was_not_offered_cannot_be_chosen(
    alice: Owner, maria: Person, community_id: str, stored: Stored
) -> None:
    connect(alice, maria)
    answer = alice.client.post("/connections/vk/community", data={"community_id": community_id})
    assert answer.status_code == 422
    assert answer.page.texts("//*[@id='community-error']") != [""]
    connection = stored(alice)
    assert connection is not None and "community" not in connection.profile


def test_without_the_scope_the_state_is_a_normal_one_with_its_own_words(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    vk.granted_scopes.discard("market")
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None and connection.status == NO_MARKET
    assert "Доступ к товарам ещё не выдан" in card(alice)


def test_without_the_scope_and_a_community_it_is_known_too(alice: Owner, maria: Person, vk: VkWorld) -> None:
    vk.granted_scopes.discard("market")
    connect(alice, maria)
    assert "Доступ к товарам ещё не выдан" in card(alice)


def test_without_the_right_to_see_communities_the_owner_is_told(
    alice: Owner, maria: Person, vk: VkWorld
) -> None:
    vk.granted_scopes.discard("groups")
    connect(alice, maria)
    answer = alice.client.get("/connections/vk/community")
    assert answer.location == "/connections"
    assert "не видит ваши сообщества" in card(alice)


def test_choosing_before_connecting_leads_back(alice: Owner) -> None:
    assert alice.client.get("/connections/vk/community").location == "/connections"
    assert choose(alice, 2001).location == "/connections"


def test_nobody_connects_without_signing_in(client: Owner) -> None:
    for path in ("start", "callback", "community"):
        assert "/login" in client.get(f"/connections/vk/{path}").location  # type: ignore[attr-defined]


def test_an_installation_without_an_app_at_vk_says_so(make_app: AppMaker, alice: Owner, app: Flask) -> None:
    app.extensions["settings"] = make_app(vk_client_id=None).extensions["settings"]
    assert "ещё не настроен" in card(alice)
    assert alice.client.get("/connections/vk/start").status_code == 404


def test_disconnecting_revokes_at_vk_and_forgets_the_secrets(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    # The token is an hour old, which must not keep us from handing it back.
    vk.expire_access()
    assert "Отключить ВКонтакте" in alice.client.get("/connections/vk/delete").page.text
    alice.disconnect("vk")
    assert not vk.grants
    assert stored(alice) is None


def test_disconnecting_works_while_vk_is_away(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored, world: World
) -> None:
    connect(alice, maria, teahouse)
    vk.trouble = "status_500"
    answer = alice.disconnect("vk", follow_redirects=True)
    assert "не подтвердил отзыв" in answer.page.text
    assert stored(alice) is None


def test_bob_cannot_touch_alices_connection(
    alice: Owner, bob: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    assert bob.client.post("/connections/vk/check").status_code == 404
    assert bob.client.post("/connections/vk/delete").status_code == 404
    assert choose(bob, teahouse.id).location == "/connections"
    assert stored(alice) is not None and vk.grants


def test_a_community_chosen_while_the_one_before_is_being_checked_stays_chosen(
    app: Flask,
    alice: Owner,
    maria: Person,
    teahouse: Community,
    stored: Stored,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(alice, maria, teahouse)
    look, other = account.look, 2002

    def look_while_the_owner_chooses(*arguments: Any) -> Any:
        looked = look(*arguments)
        monkeypatch.undo()
        assert alice.client.post("/connections/vk/community", data={"community_id": other}).status_code == 303
        return looked._replace(problem=RoleLost("of the community before"))

    connection = stored(alice)
    assert connection is not None
    monkeypatch.setattr(account, "look", look_while_the_owner_chooses)
    check_in_background(app, connection.id)
    connection = stored(alice)
    assert connection is not None
    assert (connection.profile["community"]["id"], connection.status) == (other, ONLINE)
