"""One click changes one row and nothing else, by mouse, by keyboard, and back again."""

import re

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.browsing import forgive
from tests.catalog.lists.conftest import Changing
from tests.owners import PASSWORD, Owner
from tests.stock import Stock, product

# One database is enough for what only a browser shows.

INCLUDE, EXCLUDE = "Включить в синхронизацию", "Исключить из синхронизации"


def row_of(page: Page, id: str) -> Locator:
    return page.locator(f"tr[data-evotor-id='{id}']")


def test_only_the_clicked_row_changes(products_page: Page):
    requests: list[Request] = []
    products_page.evaluate("""() => {
        window.touched = new Set();
        const note = ({ target }) => {
            const element = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
            const row = element.closest("tr");
            if (row) touched.add(row.dataset.evotorId);
        };
        const everything = { subtree: true, childList: true, attributes: true, characterData: true };
        const observer = new MutationObserver((changes) => changes.forEach(note));
        observer.observe(document.querySelector("tbody"), everything);
    }""")
    address = products_page.url
    products_page.on("request", lambda request: requests.append(request))

    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(row_of(products_page, "p0").locator(".badge")).to_have_text("✗ Исключено")

    assert products_page.evaluate("[...touched]") == ["p0"]
    assert products_page.url == address
    # The row, and at once what counts goods: the lines above the list, and the tree beside it; nothing else.
    asked = [(request.method, request.url.partition("?")[0].rpartition("/")[2]) for request in requests]
    assert asked[0] == ("POST", "filter")
    assert set(asked[1:]) <= {("GET", "published"), ("GET", "tree")}
    # The focus stays on the button, for whoever decides by keyboard.
    expect(row_of(products_page, "p0").get_by_title(EXCLUDE)).to_be_focused()


def test_who_goes_on_while_a_row_is_swapped_is_not_called_back(products_page: Page) -> None:
    # It is swapped in steps, and the next key may come between two of them.
    goes_on = "() => document.getElementById('search').focus()"
    products_page.evaluate(f"addEventListener('htmx:before:swap', {goes_on}, {{once: true}})")
    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(row_of(products_page, "p0").get_by_title(EXCLUDE)).to_have_attribute("aria-pressed", "true")
    expect(products_page.locator(".toast-line")).to_have_count(1)
    expect(products_page.locator("#search")).to_be_focused()


def test_a_second_click_before_the_answer_waits_for_it_and_is_taken_back_from_the_toast(
    products_page: Page, stock: Stock
):
    sent: list[Route] = []
    products_page.route("**/catalog/filter?*", lambda route: sent.append(route), times=1)
    with products_page.expect_request("**/catalog/filter?*"):
        row_of(products_page, "p1").get_by_title(INCLUDE).click()
    row_of(products_page, "p1").get_by_title(EXCLUDE).click()
    sent[0].continue_()
    toast = products_page.locator("#toasts")
    expect(toast).to_contain_text("«Дарджилинг первый сбор»: ✗ Исключено")
    toast.get_by_role("button", name="Отменить").click()
    expect(row_of(products_page, "p1").locator(".badge")).to_have_text("✓ Включено")
    expect(toast).to_contain_text("«Дарджилинг первый сбор»: ✓ Включено")
    assert stock.rules() == {("product", "s1", "p1"): "include"}


def test_each_of_several_quick_clicks_is_taken_back_by_its_button_or_by_a_key_the_newest_first(
    products_page: Page, stock: Stock
):
    # A click that changes nothing is no step.
    row_of(products_page, "p3").get_by_title("Убрать правило").click()
    toast = products_page.locator("#toasts")
    expect(toast).to_contain_text("— Нет правила")
    for id in ("p0", "p1", "p2"):
        row_of(products_page, id).get_by_title(EXCLUDE).click()
        expect(row_of(products_page, id).locator(".badge")).to_have_text("✗ Исключено")
    lines = toast.locator(".toast-line")
    expect(lines).to_have_count(3)
    lines.filter(has_text="Дарджилинг").get_by_role("button", name="Отменить").click()
    expect(row_of(products_page, "p1").locator(".badge")).to_have_text("— Нет правила")
    for id in ("p2", "p0"):
        products_page.keyboard.press("z")
        expect(row_of(products_page, id).locator(".badge")).to_have_text("— Нет правила")
    products_page.keyboard.press("z")
    expect(toast).to_contain_text("Отменять больше нечего")
    expect(toast.get_by_role("link", name="История правил")).to_be_visible()
    assert stock.rules() == {}


def test_a_change_of_many_rows_is_taken_back_by_the_key_too_after_what_was_decided_since(
    products_page: Page, stock: Stock
):
    page = products_page
    for id in ("p0", "p1"):
        page.locator(f"tr[data-evotor-id='{id}'] input[name=n]").check()
    page.get_by_role("button", name="✗ Исключить").click()
    page.get_by_role("button", name="Применить").click()
    notice = page.get_by_role("status").first
    expect(notice).to_contain_text("Снято с публикации 2 товара")
    row_of(page, "p2").get_by_title(INCLUDE).click()
    expect(row_of(page, "p2").locator(".badge")).to_have_text("✓ Включено")
    page.keyboard.press("z")
    expect(row_of(page, "p2").locator(".badge")).to_have_text("— Нет правила")
    page.keyboard.press("z")
    expect(notice).to_contain_text("2 товара снова публикуются")
    assert stock.rules() == {}
    # It takes back what takes back by its button only.
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Отменять больше нечего")
    assert stock.rules() == {}


def test_the_key_takes_back_what_a_good_s_own_page_has_changed(products_page: Page, stock: Stock):
    page = products_page
    row_of(page, "p0").get_by_role("link", name="Ассам").click()
    # Before its scripts are there the page is sent as a whole, and the key knows nothing of the click.
    page.wait_for_url("**/catalog/product?*")
    page.locator("#mode-exclude").click()
    expect(page.locator("#mode-exclude")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("z")
    expect(page.locator("#mode-none")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Отменять больше нечего")
    assert stock.rules() == {}


def test_new_goods_that_were_decided_about_come_back_by_the_key_one_after_the_other(
    alice_page: Page, alice: Owner
):
    changing = Changing(alice)
    changing.refresh(s1=[product("old", "Чай")])
    changing.refresh(s1=[product(id, id) for id in ("old", "a", "b", "c")])
    page = alice_page
    page.goto("/catalog/new")
    for id in ("a", "b"):
        row_of(page, id).get_by_role("button", name="Исключить").click()
        expect(row_of(page, id)).to_have_count(0)
    for id in ("b", "a"):
        page.keyboard.press("z")
        expect(row_of(page, id)).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("#toasts")).to_contain_text("Отменять больше нечего")


def test_totals_under_a_filter_follow_a_click_and_a_menu_closes_by_escape(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto("/catalog/products?store_id=s1&group_id=tea&result=published")
    expect(page.locator("#found")).to_have_text("4")
    row_of(page, "p0").get_by_title(EXCLUDE).click()
    for total in ("#found", "#export", "#pager"):
        expect(page.locator(total)).to_contain_text("3")
    expect(row_of(page, "p0").locator(".badge")).to_have_text("✗ Исключено")
    menu, button = page.locator(".exports ul"), page.locator(".exports summary")
    button.click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    page.locator("h1").click()
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("entity", ["store", "group"])
def test_stores_and_groups_are_decided_and_taken_back_too(alice_page: Page, stock: Stock, entity: str):
    alice_page.goto("/catalog" if entity == "store" else "/catalog/groups?store_id=s1")
    row = alice_page.locator("tbody tr").first
    row.get_by_title(EXCLUDE).click()
    expect(row.locator(".badge")).to_have_text("✗ Исключено")
    alice_page.get_by_role("button", name="Отменить").click()
    expect(row.locator(".badge")).to_have_text("— Нет правила")
    assert stock.rules() == {}


def test_the_lists_work_by_keyboard(products_page: Page):
    page = products_page
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("К содержанию")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.locator("#search").blur()
    # The page scrolls, and nothing else.
    page.keyboard.press("ArrowDown")
    expect(page.locator("tr:focus")).to_have_count(0)
    page.keyboard.press("Slash")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row_of(page, "p0")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(row_of(page, "p1")).to_be_focused()
    for key, badge in (("+", "✓ Включено"), ("-", "✗ Исключено"), ("0", "— Нет правила")):
        page.keyboard.press(key)
        expect(row_of(page, "p1").locator(".badge")).to_have_text(badge)
        expect(row_of(page, "p1")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(row_of(page, "p2")).to_be_focused()


def test_every_control_is_reached_by_tab(products_page: Page):
    row = row_of(products_page, "p0")
    row.locator("button").first.focus()
    for title in (INCLUDE, "Убрать правило", EXCLUDE):
        expect(products_page.locator(":focus")).to_have_attribute("title", title)
        products_page.keyboard.press("Tab")
    products_page.keyboard.press("Shift+Tab")
    products_page.keyboard.press("Enter")
    expect(row.locator(".badge")).to_have_text("✗ Исключено")


def test_a_lost_network_is_said_in_a_toast(products_page: Page):
    products_page.context.set_offline(True)
    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(products_page.locator("#toasts")).to_contain_text("Нет связи с сервером")
    expect(row_of(products_page, "p0").locator(".badge")).to_have_text("— Нет правила")
    products_page.context.set_offline(False)
    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(row_of(products_page, "p0").locator(".badge")).to_have_text("✗ Исключено")
    forgive(products_page, "net::ERR_INTERNET_DISCONNECTED", "Failed to fetch")


def test_an_expired_session_leads_to_the_login(products_page: Page, stock: Stock):
    products_page.context.clear_cookies()
    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(products_page.get_by_role("status")).to_contain_text("вернётесь на ту же страницу")
    assert stock.rules() == {}
    products_page.locator("[name=email]").fill("alice@example.org")
    products_page.locator("[name=password]").fill(PASSWORD)
    products_page.get_by_role("button", name="Войти").click()
    expect(products_page).to_have_url(re.compile(r"/catalog/products\?store_id=s1&group_id=tea$"))
    forgive(products_page, "401")


def test_a_row_that_is_gone_is_said_in_a_toast(products_page: Page, stock: Stock):
    stock.put("s1", "Чайная")
    row_of(products_page, "p0").get_by_title(EXCLUDE).click()
    expect(products_page.locator("#toasts .toast-line")).to_be_visible()
    expect(row_of(products_page, "p0").locator(".badge")).to_have_text("— Нет правила")
    forgive(products_page, "404")


def test_the_keys_are_told_by_one_and_can_be_switched_off(products_page: Page):
    products_page.keyboard.press("?")
    dialog = products_page.get_by_role("dialog", name="Клавиши")
    expect(dialog).to_contain_text("отменить последнее изменение")
    dialog.get_by_label("Слушать клавиши").uncheck()
    products_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    products_page.keyboard.press("/")
    products_page.keyboard.press("?")
    expect(products_page.locator("#search")).not_to_be_focused()
    expect(products_page.get_by_role("dialog")).to_have_count(0)
    products_page.get_by_role("link", name="Клавиши").click()
    products_page.wait_for_url("**/help*")
    products_page.get_by_label("Слушать клавиши").check()
    products_page.keyboard.press("Tab")
    products_page.goto("/catalog/products?store_id=s1")
    products_page.keyboard.press("/")
    expect(products_page.locator("#search")).to_be_focused()
