"""The progress of a refresh in a browser: it moves, it can be stopped, and it stops asking."""

from collections.abc import Callable

from playwright.sync_api import Page, Request, expect

from sandbox.world import World
from tests.owners import DEMO_TOKEN, Owner
from tests.processes import WorkerProcess

# One database is enough for what only a browser shows.


def polls(page: Page) -> list[str]:
    """Collect the requests for the progress from now on."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/catalog/refresh/" in request.url:
            asked.append(request.url)

    page.on("request", note)
    return asked


def test_the_progress_shows_words_a_bar_and_counts_and_then_stops_asking(
    alice: Owner, alice_page: Page, worker: WorkerProcess, slow_cloud: Callable[[], None]
):
    alice.connect_evotor()
    asked = polls(alice_page)
    alice_page.goto("/catalog")
    section = alice_page.locator("#refresh")
    expect(section.locator("progress")).to_be_visible()
    expect(section).to_contain_text("Чайная: загружаем")
    expect(section).to_contain_text("загружено: ")
    for _ in range(2):
        with alice_page.expect_request("**/catalog/refresh/*"):
            pass
    slow_cloud()
    expect(alice_page.locator("#refresh[data-state=done]")).to_be_visible()
    assert len(asked) >= 2
    expect(alice_page.locator("tr[data-entity=store]")).to_have_count(3)

    asked.clear()
    alice_page.wait_for_timeout(3000)
    assert asked == []


def test_a_token_that_is_found_dead_is_told_by_the_banner_at_once(
    alice: Owner, alice_page: Page, worker: WorkerProcess, world: World
):
    alice.connect_evotor()
    alice_page.goto("/catalog")
    expect(alice_page.locator("#refresh[data-state=done]")).to_be_visible()
    world.revoke(DEMO_TOKEN)
    alice_page.get_by_role("button", name="Обновить каталог").click()
    expect(alice_page.locator("#alerts")).to_contain_text("Нет доступа к Эвотору")
    alice_page.locator("#refresh").get_by_role("link", name="Вставить новый токен").click()
    expect(alice_page.locator("#token")).to_be_focused()


def test_a_stopped_refresh_says_so_and_stops_asking(
    alice: Owner, alice_page: Page, worker: WorkerProcess, slow_cloud: Callable[[], None]
):
    alice.connect_evotor()
    alice_page.goto("/catalog")
    expect(alice_page.locator("#refresh[data-state=running]")).to_be_visible()
    alice_page.get_by_role("button", name="Остановить").click()
    expect(alice_page.locator("#refresh")).to_contain_text("Обновление остановлено.")
    asked = polls(alice_page)
    alice_page.wait_for_timeout(2500)
    assert asked == []
