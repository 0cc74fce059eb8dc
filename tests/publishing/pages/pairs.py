"""Pairs as their owner sees and answers them."""

from sandbox.vk.goods import Item
from tests.checking_client import CheckedResponse
from tests.owners import Owner

PAIR = "/sync/listings/pair"


def accept(owner: Owner, item: Item, product_id: str, **more: str) -> CheckedResponse:
    """Answer that a listing is a good."""
    data = {"item_id": item.id, "store_id": "s1", "product_id": product_id, **more}
    return owner.client.post(PAIR, data=data)


def proposed(owner: Owner) -> dict[str, tuple[str, str]]:
    """Give each proposed good and why, by the number of its listing."""
    rows = owner.client.get("/sync/listings").page.select("//*[@id='pairs']//tr[@data-item-id]")
    return {row.get("data-item-id"): (row.get("data-evotor-id"), row.get("data-why")) for row in rows}
