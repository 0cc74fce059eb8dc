"""«Удалить из ВКонтакте»: only what was chosen, after its name was shown, and back as long as VK lets."""

from typing import Any

import pytest

from app.connections.vk.market import OpenMarket
from app.publishing.run import batches, removing
from app.work.runs import running
from sandbox.vk.world import VkWorld
from tests.owners import Owner
from tests.publishing.conftest import GOODS, Publishing
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")

DELETE = "/sync/listings/delete"


def listing_id(publishing: Publishing, sku: str) -> int:
    return publishing.listings()[sku].id


def delete(publishing: Publishing, *skus: str) -> int:
    """Agree to the deletion, let a worker do it, and give the run."""
    ids = [listing_id(publishing, sku) for sku in skus]
    answer = publishing.owner.client.post(DELETE, data={"listing_id": ids})
    assert answer.status_code == 303, answer.text
    publishing.run_jobs()
    return int((answer.location or "").rpartition("/")[2])


def test_a_good_is_named_deleted_and_not_added_again(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    publishing.publish()
    number, item = listing_id(publishing, "A-1"), publishing.items["A-1"]
    client = publishing.owner.client
    product = client.get("/catalog/product?store_id=s1&product_id=p1").page
    (link,) = product.select("//a[contains(@href, '/listings/delete')]/@href")
    assert "Удалить «Улун молочный» из ВКонтакте?" in client.get(link).page.text
    assert item.deleted_at is None
    run = publishing.run(delete(publishing, "A-1"))
    assert (run.status, run.done, run.failed) == ("done", 1, 0)
    assert item.deleted_at is not None and len(publishing.items) == 2
    assert publishing.listings()["A-1"].state == "gone"
    assert not publishing.plan().has_work
    publishing.read()
    assert publishing.publish().status == "done"
    assert len(publishing.items) == 2
    assert listing_id(publishing, "A-1") == number
    assert "Удалено: 1 товар" in client.get(f"/sync/publish/{run.id}").page.text


def test_a_deletion_is_taken_back_as_long_as_vk_lets(publishing: Publishing, tea: Stock, vk: VkWorld) -> None:
    publishing.publish()
    was = publishing.items["A-1"].id
    for lets, status in ((True, "done"), (False, "partial")):
        run_id = delete(publishing, "A-1", "A-2")
        vk.ahead = 0 if lets else 10_000
        assert publishing.owner.client.post(f"/sync/publish/{run_id}/undo").status_code == 303
        publishing.run_jobs()
        assert publishing.run(run_id + 1).status == status
        assert len(publishing.items) == (3 if lets else 1)
        vk.ahead = 0
        if lets:
            assert publishing.items["A-1"].id == was
            publishing.read()
            assert not publishing.plan().has_work
    assert {row.state for row in publishing.listings().values()} == {"gone", "live"}


def test_what_vk_forbids_by_now_is_not_brought_back(publishing: Publishing, tea: Stock) -> None:
    publishing.publish()
    run_id = delete(publishing, "A-1", "A-2")
    tea.put(products=[GOODS[0]._replace(type="ALCOHOL_NOT_MARKED"), *GOODS[1:]])
    publishing.owner.client.post(f"/sync/publish/{run_id}/undo")
    publishing.run_jobs()
    undone = publishing.run(run_id + 1)
    assert (undone.status, undone.done, undone.failed, undone.blocked) == ("done", 1, 0, 1)
    assert "A-1" not in publishing.items and "A-2" in publishing.items
    said = publishing.owner.client.get(f"/sync/publish/{undone.id}").page.text
    assert "ВКонтакте запрещает продажу этого товара" in said


@pytest.mark.parametrize("way", ["cut", "status_500"])
@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_deletes_nothing_else(
    publishing: Publishing, tea: Stock, vk: VkWorld, way: str, is_done: bool
) -> None:
    publishing.publish()
    vk.faults.add(way, method="market.delete", times=1, done=is_done)
    run_id = delete(publishing, "A-1")
    if publishing.run(run_id).status == "paused":
        publishing.owner.client.post(f"/sync/publish/{run_id}/resume")
        publishing.run_jobs()
    assert publishing.run(run_id).status == "done"
    assert set(publishing.items) == {sku for sku in publishing.listings() if sku != "A-1"}


def test_nobody_deletes_a_strangers_good(publishing: Publishing, tea: Stock, bob: Owner) -> None:
    publishing.publish()
    number = listing_id(publishing, "A-1")
    assert bob.client.get(f"{DELETE}?listing_id={number}").status_code == 404
    assert bob.client.post(DELETE, data={"listing_id": number}).status_code == 404
    client = publishing.owner.client
    assert client.get(DELETE).status_code == client.post(DELETE, data={"listing_id": "x"}).status_code == 400
    assert len(publishing.items) == 3


@pytest.mark.parametrize("what", ["delete", "publish"])
def test_a_run_that_is_cut_off_tells_all_that_it_has_done(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    if what == "delete":
        publishing.publish()
    was = len(publishing.items)
    for module in (batches, removing):
        monkeypatch.setattr(module, "BATCH", 1)
    monkeypatch.setattr(running, "BEAT_SECONDS", 60)
    # The owner chooses another community as soon as one good is done.
    monkeypatch.setattr(OpenMarket, "is_mine", lambda _: len(publishing.items) == was)
    run = publishing.run(delete(publishing, "A-1", "A-2")) if what == "delete" else publishing.publish()
    assert abs(len(publishing.items) - was) == 1
    assert (run.status, run.done) == ("cancelled", 1)
    assert "Ничего не отправлено" not in publishing.owner.client.get(f"/sync/publish/{run.id}").text


def test_what_comes_back_is_not_added_anew_though_its_owner_asked_for_that_meanwhile(
    publishing: Publishing, tea: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    run_id = delete(publishing, "A-1")
    record = removing.record_restored

    def meanwhile(*arguments: Any) -> None:
        asked = {"all": "1", "answer": "again"}
        assert publishing.owner.client.post("/sync/questions/deleted", data=asked).status_code == 303
        record(*arguments)

    monkeypatch.setattr(removing, "record_restored", meanwhile)
    publishing.owner.client.post(f"/sync/publish/{run_id}/undo")
    publishing.run_jobs()
    publishing.publish()
    assert sorted(item.title for item in publishing.market.living() if item.sku == "A-1") == ["Улун молочный"]
    assert publishing.listings()["A-1"].item_id == publishing.items["A-1"].id


def test_repeating_a_refused_deletion_deletes_and_publishes_nothing(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    vk.faults.add("error", method="market.delete", code=100, times=1)
    run_id = delete(publishing, "A-1", "A-2")
    assert len(publishing.items) == 2
    tea.rule("product", "p3", "exclude")
    publishing.owner.client.post(f"/sync/publish/{run_id}/again")
    publishing.run_jobs()
    (left,) = publishing.items.values()
    assert not left.hidden and left.title == "Чай чёрный с чабрецом"
