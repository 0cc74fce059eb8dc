"""Every trouble of the VK connection shows its own sentence, and recovery shows by itself."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.connections import reasons
from app.connections.models import (
    BLOCKED,
    BUSY,
    CONFIRM,
    MARKET_OFF,
    NEEDS_OWNER,
    NO_MARKET,
    OFFLINE,
    ONLINE,
    ROLE_LOST,
    CloudAccount,
)
from sandbox.vk.world import Community, Person, VkWorld
from tests.connections.vk.conftest import card, check_in_background, connect
from tests.owners import Owner

Stored = Callable[[Owner], CloudAccount | None]
Change = Callable[[VkWorld, Person, Community], object]


def block(vk: VkWorld, person: Person, community: Community) -> None:
    person.blocked = True


def unblock(vk: VkWorld, person: Person, community: Community) -> None:
    person.blocked = False


def lose_role(vk: VkWorld, person: Person, community: Community) -> None:
    community.roles[person.id] = 2


def regain_role(vk: VkWorld, person: Person, community: Community) -> None:
    community.roles[person.id] = 3


def close_shop(vk: VkWorld, person: Person, community: Community) -> None:
    community.market_on = False


def open_shop(vk: VkWorld, person: Person, community: Community) -> None:
    community.market_on = True


def lose_scope(vk: VkWorld, person: Person, community: Community) -> None:
    vk.grants[0].scope = ("groups",)


def regain_scope(vk: VkWorld, person: Person, community: Community) -> None:
    vk.grants[0].scope = ("market", "groups")


def trouble(name: str) -> Change:
    def switch(vk: VkWorld, person: Person, community: Community) -> None:
        vk.trouble = name

    return switch


def calm(vk: VkWorld, person: Person, community: Community) -> None:
    vk.trouble = None


def banner_of(owner: Owner) -> str:
    """What every page says above its own content."""
    return " ".join(owner.client.get("/profile").page.texts("//div[@id='alerts']/*"))


TROUBLES = [
    pytest.param(block, unblock, BLOCKED, "заблокировал аккаунт", "Переподключить", id="blocked"),
    pytest.param(
        lose_role, regain_role, ROLE_LOST, "больше не администратор", "Выбрать другое сообщество", id="role"
    ),
    pytest.param(close_shop, open_shop, MARKET_OFF, "выключен раздел «Товары»", "Как включить", id="market"),
    pytest.param(
        lose_scope, regain_scope, NO_MARKET, "Доступ к товарам ещё не выдан", "Переподключить", id="scope"
    ),
    pytest.param(
        trouble("captcha"), calm, CONFIRM, "просит подтвердить", "Подтвердить во ВКонтакте", id="captcha"
    ),
    pytest.param(trouble("status_500"), calm, OFFLINE, "ВКонтакте не отвечает", None, id="unreachable"),
    pytest.param(trouble("html_body"), calm, OFFLINE, "не удалось прочитать", None, id="html"),
    pytest.param(trouble("flood"), calm, BUSY, "просит подождать", None, id="flood"),
    pytest.param(trouble("internal"), calm, OFFLINE, "ВКонтакте не отвечает", None, id="internal"),
]


@pytest.mark.parametrize(("break_it", "mend_it", "status", "sentence", "button"), TROUBLES)
def test_each_trouble_has_its_sentence_and_goes_away_by_itself(
    app: Flask,
    alice: Owner,
    maria: Person,
    teahouse: Community,
    vk: VkWorld,
    stored: Stored,
    break_it: Change,
    mend_it: Change,
    status: str,
    sentence: str,
    button: str | None,
) -> None:
    connect(alice, maria, teahouse)
    break_it(vk, maria, teahouse)
    answer = alice.check("vk")
    connection = stored(alice)
    assert connection is not None
    assert (connection.status, connection.is_online) == (status, False)
    assert sentence in answer.page.text
    if button:
        assert button in answer.page.texts("//div[@class='actions']/a")
    banner = banner_of(alice)
    # What only the owner can mend follows them to every page; what will pass does not.
    assert (sentence in banner) if status in NEEDS_OWNER else banner == ""
    mend_it(vk, maria, teahouse)
    check_in_background(app, connection.id)
    connection = stored(alice)
    assert connection is not None
    assert (connection.status, connection.last_error) == (ONLINE, None)
    assert "На связи" in card(alice) and sentence not in card(alice)
    assert banner_of(alice) == ""


def test_no_two_troubles_share_a_sentence() -> None:
    sentences = [sentence for _, sentence in reasons._VK]
    assert len(set(sentences)) == len(sentences)


def test_a_vk_that_cannot_be_reached_says_so_and_comes_back(
    app: Flask, alice: Owner, maria: Person, teahouse: Community, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, vk_api_url="http://127.0.0.1:9")
    check_in_background(app, connection.id)
    check_in_background(app, connection.id)
    assert "Нет связи" in card(alice) and "ВКонтакте не отвечает" in card(alice)
    app.extensions["settings"] = settings
    check_in_background(app, connection.id)
    assert "На связи" in card(alice)


def test_revoked_rights_ask_the_owner_to_connect_anew(
    app: Flask, alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    vk.revoke_person(maria.id)
    connection = stored(alice)
    assert connection is not None
    check_in_background(app, connection.id)
    text = card(alice)
    assert "Переподключите" in text and "Доступ отозван или устарел" in text and "Переподключить" in text
    assert "Доступ отозван или устарел" in banner_of(alice)
    connect(alice, maria)
    assert "На связи" in card(alice) and banner_of(alice) == ""


def test_one_hiccup_in_the_background_changes_nothing(
    app: Flask, alice: Owner, maria: Person, teahouse: Community, vk: VkWorld, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    vk.trouble = "status_500"
    connection = stored(alice)
    assert connection is not None
    check_in_background(app, connection.id)
    assert "На связи" in card(alice)
    check_in_background(app, connection.id)
    assert "Нет связи" in card(alice) and "Переподключить" not in card(alice)


def test_a_passing_fault_leaves_the_owner_what_there_was_to_do(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld
) -> None:
    connect(alice, maria, teahouse)
    for name in ("captcha", "status_500"):
        vk.trouble = name
        answer = alice.check("vk")
        assert "просит подтвердить" in answer.page.text
        assert "Подтвердить во ВКонтакте" in answer.page.texts("//div[@class='actions']/a")


def test_an_unreadable_secret_is_a_sentence_not_a_crash(
    app: Flask, alice: Owner, maria: Person, teahouse: Community
) -> None:
    connect(alice, maria, teahouse)
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, token_keys=("A" * 43 + "=",))
    assert "На связи" in card(alice)
    answer = alice.check("vk")
    assert "не удалось расшифровать" in answer.page.text
    assert "не удалось расшифровать" in banner_of(alice)
    answer = alice.disconnect("vk", follow_redirects=True)
    assert "отключено" in answer.page.text


def test_a_key_that_is_put_back_mends_the_connection_by_itself(
    app: Flask, alice: Owner, maria: Person, teahouse: Community, stored: Stored
) -> None:
    connect(alice, maria, teahouse)
    connection = stored(alice)
    assert connection is not None
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, token_keys=("A" * 43 + "=",))
    check_in_background(app, connection.id)
    assert "не удалось расшифровать" in card(alice)
    app.extensions["settings"] = settings
    check_in_background(app, connection.id)
    assert "На связи" in card(alice) and banner_of(alice) == ""


def test_a_connection_forgotten_meanwhile_is_no_error(
    app: Flask, alice: Owner, maria: Person, stored: Stored, db_session: Session, vk: VkWorld
) -> None:
    connect(alice, maria)
    connection = stored(alice)
    assert connection is not None
    vk.expire_access()
    original = vk.rotate

    def forget(*arguments: str) -> object:
        db_session.delete(connection)
        db_session.flush()
        return original(*arguments)

    vk.rotate = forget  # type: ignore[method-assign, assignment]
    try:
        check_in_background(app, connection.id)
    finally:
        del vk.rotate
    assert stored(alice) is None
