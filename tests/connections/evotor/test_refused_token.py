"""A token that the cloud does not take is refused beside the field, and nothing is kept of it."""

import pytest

from sandbox.world import World
from tests.connections.evotor.conftest import Stored
from tests.owners import DEMO_TOKEN, Owner


@pytest.mark.parametrize(
    ("token", "words"),
    [
        pytest.param("", "Вставьте токен", id="empty"),
        pytest.param("   ", "Вставьте токен", id="blank"),
        pytest.param("не-тот-токен", "только латинские", id="cyrillic"),
        pytest.param("two words", "без пробелов", id="blank-inside"),
        pytest.param("line\r\nX-Evil: 1", "без пробелов", id="header-injection"),
        pytest.param("x" * 501, "слишком длинно", id="endless"),
    ],
)
def test_what_cannot_be_a_token_is_not_even_tried(
    alice: Owner, stored: Stored, world: World, token: str, words: str
) -> None:
    response = alice.client.post("/connections/evotor", data={"token": token})
    assert response.status_code == 422
    assert words in response.page.texts("//*[@id='token-error']")[0]
    assert world.journal.entries() == []
    assert stored.row is None


def test_an_unknown_token_is_refused(alice: Owner, stored: Stored, evotor_url: str) -> None:
    response = alice.client.post("/connections/evotor", data={"token": "somebody-elses-guess"})
    assert response.status_code == 422
    assert "не принял токен" in response.page.texts("//*[@id='token-error']")[0]
    assert stored.row is None


def test_a_refused_new_token_leaves_the_old_one_working(alice: Owner, stored: Stored) -> None:
    alice.connect_evotor()
    assert alice.client.post("/connections/evotor", data={"token": "wrong"}).status_code == 422
    assert stored.secret["token"] == DEMO_TOKEN
    assert stored.row is not None and stored.row.is_online


def test_a_cloud_that_asks_for_a_long_wait_does_not_hold_the_page_up(alice: Owner, world: World) -> None:
    world.faults.add("status_429", retry_after="60")
    assert alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 422
    assert len(world.journal.entries()) == 1, "it was asked again, and so waited for"


def test_one_failure_of_the_cloud_is_survived(alice: Owner, world: World) -> None:
    world.faults.add("status_503", times=1)
    assert alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303
