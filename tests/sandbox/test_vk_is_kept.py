"""A sandbox that is started again is the same VK: whoever allowed the app anything need not do it again."""

from pathlib import Path

from sandbox.vk.keeping import Keeper
from sandbox.vk.stock import stock_vk
from sandbox.vk.world import VkWorld


def test_grants_and_goods_outlive_the_process(tmp_path: Path) -> None:
    before, path = VkWorld(), tmp_path / "vk.pickle"
    stock_vk(before)
    token = before.sign_in(before.people[1001], "market", "groups")
    item = before.market(2001).add_item("Молочный улун", 35_000, sku="A-1")
    before.market(2001).hide(item.id)
    Keeper(before, path).write()
    assert path.stat().st_mode & 0o077 == 0

    after = VkWorld()
    Keeper(after, path).recall()
    grant = after.grant_of(token)
    assert grant and grant.person is after.people[1001]
    again = after.market(2001).items[item.id]
    assert (again.sku, again.hidden) == ("A-1", True)
    assert after.market(2001).add_item("Пуэр").id == item.id + 1
    assert after.pictures.files.keys() == before.pictures.files.keys()


def test_without_a_file_or_with_a_spoilt_one_it_begins_anew(tmp_path: Path) -> None:
    world, path = VkWorld(), tmp_path / "vk.pickle"
    stock_vk(world)
    for data in (None, b"", b"not a pickle"):
        if data is not None:
            path.write_bytes(data)
        Keeper(world, path).recall()
        assert world.people[1001].name == "Мария Чайкина"
    Keeper(world, path).write()
    Keeper(VkWorld(), path).recall()
