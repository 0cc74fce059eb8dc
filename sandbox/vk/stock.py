"""The demo's VK: the owner of the tea shop, her communities, and a stranger's."""

from sandbox.vk.filling import add_foreign
from sandbox.vk.people import EDITOR
from sandbox.vk.world import VkWorld


def stock_vk(vk: VkWorld) -> None:
    """Add the owner of the tea shop with communities of every kind, and somebody who has none."""
    owner = vk.add_person("Мария", "Чайкина")
    helper = vk.add_person("Олег", "Тихонов")
    _stock_market(vk, vk.add_community("Чайная на Театральной", owner).id)
    vk.add_community("Клуб любителей улуна", owner, market_on=False)
    market = vk.add_community("Калужская барахолка")
    market.roles = {owner.id: EDITOR, helper.id: EDITOR}


def _stock_market(vk: VkWorld, community_id: int) -> None:
    """Add what the owner put into her shop by hand, long before any app did."""
    shown = [
        add_foreign(vk, community_id, title, price, description=description, category_id=category_id)
        for title, price, description, category_id in (
            ("Подарочный сертификат на 1000 рублей", 100_000, "Действует полгода в нашей чайной.", 40610),
            (
                "Мастер-класс «Чайная церемония»",
                150_000,
                "По субботам в полдень, два часа, до шести гостей.",
                40951,
            ),
            ("Аренда чайной комнаты, час", 60_000, "До восьми человек, чай по карте отдельно.", 40954),
        )
    ]
    vk.market(community_id).add_album("События", items=[item.id for item in shown[1:]])
