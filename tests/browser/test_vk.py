"""The whole way through VK in a real browser, consent page included."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from sandbox.vk.world import ADMINISTRATOR, VkWorld
from sandbox.world import World
from tests.browsing import forgive


@pytest.fixture
def vk(world: World) -> VkWorld:
    """The sandbox's VK."""
    return world.vk


@pytest.fixture
def vk_page(
    alice_page: Page, context: BrowserContext, sandbox_url: str, helping_hand: None
) -> Iterator[Page]:
    """Alice's tab; on her way she visits VK, which is no complaint."""
    yield alice_page
    complaints: list[str] = context.complaints  # type: ignore[attr-defined]
    complaints[:] = [each for each in complaints if not each.startswith(f"foreign request: {sandbox_url}/")]


def start(page: Page, person: str = "Мария Чайкина", decision: str = "Разрешить") -> None:
    """Go to VK from the page of connections and decide there."""
    page.goto("/connections")
    page.get_by_role("link", name="Подключить ВКонтакте").click()
    expect(page.get_by_role("heading", name="Учебный VK ID")).to_be_visible()
    page.get_by_label(person).check()
    page.get_by_role("button", name=decision).click()


def choose(page: Page) -> None:
    """Take the community that is ticked, and go back to the page of connections."""
    page.get_by_role("button", name="Выбрать").click()
    expect(page.get_by_role("heading", name="Четыре вопроса перед публикацией")).to_be_visible()
    page.goto("/connections")


def test_an_owner_connects_vk_with_two_clicks_and_chooses_a_community(vk_page: Page) -> None:
    start(vk_page)
    expect(vk_page.get_by_role("heading", name="Выберите сообщество")).to_be_visible()
    assert "code=" not in vk_page.url
    vk_page.get_by_label("Чайная на Театральной").check()
    choose(vk_page)
    card = vk_page.locator("#connection-vk")
    expect(card).to_contain_text("На связи")
    expect(card).to_contain_text("Чайная на Театральной · Мария Чайкина")
    picture = card.locator("img.avatar")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_checking_swaps_the_card_alone(vk_page: Page, vk: VkWorld) -> None:
    vk.calls_per_second = 1000
    start(vk_page)
    vk_page.get_by_label("Чайная на Театральной").check()
    choose(vk_page)
    vk.communities[2001].roles.clear()
    vk_page.locator("#check-vk").click()
    card = vk_page.locator("#connection-vk")
    expect(card).to_contain_text("Вы больше не администратор")
    expect(card.get_by_role("link", name="Выбрать другое сообщество")).to_be_visible()
    vk.communities[2001].roles[1001] = 3
    vk_page.locator("#check-vk").click()
    expect(card).to_contain_text("На связи")


def test_a_refusal_leads_back_with_words_and_a_way_on(vk_page: Page) -> None:
    start(vk_page, decision="Отказать")
    expect(vk_page.get_by_role("main")).to_contain_text("Вы не дали разрешения")
    vk_page.get_by_role("link", name="Попробовать ещё раз").click()
    vk_page.get_by_role("button", name="Разрешить").click()
    expect(vk_page.get_by_role("heading", name="Выберите сообщество")).to_be_visible()


def test_a_forged_state_connects_nothing_and_offers_a_new_start(vk_page: Page, vk: VkWorld) -> None:
    def forge(route: Route) -> None:
        if route.request.method != "POST":
            return route.continue_()
        answer = route.fetch(max_redirects=0)
        forged = re.sub("state=[^&]+", "state=" + "A" * 43, answer.headers["location"])
        route.fulfill(status=302, headers={"Location": forged})

    vk_page.goto("/connections/vk/start")
    vk_page.route("**/authorize?*", forge)
    vk_page.get_by_role("button", name="Разрешить").click()
    expect(vk_page.get_by_role("main")).to_contain_text("устарела или начата в другом окне")
    assert not vk.grants
    vk_page.unroute("**/authorize?*")
    vk_page.get_by_role("link", name="Попробовать ещё раз").click()
    vk_page.get_by_role("button", name="Разрешить").click()
    expect(vk_page.get_by_role("heading", name="Выберите сообщество")).to_be_visible()
    forgive(vk_page, "400")


def test_an_owner_without_communities_sees_what_to_do(vk_page: Page, vk: VkWorld) -> None:
    vk.calls_per_second = 1000
    start(vk_page, person="Олег Тихонов")
    expect(vk_page.get_by_role("heading", name="Нет сообществ, где вы администратор")).to_be_visible()
    vk.communities[2001].roles[1002] = ADMINISTRATOR
    vk_page.get_by_role("button", name="Обновить список").click()
    expect(vk_page.get_by_label("Чайная на Театральной")).to_be_checked()


def test_goods_switched_off_are_marked_and_recover(vk_page: Page, vk: VkWorld) -> None:
    vk.calls_per_second = 1000
    start(vk_page)
    expect(vk_page.get_by_role("heading", name="Как включить Товары")).to_be_visible()
    vk_page.get_by_label("Клуб любителей улуна").check()
    choose(vk_page)
    expect(vk_page.locator("#connection-vk")).to_contain_text("В сообществе выключен раздел «Товары»")
    vk.communities[2002].market_on = True
    vk_page.locator("#check-vk").click()
    expect(vk_page.locator("#connection-vk")).to_contain_text("На связи")


def test_a_missing_scope_has_its_own_state_until_it_is_granted(vk_page: Page, vk: VkWorld) -> None:
    vk.calls_per_second = 1000
    vk.granted_scopes.discard("market")
    start(vk_page)
    vk_page.get_by_label("Чайная на Театральной").check()
    choose(vk_page)
    expect(vk_page.locator("#connection-vk .state")).to_have_text("Доступ к товарам ещё не выдан")
    expect(vk_page.locator("#alerts .notice")).to_have_count(0)
    vk.granted_scopes.add("market")
    vk.grants[0].scope = vk.grants[0].asked_scope
    vk_page.locator("#check-vk").click()
    expect(vk_page.locator("#connection-vk .state")).to_have_text("На связи")


def test_disconnecting_asks_first_and_revokes(vk_page: Page, vk: VkWorld) -> None:
    start(vk_page)
    # Until its code is exchanged nothing is connected, and to go elsewhere would cut that off.
    expect(vk_page.get_by_role("heading", name="Выберите сообщество")).to_be_visible()
    vk_page.goto("/connections")
    vk_page.get_by_role("link", name="Отключить ВКонтакте").click()
    vk_page.get_by_role("button", name="Отключить").click()
    expect(vk_page.get_by_role("link", name="Подключить ВКонтакте")).to_be_visible()
    assert not vk.grants


def test_a_captcha_leads_to_vk_and_back(vk_page: Page, vk: VkWorld, context: BrowserContext) -> None:
    vk.calls_per_second = 1000
    start(vk_page)
    expect(vk_page.get_by_role("heading", name="Выберите сообщество")).to_be_visible()
    vk.trouble = "captcha"
    vk_page.goto("/connections")
    vk_page.locator("#check-vk").click()
    with context.expect_page() as opened:
        vk_page.locator("#connection-vk").get_by_role("link", name="Подтвердить во ВКонтакте").click()
    opened.value.get_by_role("button", name="Я не робот").click()
    expect(opened.value.get_by_role("status")).to_contain_text("Спасибо")
    vk_page.locator("#check-vk").click()
    expect(vk_page.locator("#connection-vk")).to_contain_text("На связи")
