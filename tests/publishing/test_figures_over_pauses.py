"""A run that was put aside and goes on says of each good how it ended, once, over all of its parts."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from app.publishing.run import batches, fill_albums, removing
from app.publishing.run.models import Publication
from sandbox.vk.world import VkWorld
from tests.publishing.album_stock import shown
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.test_removing import delete
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")

Figures = tuple[str, int, int, int | None]


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call is about one listing."""
    for module in (batches, fill_albums, removing):
        monkeypatch.setattr(module, "BATCH", 1)


def figures(publishing: Publishing, run_id: int) -> Figures:
    run = publishing.run(run_id)
    return run.status, run.done, run.failed, run.total


def told(publishing: Publishing, run_id: int, what: str) -> list[str]:
    """The names of goods in a list of the run's page: «Не получилось» or «Сделано»."""
    page = publishing.owner.client.get(f"/sync/publish/{run_id}").page
    found = [each.text_content().strip() for each in page.select(f"//ul[@data-outcome='{what}']/li/b")]
    if what == "failed" and publishing.run(run_id).status != "paused":
        assert ("Повторить эти" in page.text) == bool(found)
    return found


def go_on(publishing: Publishing, vk: VkWorld, run_id: int, *, until: str | None = None) -> None:
    """Pass VK's check, and let the run go on, until the next call of a method is checked again."""
    vk.pass_captcha()
    if until is not None:
        stop_at(vk, until, 1)
    publishing.owner.client.post(f"/sync/publish/{run_id}/resume")
    publishing.run_jobs()


def stop_at(vk: VkWorld, method: str, nth: int) -> None:
    """Let VK ask for its check at the n-th call that it does not refuse."""
    vk.faults.refuse(14, method, nth=nth, times=1)


@pytest.fixture(params=["market.delete", "market.restore"])
def begin(
    request: pytest.FixtureRequest, publishing: Publishing, tea: Stock, one_by_one: None
) -> Callable[..., tuple[int, str]]:
    """Begin to delete three goods, or to bring them back; gives the run and the method that does it."""
    publishing.publish()
    method = str(request.param)

    def begin(before: Callable[[str], None]) -> tuple[int, str]:
        if method == "market.delete":
            before(method)
            return delete(publishing, *publishing.items), method
        deleted = delete(publishing, *publishing.items)
        before(method)
        publishing.owner.client.post(f"/sync/publish/{deleted}/undo")
        publishing.run_jobs()
        return deleted + 1, method

    return begin


def test_what_is_refused_before_a_pause_and_taken_after_it_is_told_as_done(
    publishing: Publishing, vk: VkWorld, begin: Callable[..., tuple[int, str]]
) -> None:
    def spoil(method: str) -> None:
        vk.faults.refuse(100, method, times=1)
        stop_at(vk, method, 2)

    run_id, method = begin(spoil)
    assert figures(publishing, run_id) == ("paused", 1, 1, 3)
    assert len(told(publishing, run_id, "failed")) == 1
    go_on(publishing, vk, run_id, until=method)
    assert figures(publishing, run_id) == ("paused", 1, 1, 3)
    go_on(publishing, vk, run_id)
    assert figures(publishing, run_id) == ("done", 3, 0, 3)
    assert (told(publishing, run_id, "failed"), len(told(publishing, run_id, "done"))) == ([], 3)


def test_what_is_refused_before_a_pause_and_after_it_is_told_once(
    publishing: Publishing, vk: VkWorld, begin: Callable[..., tuple[int, str]]
) -> None:
    def spoil(method: str) -> None:
        vk.faults.refuse(100, method, times=2)
        stop_at(vk, method, 1)

    run_id, method = begin(spoil)
    assert figures(publishing, run_id) == ("paused", 0, 2, 3)
    vk.faults.refuse(100, method, times=2)
    go_on(publishing, vk, run_id)
    assert figures(publishing, run_id) == ("partial", 1, 2, 3)
    names = told(publishing, run_id, "failed")
    assert len(names) == len(set(names)) == 2


def put(tea: Stock, *prices: int) -> None:
    """Bring the till to these prices of the first goods."""
    dearer = [good._replace(price=Decimal(price)) for good, price in zip(GOODS, prices, strict=False)]
    tea.put(products=[*dearer, *GOODS[len(prices) :]])


def test_a_price_that_is_mended_during_a_pause_is_told_as_done(
    publishing: Publishing, tea: Stock, one_by_one: None, vk: VkWorld
) -> None:
    publishing.choose(auto=True)
    publishing.publish()
    put(tea, 360, 430)
    vk.faults.refuse(100, "market.edit", times=1)
    stop_at(vk, "market.edit", 1)
    run = publishing.publish()
    assert figures(publishing, run.id) == ("paused", 0, 1, 2)
    put(tea, 370, 440)
    go_on(publishing, vk, run.id)
    assert figures(publishing, run.id) == ("done", 2, 0, 2)
    assert (told(publishing, run.id, "failed"), len(told(publishing, run.id, "done"))) == ([], 2)


def test_goods_that_went_into_their_album_before_a_pause_are_counted_at_once(
    albums: Publishing, one_by_one: None, vk: VkWorld
) -> None:
    albums.choose(albums=False)
    albums.publish()
    albums.choose(albums=True)
    stop_at(vk, "market.addToAlbum", 2)
    run: Publication = albums.publish()
    put = sum(len(items) for title, items in shown(albums.market).items() if title in ("Чай", "Кофе"))
    assert put > 0 and figures(albums, run.id) == ("paused", put, 0, 3)
    go_on(albums, vk, run.id)
    assert figures(albums, run.id) == ("done", 3, 0, 3)
