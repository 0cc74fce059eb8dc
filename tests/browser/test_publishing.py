"""Publication as an owner's browser sees it: typed settings, a run to its end, and the strip that follows."""

from playwright.sync_api import Page, expect

from tests.publishing.conftest import (  # noqa: F401 (fixtures)
    Publishing,
    maria,
    publishing,
    tea,
    teahouse,
    vk,
)
from tests.stock import Stock


def test_the_preview_follows_what_is_typed(
    publishing: Publishing,  # noqa: F811
    tea: Stock,  # noqa: F811
    alice_page: Page,
) -> None:
    publishing.read()
    alice_page.goto("/sync/settings")
    preview = alice_page.locator("#preview")
    expect(preview).to_contain_text("350,00")
    alice_page.get_by_label("Наценка").fill("100")
    expect(preview).to_contain_text("700,00")
    picture = preview.locator("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 800


def test_a_run_is_followed_to_its_end_and_the_strip_says_the_same(
    publishing: Publishing,  # noqa: F811
    tea: Stock,  # noqa: F811
    alice_page: Page,
) -> None:
    alice_page.goto("/sync/plan")
    alice_page.get_by_label("Понимаю").check()
    alice_page.get_by_role("button", name="Опубликовать").click()
    expect(alice_page.locator("#run")).to_have_attribute("data-state", "queued")
    publishing.run_jobs()
    expect(alice_page.locator("#run")).to_have_attribute("data-state", "done")
    expect(alice_page.locator("#state-strip")).to_contain_text("в ВК 3")
    expect(alice_page.locator("#run [data-outcome='done'] li")).to_have_count(3)


def test_a_reading_shows_what_it_found_by_itself(
    publishing: Publishing,  # noqa: F811
    tea: Stock,  # noqa: F811
    alice_page: Page,
) -> None:
    alice_page.goto("/sync/listings")
    alice_page.get_by_role("button", name="Прочитать ВКонтакте").click()
    expect(alice_page.locator("#reading progress")).to_be_visible()
    publishing.run_jobs()
    expect(alice_page.get_by_role("heading", name="Не из Витрины")).to_be_visible()
