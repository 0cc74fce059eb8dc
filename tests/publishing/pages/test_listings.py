"""What is in VK: ours by state and problem, what is foreign apart, nobody else's."""

import pytest
from sqlalchemy import insert

from app.data.db import db
from app.publishing.ledger.models import Listing
from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock


def skus(owner: Owner, query: str = "") -> list[str]:
    """The skus of the rows of a page."""
    return owner.client.get(f"/sync/listings{query}").page.select("//tr[@data-state]/@data-sku")


def test_listings_are_narrowed_by_state_and_by_problem(
    publishing: Publishing, tea: Stock, bob: Owner
) -> None:
    publishing.publish()
    tea.rule("product", "p1", "exclude")
    publishing.publish()
    owner = publishing.owner
    assert len(skus(owner)) == 3
    assert skus(owner, "?state=hidden") == ["A-1"]
    assert "A-1" not in skus(owner, "?state=live")
    assert skus(owner, "?problem=yes") == []
    assert skus(bob) == []


def test_each_listing_leads_to_vk_and_foreign_ones_stand_apart(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    publishing.read()
    page = publishing.owner.client.get("/sync/listings").page
    item = publishing.items["A-1"]
    address = f"https://vk.com/market-{publishing.community_id}?w=product-{publishing.community_id}_{item.id}"
    assert page.select(f"//tr[@data-sku='A-1']//a[@href='{address}']")
    foreign = page.select("//section[@aria-labelledby='foreign']//li/@data-item-id")
    assert foreign
    assert str(item.id) not in foreign


def test_the_listings_are_walked_to_their_end(publishing: Publishing) -> None:
    with publishing.owner.app.app_context():
        one = {"user_id": publishing.owner.id, "community_id": publishing.community_id, "state": "live"}
        rows = [one | {"sku": f"s{number}", "sent": {"name": f"Чай {number}"}} for number in range(120)]
        db.session.execute(insert(Listing), rows)
        db.session.commit()
    address, seen = "/sync/listings?state=live", []
    while address:
        page = publishing.owner.client.get(address).page
        seen += page.select("//tr[@data-state]/@data-sku")
        links = page.select("//a[@rel='next']/@href")
        address = links[0] if links else ""
    assert seen == [f"s{number}" for number in reversed(range(120))]


@pytest.mark.parametrize("query", ["state=sideways", "after=nonsense"])
def test_a_link_that_was_not_made_here_is_a_bad_request(publishing: Publishing, query: str) -> None:
    assert publishing.owner.client.get(f"/sync/listings?{query}").status_code == 400
