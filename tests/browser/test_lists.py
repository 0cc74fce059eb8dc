"""Lists in a browser: search as one types, Back, and a telephone."""

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.owners import Owner
from tests.stock import Stock, product

# One database is enough for what only a browser shows.

PHONE = pytest.mark.parametrize(
    "context_options", [pytest.param({"viewport": {"width": 390, "height": 844}}, id="390 px")]
)
ADDRESSES = (
    "/catalog",
    "/catalog/groups?store_id=s1",
    "/catalog/products?store_id=s1",
    "/catalog/products?store_id=s1&group_id=tea",
    "/connections",
    "/connections/evotor",
    "/sync",
    "/profile",
)

WINDOWS = [
    pytest.param({"viewport": {"width": 1280, "height": 800}}, id="1280 px"),
    pytest.param({"viewport": {"width": 390, "height": 844}}, id="390 px"),
]


def test_search_finds_while_typing_and_back_leads_back(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto("/catalog/groups?store_id=s1")
    page.get_by_role("link", name="Товары группы Чай", exact=True).click()
    rows = page.locator("tr[data-entity=product]")
    expect(rows).to_have_count(4)
    # The page is there before its scripts, and what is typed until then finds nothing.
    page.wait_for_load_state()
    page.locator("#search").press_sequentially("ДАРДЖ", delay=20)
    expect(rows).to_have_count(1)
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#export")).to_have_text("Экспорт CSV · 1")
    expect(page).to_have_url(re.compile(f"q={quote('ДАРДЖ')}"))

    rows.first.get_by_title("Исключить из синхронизации").click()
    expect(rows.first.locator(".badge")).to_have_text("✗ Исключено")
    page.go_back()
    expect(page.locator("h1")).to_have_text("Чайная")
    page.go_forward()
    expect(rows).to_have_count(1)
    expect(page.locator("#search")).to_have_value("ДАРДЖ")
    expect(rows.first.locator(".badge")).to_have_text("✗ Исключено")


def test_the_search_keeps_the_filters_and_a_sort_keeps_the_search(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto("/catalog/products?store_id=s1")
    page.get_by_role("link", name="Публикуется", exact=True).click()
    page.wait_for_url("**result=published*")
    page.locator("#search").fill("вода")
    expect(page.locator("#export")).to_have_text("Экспорт CSV · 60")
    page.get_by_role("link", name="Название").click()
    expect(page.locator("th[aria-sort=descending]")).to_be_visible()
    expect(page.locator("tr[data-entity] th").first).to_have_text("Вода 59")
    for part in ("result=published", "dir=desc", "q="):
        assert part in page.url
    page.get_by_role("link", name="Вперёд").click()
    expect(page.locator("tr[data-entity] th").last).to_have_text("Вода 00")


@PHONE
def test_nothing_but_the_strips_scrolls_sideways_on_a_phone(alice_page: Page, stock: Stock, context_options):
    for address in ADDRESSES:
        alice_page.goto(address)
        width = alice_page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, address


@PHONE
def test_a_phone_decides_with_one_touch(products_page: Page, context_options):
    row = products_page.locator("tr[data-evotor-id=p3]")
    button = row.get_by_title("Исключить из синхронизации")
    box = button.bounding_box()
    assert box and box["x"] + box["width"] <= 390 and box["width"] >= 24 and box["height"] >= 24
    button.click()
    expect(row.locator(".badge")).to_have_text("✗ Исключено")


@PHONE
def test_on_a_phone_the_sections_are_under_the_thumb_and_cover_nothing(products_page: Page, context_options):
    page = products_page
    parts = page.locator(".site-nav :is(a, button)")
    assert parts.all_inner_texts() == ["Подключения", "Каталог", "Синхронизация", "Личный кабинет", "Выход"]
    boxes = [part.bounding_box() for part in parts.all()]
    assert all(box and box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    *pages, way_out = [box for box in boxes if box]
    bar = min(box["y"] for box in pages)
    assert bar > 844 - 80 and way_out["y"] < 44
    page.locator("tr[data-evotor-id=p3]").get_by_title("Исключить из синхронизации").click()
    toast = page.locator(".toast-line").bounding_box()
    assert toast and toast["y"] + toast["height"] <= bar
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    end = page.locator("main > :last-child").bounding_box()
    assert end and end["y"] + end["height"] <= bar


@pytest.mark.parametrize("context_options", [{"color_scheme": "light"}, {"color_scheme": "dark"}])
def test_the_colours_follow_the_system(alice_page: Page, stock: Stock, context_options: dict[str, str]):
    alice_page.goto("/catalog")
    colour = alice_page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(colour.split("(")[1].split(",")[0])
    assert (red > 200) == (context_options["color_scheme"] == "light")


def test_a_name_among_the_changes_opens_the_page_of_its_good(alice_page: Page, stock: Stock):
    stock.put(products=[product("p0", "Ассам молочный", "tea")])
    alice_page.goto("/catalog/changes?what=name")
    alice_page.get_by_role("link", name="Ассам молочный").click()
    alice_page.wait_for_url("**/catalog/products?*")
    expect(alice_page.locator("h1")).to_have_text("Чайная")
    expect(alice_page.locator("tr[data-evotor-id=p0]")).to_be_visible()


def test_the_same_good_of_several_stores_is_one_row_that_opens_to_them(alice_page: Page, alice: Owner):
    page, stock = alice_page, Stock(alice)
    for store_id, name in (("s1", "Чайная"), ("s2", "Киоск")):
        stock.put(store_id, name, products=[product("p", "Улун", barcodes=("46001",)), product("q", name)])
    page.goto("/catalog/all")
    row = {
        store_id: page.locator(f"tr[data-store-id={store_id}][data-evotor-id=p]") for store_id in ("s1", "s2")
    }
    opener = page.locator("summary", has_text="в 2 магазинах")
    expect(row["s2"]).to_be_hidden()
    # The keys go over what is not seen.
    page.locator("#search").press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(row["s1"]).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr[data-store-id=s1][data-evotor-id=q]")).to_be_focused()
    opener.click()
    expect(row["s2"]).to_be_visible()
    row["s2"].get_by_title("Исключить из синхронизации").click()
    expect(row["s2"].locator(".badge")).to_have_text("✗ Исключено")
    opener.click()
    # What is published otherwise is not folded away.
    expect(row["s2"]).to_be_visible()
    row["s2"].get_by_title("Убрать правило").click()
    expect(row["s2"]).to_be_hidden()
    # Nor is what is ticked.
    page.get_by_label("Отметить все строки").check()
    expect(row["s2"]).to_be_visible()
    page.get_by_role("button", name="Снять отметки").click()
    expect(row["s2"]).to_be_hidden()
    # What stands for others stays open when it is changed itself.
    opener.click()
    row["s1"].get_by_title("Включить в синхронизацию").click()
    expect(row["s1"].locator(".badge")).to_have_text("✓ Включено")
    expect(row["s2"]).to_be_visible()


@pytest.mark.parametrize("context_options", [{"viewport": {"width": 390, "height": 844}}], ids=["390 px"])
def test_on_a_phone_ticks_and_orders_wait_to_be_asked_for(alice_page: Page, stock: Stock, context_options):
    page = alice_page
    page.goto("/catalog/products?store_id=s1&group_id=tea")
    choose, orders = page.get_by_text("Выбрать", exact=True), page.locator("summary", has_text="Сортировка")
    ticks = page.locator("[name=n]")
    expect(ticks.first).to_be_hidden()
    expect(page.locator("thead")).to_be_hidden()
    choose.click()
    page.get_by_label("Отметить все строки").check()
    expect(page.locator("#bulk output")).to_have_text("Отмечено: 4")
    expect(page.get_by_label("Выбрать все")).to_be_in_viewport()
    # They go with what they came by.
    choose.click()
    expect(ticks.first).to_be_hidden()
    assert not page.locator("[name=n]:checked").count()
    orders.click()
    page.get_by_role("link", name="Цена", exact=True).click()
    expect(page.locator("th.price")).to_have_attribute("aria-sort", "ascending")
    expect(orders).to_have_attribute("aria-current", "true")
    # All three in one line, and a finger high.
    boxes = [each.bounding_box() for each in (page.locator(".drawer > summary"), orders, choose)]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    assert all(box and box["height"] >= 36 and box["x"] + box["width"] <= 390 for box in boxes)


IS_LOW = """each => each.checkVisibility() && !each.matches(".visually-hidden-focusable, .visually-hidden *")
    && each.getBoundingClientRect().height < 23.9"""
PRESSED = "main :is(a, button, summary, label)"


@pytest.mark.parametrize("context_options", WINDOWS)
def test_all_that_can_be_pressed_is_as_high_as_a_finger_needs(
    alice_page: Page, stock: Stock, context_options
):
    for id, rule in (("tea", "exclude"), ("pots", "include")):
        stock.rule("group", id, rule)
    stock.put("s2", "Киоск", products=[product("p", "Улун", barcodes=("1",)), product("q", "Пуэр", "gone")])
    stock.put("s3", "Лавка", products=[product("p", "Улун", barcodes=("1",))])
    stock.rule("store", "s2", "exclude")
    for address in ("", "/groups?store_id=s1", "/products?store_id=s1&group_id=tea", "/all"):
        alice_page.goto(f"/catalog{address}")
        expect(alice_page.locator("#missing")).to_contain_text("Без фото")
        low = f"elements => elements.filter({IS_LOW}).map(each => each.outerHTML)"
        assert alice_page.locator(PRESSED).evaluate_all(low) == [], address


def top_of(row: Locator) -> float:
    box = row.bounding_box()
    assert box is not None
    return box["y"]


@pytest.mark.parametrize("context_options", WINDOWS)
def test_no_row_jumps_when_the_counts_have_come(alice_page: Page, stock: Stock, context_options):
    held: list[Route] = []
    alice_page.route("**/catalog/published*", lambda route: held.append(route))
    with alice_page.expect_request("**/catalog/published*"):
        alice_page.goto("/catalog/products?store_id=s1&group_id=tea")
    first = alice_page.locator("tbody tr").first
    before = top_of(first)
    held[0].continue_()
    expect(alice_page.locator("#missing")).to_contain_text("Без фото")
    assert top_of(first) == pytest.approx(before, abs=1)
