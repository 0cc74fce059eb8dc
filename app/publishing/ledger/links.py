"""Where a listing is to be seen."""


def address_in_vk(community_id: int, item_id: int) -> str:
    """The page of a listing, as its buyers open it."""
    return f"https://vk.com/market-{community_id}?w=product-{community_id}_{item_id}"
