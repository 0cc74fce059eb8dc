"""«Проверить сейчас» and what it finds."""

import pytest

from sandbox.world import World
from tests.connections.evotor.conftest import Stored
from tests.owners import DEMO_TOKEN, Owner

CHECK = "/connections/evotor/check"


@pytest.fixture(autouse=True)
def connected(alice: Owner, impatient: None) -> None:
    alice.connect_evotor()


def test_without_javascript_the_answer_is_said_on_the_page(alice: Owner) -> None:
    response = alice.client.post(CHECK)
    assert (response.status_code, response.location) == (303, "/connections")
    assert "Эвотор: На связи." in alice.client.get("/connections").page.text


def test_with_htmx_only_the_card_comes_back(alice: Owner) -> None:
    response = alice.client.htmx_post(CHECK)
    assert response.status_code == 200
    assert not response.page.is_whole
    assert response.page.select("//section/@id") == ["connection-evotor"]
    assert "На связи" in response.page.text


@pytest.mark.parametrize(
    ("fault", "state", "words", "reason"),
    [
        ("status_401", "reconnect", "Переподключите", "больше не действует"),
        ("status_403", "reconnect", "Переподключите", "закрыл доступ"),
        ("status_402", "offline", "Нет связи", "не оплачено"),
        ("status_429", "offline", "Нет связи", "обращаться реже"),
        ("status_500", "offline", "Нет связи", "не отвечает"),
        ("timeout", "offline", "Нет связи", "не отвечает"),
        ("html_body", "offline", "Нет связи", "не удалось прочитать"),
    ],
)
def test_a_failure_is_a_state_in_words_and_passes_with_its_cause(
    alice: Owner, stored: Stored, world: World, fault: str, state: str, words: str, reason: str
) -> None:
    world.faults.add(fault)
    card = alice.client.htmx_post(CHECK).page
    world.faults.clear()
    assert card.texts(f"//*[@data-state='{state}']") == [words]
    assert reason in card.text
    # Only the owner can act on the one; the other passes by itself.
    assert bool(card.select("//a[@href='/connections/evotor']")) == (state == "reconnect")
    assert stored.row is not None
    assert (stored.row.is_online, stored.row.status) == (False, state)
    assert stored.secret["token"] == DEMO_TOKEN

    assert "На связи" in alice.client.htmx_post(CHECK).page.text
    assert stored.row is not None
    assert (stored.row.is_online, stored.row.last_error) == (True, None)


@pytest.mark.parametrize("provider", ["vk", "telegram", "EVOTOR"])
def test_what_is_not_connected_cannot_be_checked(alice: Owner, provider: str) -> None:
    assert alice.client.post(f"/connections/{provider}/check").status_code == 404
