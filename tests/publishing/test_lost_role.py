"""A role that is lost, and a shop that is connected again: told as what it is, and found as it was."""

from decimal import Decimal

import pytest

from sandbox.vk.people import NO_ROLE, Community, Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect_at_once
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product

NEW = product("p4", "Новый чай", price=50, article_number="A-4")


@pytest.mark.parametrize("code", [15, 7, 203, 205])
@pytest.mark.parametrize("work", ["a price", "a new good"])
def test_a_role_that_is_lost_is_told_as_such(
    publishing: Publishing,
    tea: Stock,
    vk: VkWorld,
    teahouse: Community,
    maria: Person,
    code: int,
    work: str,
) -> None:
    publishing.publish()
    goods = [*GOODS, NEW] if work == "a new good" else [GOODS[0]._replace(price=Decimal(360)), *GOODS[1:]]
    tea.put(products=goods)
    vk.habits.lost_role_code = code
    teahouse.roles[maria.id] = NO_ROLE
    run = publishing.publish()
    assert run.status == "paused"
    assert "больше не администратор" in (run.error or ""), run.error


def test_a_community_that_is_connected_again_finds_every_pair_and_adds_nothing(
    publishing: Publishing, tea: Stock, vk: VkWorld, teahouse: Community, maria: Person
) -> None:
    publishing.publish()
    before = {sku: (item.id, item.photos) for sku, item in publishing.items.items()}
    assert publishing.owner.disconnect("vk").status_code == 303
    connect_at_once(publishing.owner, vk, maria, teahouse)
    vk.calls.clear()
    publishing.read()
    assert not publishing.plan().has_work
    assert publishing.publish().status == "done"
    assert not vk.calls.writing
    assert {sku: (item.id, item.photos) for sku, item in publishing.items.items()} == before
