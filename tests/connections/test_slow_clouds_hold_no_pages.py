"""A cloud that hangs holds few pages of a process: the others are told so at once, and lose nothing."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.web.cloud_waits import AT_ONCE, waiting_for_a_cloud
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from sandbox.world import World
from tests.connections.vk.conftest import connect, decide, maria, teahouse, vk
from tests.owners import DEMO_TOKEN, Owner

__all__ = ["maria", "teahouse", "vk"]


@pytest.fixture
def crowd() -> Iterator[ExitStack]:
    """As many pages as may wait for a cloud; close it, and they have their answers."""
    with ExitStack() as waiting:
        for _ in range(AT_ONCE):
            waiting.enter_context(waiting_for_a_cloud())
        yield waiting


def test_a_pasted_token_is_not_tried(alice: Owner, world: World, crowd: ExitStack) -> None:
    answer = alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN})
    assert answer.status_code == 422 and "Повторите через минуту" in answer.page.text
    assert not world.journal.entries()
    crowd.close()
    assert alice.client.post("/connections/evotor", data={"token": DEMO_TOKEN}).status_code == 303


def test_the_way_back_from_vk_can_be_gone_again(alice: Owner, maria: Person, crowd: ExitStack) -> None:
    callback = decide(alice, maria)
    answer = alice.client.get(callback)
    assert answer.status_code == 503 and "Обновите эту страницу" in answer.page.text
    crowd.close()
    assert alice.client.get(callback).status_code == 303


def test_disconnecting_forgets_and_says_what_is_left(
    alice: Owner, maria: Person, teahouse: Community, vk: VkWorld
) -> None:
    connect(alice, maria, teahouse)
    with ExitStack() as waiting:
        for _ in range(AT_ONCE):
            waiting.enter_context(waiting_for_a_cloud())
        answer = alice.disconnect("vk", follow_redirects=True)
    assert "не подтвердил отзыв" in answer.page.text and vk.grants
