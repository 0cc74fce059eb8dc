"""From registration to the file: the main job, with JavaScript and without it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import forgive
from tests.catalog.export.files import rows_of
from tests.owners import DEMO_TOKEN, PASSWORD
from tests.processes import WorkerProcess

# One database is enough for what only a browser shows.

JAVASCRIPT = pytest.param({}, id="with JavaScript")
NO_JAVASCRIPT = pytest.param({"java_script_enabled": False}, id="without JavaScript")


@pytest.mark.parametrize("context_options", [JAVASCRIPT, NO_JAVASCRIPT])
def test_register_connect_refresh_browse_decide_and_download(
    page: Page,
    worker: WorkerProcess,
    slow_cloud: Callable[[], None],
    context_options: dict[str, bool],
):
    javascript = not context_options
    register(page)
    connect(page)

    seen = watch_the_refresh(page, javascript, slow_cloud)
    assert {"queued", "running"} & set(seen) and seen[-1] == "done"
    expect(page.locator("tr[data-entity=store]")).to_have_count(3)
    expect(page.locator("#refresh")).to_contain_text("Загружено")
    expect(page.locator("#updated")).to_contain_text("Последнее обновление: ")

    page.get_by_role("link", name="Группы магазина Чайная").click()
    expect(page.locator("h1")).to_have_text("Чайная")
    page.get_by_role("link", name="Товары группы Шоколад").click()
    expect(page.locator("h1")).to_have_text("Шоколад")

    row = page.locator("tr[data-entity=product]").first
    name = row.locator("th").inner_text()
    for title, badge in (
        ("Включить в синхронизацию", "✓ Включено"),
        ("Исключить из синхронизации", "✗ Исключено"),
        ("Убрать правило", "— Нет правила"),
        ("Исключить из синхронизации", "✗ Исключено"),
    ):
        row.get_by_title(title).click()
        expect(row.locator(".badge")).to_have_text(badge)
        expect(page.locator("h1")).to_have_text("Шоколад")
    expect(page.get_by_text(f"«{name}»").last).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Экспорт CSV").click()
    assert download.value.suggested_filename.startswith("products_")
    file = Path(download.value.path()).read_bytes().decode()
    lines = rows_of(file)
    assert [line[8] for line in lines] == [
        row.get_attribute("data-evotor-id") for row in page.locator("tr[data-entity]").all()
    ]
    assert {line[2]: line[9] for line in lines}[name] == "Исключено"
    assert [line[9] for line in lines].count("Исключено") == 1


def register(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Зарегистрируйтесь").click()
    page.locator("[name=email]").fill("clara@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password_confirm]").fill(PASSWORD)
    page.get_by_role("button", name="Зарегистрироваться").click()
    expect(page.locator("h1")).to_have_text("Подключения")


def connect(page: Page) -> None:
    page.get_by_role("link", name="Подключить Эвотор").click()
    page.locator("[name=token]").fill("no-such-token")
    page.get_by_role("button", name="Подключить").click()
    expect(page.locator("#token-error")).to_be_visible()
    forgive(page, "422")
    page.locator("[name=token]").fill(DEMO_TOKEN)
    page.get_by_role("button", name="Подключить").click()
    expect(page.locator("h1")).to_have_text("Каталог")
    assert DEMO_TOKEN not in page.content()


def watch_the_refresh(page: Page, javascript: bool, let_go: Callable[[], None]) -> list[str]:
    """Look on until the refresh is over, without JavaScript through its link; give the states seen.

    Once it is seen to run, it is let go on.
    """
    seen: list[str] = []
    steps: set[str] = set()
    for _ in range(200):
        section = page.locator("#refresh")
        state = section.get_attribute("data-state") or ""
        if not seen or seen[-1] != state:
            seen.append(state)
        if state not in ("queued", "running"):
            break
        if not javascript:
            steps.add(section.locator(".step").inner_text())
            expect(section.locator("progress")).to_be_visible()
            page.get_by_role("link", name="Проверить ещё раз").click()
        if state == "running":
            let_go()
        page.wait_for_timeout(300)
    return seen
