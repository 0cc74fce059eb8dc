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
from tests.stock import Stock, group, product


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
    expect(alice_page.locator("#state-strip")).to_contain_text("в ВК 3, ждут 0")
    expect(alice_page.locator("#run [data-outcome='done'] li")).to_have_count(3)


def test_a_list_tells_what_cannot_be_published_and_the_strip_what_waits_after_every_click(
    publishing: Publishing,  # noqa: F811
    tea: Stock,  # noqa: F811
    alice_page: Page,
) -> None:
    tea.put(
        "s2", "Склад", products=[product("gone", "Сенча", price=90, quantity=0), product("cup", price=70)]
    )
    alice_page.goto("/catalog/products?store_id=s2")
    alice_page.locator("#published").get_by_role("link", name="не готовы 1").press("Enter")
    expect(alice_page.locator("#chips [aria-current]")).to_have_text("Не готовы")
    row = alice_page.locator("tbody tr")
    expect(row).to_have_count(1)
    amber = "element => getComputedStyle(element).color"
    said, why = row.get_by_text("Публикуется"), row.get_by_text("нет в наличии")
    link = alice_page.locator("#published .warn")
    assert said.evaluate(amber) == why.evaluate(amber) == link.evaluate(amber) == "rgb(138, 90, 0)"
    expect(alice_page.locator("#state-strip")).to_contain_text("ждут 4")
    row.get_by_title("Исключить из синхронизации").click()
    expect(alice_page.locator("#published")).to_contain_text("Публикуется 1 из 2")
    alice_page.locator("#chips").get_by_role("link", name="Не готовы").press("Enter")
    alice_page.locator("tr[data-evotor-id='cup']").get_by_title("Исключить из синхронизации").click()
    expect(alice_page.locator("#state-strip")).to_contain_text("ждут 3")


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


def test_a_group_is_changed_in_its_row_and_the_rows_below_follow(
    publishing: Publishing,  # noqa: F811
    alice_page: Page,
    stock: Stock,
) -> None:
    stock.put(groups=[group("tea", "Чай"), group("green", "Зелёный", "tea"), group("pots", "Чайники")])
    alice_page.goto("/sync/settings/groups")
    row = alice_page.locator("tr[data-evotor-id='tea']")
    row.get_by_role("link", name="Изменить").click()
    markup = row.get_by_label("Наценка")
    expect(markup).to_have_attribute("placeholder", "как выше: 0 % (настройки)")
    markup.fill("много")
    row.get_by_role("button", name="Сохранить").click()
    expect(row.get_by_text("Нужно число")).to_be_visible()
    expect(markup).to_have_value("много")
    complaints: list[str] = alice_page.context.complaints  # type: ignore[attr-defined]
    complaints[:] = [each for each in complaints if "status of 422" not in each]
    markup.fill("12,5")
    row.get_by_role("button", name="Сохранить").click()
    expect(row).to_contain_text("12,5 %")
    below = alice_page.locator("tr[data-evotor-id='green']")
    expect(below).to_contain_text("12,5 % группа «Чай»")
    expect(alice_page.locator("tr[data-evotor-id='pots']")).to_contain_text("0 %")
    below.get_by_role("link", name="Изменить").click()
    expect(below.get_by_label("Наценка")).to_have_attribute("placeholder", "как выше: 12,5 % (группа «Чай»)")
