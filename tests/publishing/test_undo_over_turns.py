"""A run that is put aside and goes on may touch a good more than once: taken back, all that goes back."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.publishing.run import fill_albums, removing, turns
from app.publishing.run.carry_out import CarryingOut
from app.publishing.run.models import Publication
from app.work.runs.running import Running
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing import album_stock
from tests.publishing.album_stock import COFFEE, FILLED
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.test_removing import delete
from tests.publishing.test_undo import Till, shown
from tests.stock import Stock, group, product

pytestmark = pytest.mark.usefixtures("hasty")

TakeBack = Callable[[Publication], Publication]
Between = Callable[..., None]


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Between:
    """Let a run give way after each call, as often as there is something to happen until its next turn."""
    happens: Iterator[Callable[[], object]] = iter(())
    write = CarryingOut._write

    def write_and_give_way(work: CarryingOut, *arguments: Any) -> None:
        write(work, *arguments)
        work._running.give_way(-1)

    def keeps_others_waiting(_: Running[Any], onto: str | None = None) -> bool:
        event = next(happens, None)
        if event is not None:
            event()
        return event is not None

    def between(*events: Callable[[], object]) -> None:
        nonlocal happens
        happens = iter(events)

    monkeypatch.setattr(CarryingOut, "_write", write_and_give_way)
    monkeypatch.setattr(Running, "keeps_others_waiting", keeps_others_waiting)
    return between


def put(stock: Stock, **first: Any) -> None:
    """Bring the till to the three goods, the first of them changed."""
    stock.put(products=[GOODS[0]._replace(**first), *GOODS[1:]])


@on_both
def test_what_a_run_has_added_and_changed_after_a_pause_is_hidden(
    publishing: Publishing, stock: Stock, vk: VkWorld, take_back: TakeBack
) -> None:
    goods = [product(f"p{n}", f"Улун {n}", price=300 + n, article_number=f"A-{n}") for n in range(30)]
    stock.put(products=goods)
    vk.faults.refuse(14, "market.add", nth=26)
    publishing.choose(auto=True)
    run = publishing.publish()
    assert (run.status, run.done) == ("paused", 25)
    added = [good for good in goods if good.article_number in publishing.items][:2]
    dearer = [good._replace(price=Decimal(400)) if good in added else good for good in goods]
    stock.put(products=dearer)
    vk.pass_captcha()
    publishing.owner.client.post(f"/sync/publish/{run.id}/resume")
    publishing.run_jobs()
    run = publishing.run(run.id)
    assert (run.status, run.done, run.total) == ("done", 30, 30)
    assert publishing.items[added[0].article_number or ""].price == 40_000
    undone = take_back(run)
    assert (undone.status, undone.done, undone.failed) == ("done", 30, 0)
    assert len(publishing.items) == 30 and all(item.hidden for item in publishing.items.values())


def test_a_price_that_a_run_has_changed_thrice_goes_back_to_the_first(
    publishing: Publishing, tea: Stock, between: Between, take_back: TakeBack, vk: VkWorld
) -> None:
    publishing.choose(auto=True)
    publishing.publish()
    before = shown(publishing)
    put(tea, price=360)
    between(lambda: put(tea, price=370), lambda: put(tea, price=380))
    run = publishing.publish()
    assert publishing.items["A-1"].price == 38_000
    calls = len(vk.calls.writing)
    undone = take_back(run)
    assert (undone.status, undone.done, shown(publishing)) == ("done", 1, before)
    assert len(vk.calls.writing) == calls + 1


def test_a_good_that_a_run_has_hidden_after_a_new_price_is_shown_with_the_former_one(
    publishing: Publishing, tea: Stock, between: Between, take_back: TakeBack
) -> None:
    publishing.choose(auto=True)
    publishing.publish()
    before = shown(publishing)
    put(tea, price=360)
    between(lambda: tea.rule("product", "p1", "exclude"))
    run = publishing.publish()
    assert publishing.items["A-1"].hidden and publishing.items["A-1"].price == 36_000
    tea.rule("product", "p1", None)
    assert (take_back(run).status, shown(publishing)) == ("done", before)


def test_only_what_is_not_as_the_run_has_left_it_at_last_is_left_alone(
    publishing: Publishing, tea: Stock, between: Between, take_back: TakeBack
) -> None:
    publishing.choose(auto=True)
    publishing.publish()
    put(tea, price=360)
    between(lambda: put(tea, price=370, name="Улун медовый"))
    run = publishing.publish()
    item = publishing.items["A-1"]
    # What the run has sent first is not what it has left.
    publishing.market.change(item.id, price=36_000)
    publishing.read()
    assert take_back(run).status == "done"
    # The name is that of another price.
    assert (item.price, item.title) == (36_000, "Улун медовый")


@pytest.mark.parametrize("seed", (1, 2, 3))
def test_whatever_happens_between_its_turns_each_field_goes_back(
    publishing: Publishing, stock: Stock, between: Between, take_back: TakeBack, seed: int
) -> None:
    till = Till(stock, seed)
    publishing.choose(auto=True)
    publishing.publish()
    before = shown(publishing)
    till.live()
    between(till.live, till.live, till.live)
    run = publishing.publish()
    while run.status == "held":
        publishing.owner.client.post(f"/sync/publish/{run.id}/confirm")
        publishing.run_jobs()
        run = publishing.run(run.id)
    assert run.status == "done" and not publishing.plan().has_work
    till.take_rules_off()
    between(*[lambda: None] * 3)
    undone = take_back(run)
    assert (undone.status, undone.failed) == ("done", 0)
    after = shown(publishing)
    assert all(after[item_id]["hidden"] for item_id in after.keys() - before.keys())
    assert {item_id: after[item_id] for item_id in before} == before


@pytest.fixture
def in_albums(albums: Publishing, between: Between, monkeypatch: pytest.MonkeyPatch) -> Publishing:
    """Goods in their albums; a run gives way after each call about albums, too."""
    assert albums.publish().status == "done"
    monkeypatch.setattr(turns, "TURN_SECONDS", -1)
    monkeypatch.setattr(fill_albums, "BATCH", 1)
    return albums


def regroup(stock: Stock, title: str, *of_coffee: str) -> None:
    """Give the group of teas another name, and move some goods, by their ids, to the coffee."""
    moved = [
        each._replace(parent_id="coffee") if each.id in of_coffee else each for each in album_stock.GOODS
    ]
    stock.put(groups=[group("tea", title), COFFEE], products=moved)


def test_albums_go_back_however_often_what_takes_them_back_gives_way(
    in_albums: Publishing, stock: Stock, between: Between, take_back: TakeBack
) -> None:
    regroup(stock, "Чай и травы", "p2")
    run = in_albums.publish()
    assert album_stock.shown(in_albums.market)["Чай и травы"] == ["A-1"]
    between(*[lambda: None] * 5)
    assert take_back(run).status == "done"
    assert album_stock.shown(in_albums.market) == FILLED


@pytest.mark.parametrize("last", ["Травы", "Чай"])
def test_an_album_that_a_run_has_renamed_twice_gets_its_first_name_back(
    in_albums: Publishing, stock: Stock, between: Between, take_back: TakeBack, last: str
) -> None:
    in_albums.choose(auto=True)
    regroup(stock, "Чай и травы", "p2")
    between(lambda: None, lambda: None, lambda: regroup(stock, last, "p2"))
    run = in_albums.publish()
    assert album_stock.shown(in_albums.market)[last] == ["A-1"]
    between(*[lambda: None] * 5)
    assert take_back(run).status == "done"
    assert album_stock.shown(in_albums.market) == FILLED


def test_an_album_that_its_owner_has_renamed_since_keeps_that_name(
    albums: Publishing, stock: Stock, take_back: TakeBack
) -> None:
    albums.publish()
    regroup(stock, "Чай и травы")
    run = albums.publish()
    (album,) = (each for each in albums.market.albums.values() if each.title == "Чай и травы")
    album.title = "Всё к чаю"
    albums.read()
    assert take_back(run).status == "done"
    assert album.title == "Всё к чаю"


@on_both
def test_an_album_that_later_runs_have_renamed_and_named_so_again_keeps_that_name(
    albums: Publishing, stock: Stock, take_back: TakeBack
) -> None:
    albums.publish()
    runs = []
    for title in ("Чай и травы", "Травы", "Чай и травы"):
        regroup(stock, title)
        runs.append(albums.publish())
    assert take_back(runs[0]).status == "done"
    assert "Чай и травы" in album_stock.shown(albums.market)
    # Taken back one after the other they lead to what was before all of them.
    for run, title in zip(reversed(runs[1:]), ("Травы", "Чай и травы"), strict=True):
        take_back(run)
        assert title in album_stock.shown(albums.market)


def test_what_vk_refuses_to_take_back_is_told_and_the_rest_of_that_good_goes_back(
    publishing: Publishing, tea: Stock, between: Between, take_back: TakeBack, vk: VkWorld
) -> None:
    publishing.publish()
    item = publishing.items["A-1"]
    card = list(item.photos)
    put(tea, price=360, name="Улун медовый")
    run = publishing.publish()
    drawn = list(item.photos)
    vk.faults.refuse(100, "market.edit", times=1)
    between(*[lambda: None] * 5)
    undone = take_back(run)
    # VK does not say of what: the price goes by itself.
    assert (item.price, item.title) == (35_000, "Улун медовый")
    assert item.photos not in (card, drawn)
    assert (undone.status, undone.done, undone.failed, undone.total) == ("partial", 0, 1, 1)
    publishing.owner.client.post(f"/sync/publish/{undone.id}/again")
    publishing.run_jobs()
    assert (item.price, item.title) == (35_000, "Улун молочный")


def test_what_is_deleted_after_a_pause_is_counted_with_what_was_deleted_before(
    publishing: Publishing, tea: Stock, vk: VkWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    publishing.publish()
    monkeypatch.setattr(removing, "BATCH", 1)
    vk.faults.refuse(14, "market.delete", nth=2)
    run_id = delete(publishing, *publishing.items)
    assert (publishing.run(run_id).status, publishing.run(run_id).left) == ("paused", 2)
    vk.pass_captcha()
    publishing.owner.client.post(f"/sync/publish/{run_id}/resume")
    publishing.run_jobs()
    run = publishing.run(run_id)
    assert (run.status, run.done, run.failed, run.total) == ("done", 3, 0, 3)


def test_what_vk_refused_to_add_before_a_pause_is_told_of_no_more_once_it_is_added(
    publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.choose(auto=True)
    vk.faults.refuse(100, "market.add", times=1)
    vk.faults.refuse(14, "market.add", nth=2)
    run = publishing.publish()
    address = f"/sync/publish/{run.id}"
    assert (run.status, run.done, run.failed) == ("paused", 1, 1)
    assert 'data-outcome="failed"' in publishing.owner.client.get(address).text
    tea.put(products=[good._replace(name=f"{good.name} весенний") for good in GOODS])
    vk.pass_captcha()
    publishing.owner.client.post(f"{address}/resume")
    publishing.run_jobs()
    run = publishing.run(run.id)
    assert (run.status, run.done, run.failed, run.total) == ("done", 3, 0, 3)
    page = publishing.owner.client.get(address).text
    assert "Отправлено: 3" in page
    assert 'data-outcome="failed"' not in page and "Повторить эти" not in page


def test_an_album_that_vk_refuses_is_asked_for_once_and_told_however_many_turns_follow(
    in_albums: Publishing, stock: Stock, between: Between, vk: VkWorld
) -> None:
    regroup(stock, "Чай и травы", "p2")
    vk.faults.refuse(100, "market.editAlbum", times=None)
    between(*[lambda: None] * 5)
    calls = len(vk.calls.writing)
    run = in_albums.publish()
    assert run.status == "partial"
    assert album_stock.shown(in_albums.market)["Кофе"] == ["A-2", "A-3"]
    assert [call.method for call in vk.calls.writing[calls:]].count("market.editAlbum") == 1
