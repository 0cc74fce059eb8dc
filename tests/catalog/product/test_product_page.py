"""The page of one good."""

from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.stock import Stock

PAGE = "/catalog/product?store_id=s1&product_id=p1"


def test_it_opens(publishing: Publishing, tea: Stock, alice: Owner, bob: Owner) -> None:
    page = alice.client.get(PAGE).page
    print(page.text)
    publishing.publish()
    page = alice.client.get(PAGE).page
    print(page.text)
    assert bob.client.get(PAGE).status_code == 404
