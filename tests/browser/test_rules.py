"""Plans, the history and the switch in a browser: by keyboard alone, on a telephone, without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from tests.stock import Stock

# One database is enough for what only a browser shows.

GOODS = "/catalog/products?store_id=s1&group_id=tea"
FIRST, SECOND = ("product", "s1", "p0"), ("product", "s1", "p1")
ANY_VISITOR = pytest.mark.parametrize(
    "context_options",
    [
        pytest.param({"viewport": {"width": 390, "height": 844}}, id="390 px"),
        pytest.param({"java_script_enabled": False}, id="without JavaScript"),
        pytest.param(
            {"java_script_enabled": False, "viewport": {"width": 390, "height": 844}},
            id="390 px without JavaScript",
        ),
    ],
)


def tick(page: Page, *ids: str) -> None:
    # On a phone the ticks wait to be asked for.
    if (choose := page.get_by_text("Выбрать", exact=True)).is_visible():
        expect(page.locator("input[name=n]").first).to_be_hidden()
        choose.click()
    for id in ids:
        page.locator(f"tr[data-evotor-id='{id}'] input[name=n]").check()


def fits(page: Page) -> None:
    """Nothing on the page lies beyond the edge of a telephone."""
    viewport = page.viewport_size
    if viewport and viewport["width"] == 390:
        for part in page.locator("h1, .card, .actions button, .timeline li").all():
            box = part.bounding_box()
            assert box is None or box["x"] + box["width"] <= 390, part.inner_text()


@ANY_VISITOR
def test_ticked_rows_are_changed_after_a_plan_and_changed_back(
    alice_page: Page, stock: Stock, context_options
):
    page = alice_page
    page.goto(GOODS)
    tick(page, "p0", "p1")
    page.get_by_role("button", name="✗ Исключить").click()
    expect(page.locator("h1")).to_have_text("Что изменится")
    expect(page.locator(".effect")).to_have_text("Перестанут публиковаться: 2")
    fits(page)
    assert stock.rules() == {}
    page.get_by_role("button", name="Применить").click()
    expect(page.get_by_role("status").first).to_contain_text("Снято с публикации 2 товара")
    # Back at the first of them, with the way back beside it.
    assert f"{GOODS}#p" in page.url
    expect(page.get_by_role("button", name="Отменить")).to_be_in_viewport()
    assert stock.rules() == {FIRST: "exclude", SECOND: "exclude"}
    page.get_by_role("button", name="Отменить").click()
    expect(page.get_by_role("status").first).to_contain_text("2 товара снова публикуются")
    assert stock.rules() == {}


@ANY_VISITOR
def test_a_plan_that_is_not_wanted_changes_nothing(alice_page: Page, stock: Stock, context_options):
    page = alice_page
    page.goto(GOODS)
    # On a phone all the others are offered with the first.
    tick(page, "p0")
    page.get_by_label("Выбрать все").check()
    page.get_by_role("button", name="✗ Исключить").click()
    page.get_by_role("button", name="Не менять").click()
    expect(page.get_by_text("Ничего не изменилось.")).to_be_visible()
    assert page.url.endswith(GOODS)
    assert stock.rules() == {}


@ANY_VISITOR
def test_a_step_of_the_history_is_taken_back_after_a_look(alice_page: Page, stock: Stock, context_options):
    page = alice_page
    stock.decide("product", "p0", "exclude")
    stock.decide("product", "p1", "exclude")
    page.goto("/sync/history?kind=rules")
    fits(page)
    page.locator("li[data-change-id]").last.get_by_role("button").click()
    expect(page.locator(".effect")).to_have_text("Начнут публиковаться: 1")
    page.get_by_role("button", name="Применить").click()
    expect(page.locator("li[data-change-id]")).to_have_count(3)
    assert stock.rules() == {SECOND: "exclude"}


@ANY_VISITOR
def test_the_switch_and_the_default_are_shown_before_they_are_saved(
    alice_page: Page, stock: Stock, context_options
):
    page = alice_page
    page.goto("/sync")
    page.get_by_role("main").get_by_role("link", name="Включить…").click()
    expect(page.locator("main")).to_contain_text("Решено публиковать 64 товара")
    fits(page)
    page.get_by_role("button", name="Включить", exact=True).click()
    expect(page.locator("[aria-labelledby=switch] .state")).to_have_text("Включена, но стоит")
    page.get_by_label("Не публиковать").check()
    page.get_by_role("button", name="Посмотреть, что изменится").click()
    expect(page.locator(".effect")).to_have_text("Перестанут публиковаться: 64")
    fits(page)
    page.get_by_role("button", name="Применить").click()
    expect(page.locator("dd[data-result=published]")).to_have_text("0")
    page.get_by_role("button", name="Отменить").click()
    expect(page.locator("dd[data-result=published]")).to_have_text("64")


def test_everything_is_decided_by_keyboard_alone(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto(GOODS)
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("-")
    expect(page.locator("tr[data-evotor-id=p0] .badge")).to_have_text("✗ Исключено")
    expect(page.locator("#toasts")).to_contain_text("Снят с публикации 1 товар")
    tab_to(page, "tr[data-evotor-id=p1] input[name=n]")
    page.keyboard.press("Space")
    tab_to(page, "#bulk [value=exclude]", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Что изменится")
    tab_to(page, "main button.btn-primary")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Снят с публикации 1 товар")
    assert stock.rules() == {FIRST: "exclude", SECOND: "exclude"}

    tab_to(page, "form[action*='/undo'] button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("1 товар снова публикуется")
    assert stock.rules() == {FIRST: "exclude"}
    page.goto("/sync")
    tab_to(page, "a[href='/sync/switch-on']")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Включить публикацию")
    tab_to(page, "main button.btn-primary")
    page.keyboard.press("Enter")
    expect(page.locator("[aria-labelledby=switch] .state")).to_have_text("Включена, но стоит")


def test_a_form_that_takes_long_says_so_and_is_sent_once(alice_page: Page, stock: Stock):
    page = alice_page
    page.goto(GOODS)
    send = """() => {
        const event = new SubmitEvent("submit", { bubbles: true, cancelable: true });
        return document.getElementById("bulk").dispatchEvent(event);
    }"""
    assert page.evaluate(send) is True
    expect(page.locator("#bulk [role=status]")).to_have_text("Считаем, что изменится…")
    expect(page.locator("#bulk progress")).to_be_visible()
    assert page.evaluate(send) is False


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there."""
    expect(page.locator(selector).first).to_be_visible()
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")
