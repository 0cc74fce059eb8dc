"""Two workers publish for the same person of VK at once, and VK never sees a fourth call in a second."""

from app.publishing.current import current_plan
from app.publishing.run.requests import publish
from sandbox.vk.calls import Calls
from sandbox.vk.people import Community, Person
from sandbox.vk.world import VkWorld
from tests.connections.vk.conftest import connect
from tests.owners import Owner
from tests.processes import WorkerStarter, wait_until
from tests.publishing.conftest import Publishing, connect_till, settle
from tests.stock import Stock, product


def test_all_processes_keep_to_three_calls_a_second(
    publishing: Publishing,
    tea: Stock,
    bob: Owner,
    maria: Person,
    vk: VkWorld,
    start_worker: WorkerStarter,
) -> None:
    other: Community = next(each for each in vk.communities.values() if each.market_on and each.id != 2001)
    other.roles[maria.id] = 3
    connect(bob, maria, other)
    publishing.run_jobs()
    connect_till(bob.app, bob.id)
    settle(bob.app, bob.id)
    Stock(bob).put(products=[product(f"b{n}", f"Кофе номер {n}", price=100 + n) for n in range(3)])
    vk.calls_per_second = 3
    vk.calls = Calls()
    asked = []
    for owner, community_id in ((publishing.owner, publishing.community_id), (bob, other.id)):
        with owner.app.app_context():
            plan = current_plan(owner.id, community_id)
            asked.append(publish(owner.id, community_id, plan).id)
    for _ in range(2):
        start_worker(VK_CALLS_PER_SECOND="3")
    wait_until(lambda: all(not publishing.run(run_id).is_active for run_id in asked), 60)
    assert [publishing.run(run_id).status for run_id in asked] == ["done", "done"]
    assert len(vk.market(other.id).living()) >= 3 and len(publishing.items) == 3
    assert vk.calls.busiest_second() <= 3
    assert vk.calls.refused_as_too_often == 0
