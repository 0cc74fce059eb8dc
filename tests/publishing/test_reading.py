"""A reading brings the ledger in line with VK, and takes nothing for deleted that VK only hides from it."""

from sandbox.vk.people import NO_ROLE, Community, Person
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import Publishing
from tests.stock import Stock


def states(publishing: Publishing) -> dict[str, str]:
    return {sku: listing.state for sku, listing in publishing.listings().items()}


def test_what_was_deleted_or_hidden_by_hand_is_noticed(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    publishing.market.delete(publishing.items["A-1"].id)
    publishing.items["A-2"].hidden = True
    publishing.read()
    found = states(publishing)
    assert (found.pop("A-1"), found.pop("A-2"), *found.values()) == ("gone", "hidden", "live")


def test_what_vk_hides_from_somebody_without_a_role_is_not_taken_for_deleted(
    publishing: Publishing, tea: Stock, teahouse: Community, maria: Person
) -> None:
    publishing.publish()
    publishing.items["A-1"].hidden = True
    publishing.read()
    theirs = publishing.market.add_item("Чашка", hidden=True)
    publishing.read()
    roles = dict(teahouse.roles)
    teahouse.roles[maria.id] = NO_ROLE
    publishing.read()
    assert states(publishing)["A-1"] == "hidden"
    assert theirs.id in {item.item_id for item in foreign(publishing)}
    teahouse.roles.update(roles)
    publishing.market.delete(publishing.items["A-1"].id)
    publishing.market.delete(theirs.id)
    publishing.read()
    assert states(publishing)["A-1"] == "gone"
    assert theirs.id not in {item.item_id for item in foreign(publishing)}


def test_what_is_as_it_should_be_is_noted_by_a_reading_and_left_out_of_the_next_plan(
    publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    publishing.items["A-1"].title = "Изменили во ВКонтакте"
    publishing.read()
    noted = {sku: listing.settled for sku, listing in publishing.listings().items()}
    del noted["A-1"]
    assert len(noted) == 2
    assert all(noted.values())
    plan = publishing.plan()
    assert plan.settled == {}
    assert plan.counts["ask"] == 1


def foreign(publishing: Publishing) -> list:
    return [item.foreign for item in publishing.plan().items["foreign"]]


def test_what_its_owner_called_another_good_is_not_taken_for_one_whose_answer_was_lost(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    former = publishing.items["A-1"]
    publishing.market.delete(former.id)
    publishing.read()
    client, known = publishing.owner.client, publishing.listings()["A-1"].id
    client.post("/sync/questions/deleted", data={"answer": "again", "listing_id": known})
    publishing.market.restore(former.id)
    former.title = "Улун в подарок"
    publishing.read()
    client.post("/sync/listings/other", data={"item_id": former.id, "other": "1"})
    vk.faults.add("cut", method="market.add", times=1, done=True)
    publishing.publish()
    ours = publishing.listings()["A-1"].item_id
    assert ours not in (None, former.id) and former.title == "Улун в подарок"
    assert len(publishing.market.with_sku("A-1")) == 2


def test_a_shop_that_was_never_read_is_read_once_however_often_a_run_looks(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    run = publishing.publish()
    assert (run.status, run.done) == ("done", 3)
    in_the_run = vk.calls.by_method["market.get"]
    publishing.read()
    one_reading = vk.calls.by_method["market.get"] - in_the_run
    assert one_reading <= in_the_run < 2 * one_reading
