"""What a store brings that joins later is to be decided about, like anything else that is new."""

from tests.catalog.inbox.test_new_goods import INBOX
from tests.catalog.pages import ids_at
from tests.databases import on_both
from tests.mirror.refresh.conftest import SIDE, Shop
from tests.owners import Owner


@on_both
def test_its_goods_are_new_once_the_catalogue_has_been_whole(shop: Shop, owner: Owner, refresh) -> None:
    shop.merchant.store_list.remove(SIDE)
    assert refresh().status == "done" and ids_at(owner, INBOX) == []
    shop.merchant.store_list.restore(SIDE)
    assert refresh().status == "done"
    assert set(ids_at(owner, INBOX)) == {f"p{number}" for number in range(4)}


def test_what_comes_late_of_the_first_catalogue_is_not_new(shop: Shop, owner: Owner, refresh) -> None:
    fault = shop.world.faults.add("status_500", store=SIDE, resource="products")
    assert refresh().status == "partial"
    shop.world.faults.clear(fault.id)
    assert refresh().status == "done"
    assert ids_at(owner, INBOX) == []


def test_its_goods_are_new_also_while_another_store_never_answers(shop: Shop, owner: Owner, refresh) -> None:
    fault = shop.world.faults.add("status_402", store=SIDE, resource="products")
    assert refresh().status == "partial"
    later = shop.merchant.add_store({"id": "later", "name": "Ларёк"})
    shop.put(later, "kiosk")
    assert refresh().status == "partial"
    assert ids_at(owner, INBOX) == ["kiosk"]
    shop.world.faults.clear(fault.id)
    assert refresh().status == "done"
    assert ids_at(owner, INBOX) == ["kiosk"], "what comes late of the first catalogue"
