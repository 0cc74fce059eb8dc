"""Two workers publish for the same person of VK at once, and VK never sees a fourth call in a second."""

from sandbox.vk.calls import Calls
from sandbox.vk.world import VkWorld
from tests.processes import WorkerStarter, wait_until
from tests.publishing.conftest import Publishing
from tests.stock import Stock, product


def test_all_processes_keep_to_three_calls_a_second(
    publishing: Publishing,
    tea: Stock,
    bobs: Publishing,
    vk: VkWorld,
    start_worker: WorkerStarter,
) -> None:
    Stock(bobs.owner).put(products=[product(f"b{n}", f"Кофе номер {n}", price=100 + n) for n in range(3)])
    vk.calls_per_second = 3
    vk.calls = Calls()
    asked = [publishing.ask(), bobs.ask()]
    for _ in range(2):
        start_worker(VK_CALLS_PER_SECOND="3")
    wait_until(lambda: all(not publishing.run(run_id).is_active for run_id in asked), 60)
    assert [publishing.run(run_id).status for run_id in asked] == ["done", "done"]
    assert len(bobs.market.living()) >= 3 and len(publishing.items) == 3
    assert vk.calls.busiest_second() <= 3
    assert vk.calls.refused_as_too_often == 0
