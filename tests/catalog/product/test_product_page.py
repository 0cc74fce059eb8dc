"""The page of one good: what the till knows, what is decided and why, and how it looks in VK."""

from typing import Any

import pytest

from tests.owners import Owner
from tests.publishing.conftest import Publishing
from tests.publishing.photos.uploading import jpeg, upload
from tests.stock import Stock, group, product

PAGE = "/catalog/product?store_id=s1&product_id=p1"
ADDRESS = {"store_id": "s1", "product_id": "p1"}


def texts(owner: Owner, xpath: str, address: str = PAGE) -> list[str]:
    return owner.client.get(address).page.texts(xpath)


def vk_card(owner: Owner) -> str:
    (card,) = texts(owner, "//*[@id='vk']")
    return card


@pytest.fixture
def nested(stock: Stock) -> Stock:
    """A good in a group within a group."""
    groups = [group("g0", "Напитки"), group("g1", "Чай", parent="g0")]
    facts: dict[str, Any] = {"price": 350, "quantity": 12.5, "measure_name": "кг", "code": "17"}
    goods = [product("p1", "Улун молочный", "g1", barcodes=("460", "461"), **facts)]
    stock.put(groups=groups, products=goods)
    return stock


def test_it_shows_all_that_the_till_knows(alice: Owner, nested: Stock) -> None:
    (facts,) = texts(alice, "//section[@aria-labelledby='facts']")
    for fact in ("350,00 ₽", "12,5 кг", "17", "460, 461", "Чай", "Чайная"):
        assert fact in facts
    crumbs = texts(alice, "//nav[@class='crumbs']/*")
    assert crumbs == ["Каталог", "Чайная", "Напитки", "Чай", "Улун молочный"]


def test_the_chain_of_rules_names_the_one_that_decides(alice: Owner, nested: Stock) -> None:
    chain = "//ol[@class='chain']/li"
    assert texts(alice, f"{chain}[@data-decides]/b") == ["По умолчанию: публиковать"]
    nested.rule("store", "s1", "include")
    nested.rule("group", "g0", "exclude")
    assert texts(alice, chain) == [
        "По умолчанию: публиковать",
        "Магазин «Чайная»: публиковать",
        "Группа «Напитки»: не публиковать",
        "Группа «Чай»: нет правила",
        "Этот товар: нет правила",
    ]
    assert texts(alice, f"{chain}[@data-decides]/b") == ["Группа «Напитки»: не публиковать"]
    nested.rule("product", "p1", "include")
    assert texts(alice, f"{chain}[@data-decides]/b") == ["Этот товар: публиковать"]


def test_the_control_decides_without_javascript_and_comes_back(alice: Owner, nested: Stock) -> None:
    (action,) = alice.client.get(PAGE).page.select("//*[@id='rules']//form/@action")
    answer = alice.client.post(
        action, data={"filter_mode": "exclude"}, headers={"Referer": f"http://localhost{PAGE}"}
    )
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert texts(alice, "//*[@id='rules']/h2") == ["Итог: не публикуется"]


def test_a_name_in_a_list_leads_to_the_page(alice: Owner, bob: Owner, nested: Stock) -> None:
    (link,) = alice.client.get("/catalog/products?store_id=s1").page.select("//tbody//th/a/@href")
    answer = alice.client.get(link)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert bob.client.get(link).status_code == 404
    assert bob.client.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    "query", ["", "?store_id=s1", "?product_id=p1", f"?store_id=s1&product_id={'п' * 300}"]
)
def test_an_address_that_names_no_good_is_told_so(alice: Owner, nested: Stock, query: str) -> None:
    assert alice.client.get(f"/catalog/product{query}").status_code == 400


def test_without_vk_it_says_where_to_connect_it(alice: Owner, nested: Stock) -> None:
    assert "Подключить ВКонтакте" in vk_card(alice)
    assert "Опубликовать этот товар" not in vk_card(alice)


def test_one_good_is_published_from_its_page_and_linked(
    publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    card = vk_card(alice)
    assert "Ждёт публикации" in card and "Опубликовать этот товар" in card
    assert "Название: 13 из 100" in card
    answer = alice.client.post("/sync/publish", data=ADDRESS)
    assert answer.status_code == 303
    publishing.run_jobs()
    assert {item.title for item in publishing.items.values()} == {"Улун молочный"}
    assert "В магазине" in vk_card(alice)
    item_id = publishing.items["A-1"].id
    (link,) = alice.client.get(PAGE).page.select("//*[@id='vk']//a[contains(@href, 'vk.com')]/@href")
    assert link.endswith(f"_{item_id}")
    assert "ВКонтакте: добавлен" in texts(alice, "//*[@class='events']")[0]


def test_what_is_in_the_way_is_said_with_the_button_that_mends_it(
    publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    publishing.choose(photo_fallback="block")
    page = alice.client.get(PAGE).page
    assert "Нет фото. Добавьте его" in page.text
    assert "#photos" in page.select("//*[@id='vk']//a/@href")
    upload(alice, ("a.jpg", jpeg()))
    assert "Опубликовать этот товар" in vk_card(alice)
    tea.rule("product", "p1", "exclude")
    page = alice.client.get(PAGE).page
    assert "#rules" in page.select("//*[@id='vk']//a/@href")
    assert "Как его увидели бы покупатели" in page.text


def test_an_unusable_template_of_the_settings_breaks_nothing(
    publishing: Publishing, tea: Stock, alice: Owner
) -> None:
    publishing.choose(name_template="{nonsense}")
    assert "непонятное" in vk_card(alice)


def test_the_timeline_holds_rules_prices_and_sends(publishing: Publishing, tea: Stock, alice: Owner) -> None:
    publishing.publish()
    tea.put(products=[product("p1", "Улун молочный", price=360, quantity=12, article_number="A-1")])
    publishing.publish()
    form = {"entity_type": "product", "entity_id": "p1", "store_id": "s1", "filter_mode": "exclude"}
    alice.client.post("/catalog/filter", data=form)
    (events,) = texts(alice, "//*[@class='events']")
    assert "Товар «Улун молочный» Нет правила → Исключено" in events
    assert "Касса: цена 350,00 ₽ → 360,00 ₽" in events
    assert "ВКонтакте: изменён Цена: 350,00 ₽ → 360,00 ₽" in events


def test_a_rule_that_was_made_and_taken_back_is_one_line_that_opens_to_both(
    alice: Owner, nested: Stock
) -> None:
    def lines() -> list[str]:
        page = alice.client.get(PAGE).page
        found = page.texts("//section//ol[@class='events']/li[@data-kind='rule'][not(ancestor::details)]")
        return [" ".join(line.split()[2:]) for line in found]

    for mode in ("exclude", None):
        nested.decide("product", "p1", mode)
    nested.decide("store", "s1", "exclude")
    stands, folded = lines()
    assert stands == "Магазин «s1» Нет правила → Исключено"
    assert folded.startswith("Товар «p1» — сделано и отменено")
    page = alice.client.get(PAGE).page
    assert page.texts("//details[ancestor::ol[@class='events']]//li/p") == [
        "Товар «p1» Исключено → Нет правила",
        "Товар «p1» Нет правила → Исключено",
    ]
    # An undo that begins there comes back to the good.
    assert all("next=/catalog/product" in url for url in page.select("//ol[@class='events']//a/@href"))
    # Made anew it stands, whatever was before it.
    nested.decide("product", "p1", "exclude")
    assert lines()[0] == "Товар «p1» Нет правила → Исключено"


def test_the_same_good_of_other_stores_is_linked(alice: Owner, nested: Stock, bob: Owner) -> None:
    nested.put("s2", "Склад", products=[product("q1", "УЛУН МОЛОЧНЫЙ", price=400), product("q2", "Пуэр")])
    Stock(bob).put("s3", "Чужая", products=[product("r1", "Улун молочный")])
    (others,) = texts(alice, "//section[@aria-labelledby='others']")
    assert "Склад" in others and "400,00 ₽" in others
    assert "Пуэр" not in others and "Чужая" not in others
