"""A run from the plan to VK and back into the ledger."""

from sandbox.vk.world import VkWorld
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock, product


def test_every_chosen_good_appears_in_the_community_once_with_a_picture_and_its_price(
    publishing: Publishing, tea: Stock
) -> None:
    run = publishing.publish()
    assert (run.status, run.done, run.failed, run.error) == ("done", 3, 0, None)
    items = publishing.items
    assert {item.title: item.price for item in items.values()} == {
        "Улун молочный": 35_000,
        "Пуэр шу, лист": 42_050,
        "Чай чёрный с чабрецом": 9_900,
    }
    assert all(item.photos and not item.hidden for item in items.values())
    assert {listing.item_id for listing in publishing.listings().values()} == {
        item.id for item in items.values()
    }


def test_a_second_run_finds_nothing_to_do_and_writes_nothing(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    before = vk.calls.writing
    run = publishing.publish()
    assert run.status == "done"
    assert vk.calls.writing == before
    assert not publishing.plan().has_work


def test_an_excluded_good_is_hidden_and_comes_back_as_the_same_listing(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    was = publishing.items["A-1"].id
    tea.rule("product", "p1", "exclude")
    publishing.publish()
    assert publishing.items["A-1"].hidden
    tea.rule("product", "p1", None)
    publishing.publish()
    assert not publishing.items["A-1"].hidden
    assert publishing.items["A-1"].id == was


def test_a_changed_price_arrives(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=360, quantity=12, article_number="A-1")])
    publishing.publish()
    assert publishing.items["A-1"].price == 36_000


def test_a_number_that_vk_gives_a_second_time_leaves_the_first_listing_for_gone(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    was = publishing.listings()["A-1"].item_id
    assert was is not None
    publishing.market.items.pop(was)
    publishing.market.order.remove(was)
    publishing.market._item_ids = iter([was])  # type: ignore[assignment]
    tea.put(products=[*GOODS, product("p4", "Новый чай", price=50, article_number="A-4")])
    run = publishing.publish()
    assert (run.status, run.done) == ("done", 1)
    assert publishing.listings()["A-4"].item_id == was
    assert publishing.listings()["A-1"].state == "gone"
