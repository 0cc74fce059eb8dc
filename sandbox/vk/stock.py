"""The demo's VK: the owner of the tea shop, her communities, and a stranger's."""

from sandbox.vk.people import EDITOR
from sandbox.vk.world import VkWorld


def stock_vk(vk: VkWorld) -> None:
    """Add the owner of the tea shop with communities of every kind, and somebody who has none."""
    owner = vk.add_person("Мария", "Чайкина")
    helper = vk.add_person("Олег", "Тихонов")
    vk.add_community("Чайная на Театральной", owner)
    vk.add_community("Клуб любителей улуна", owner, market_on=False)
    market = vk.add_community("Калужская барахолка")
    market.roles = {owner.id: EDITOR, helper.id: EDITOR}
