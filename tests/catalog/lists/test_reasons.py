"""Every row says in words why its goods are published or not."""

import pytest

from tests.owners import Owner
from tests.stock import Stock, group, product


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Чай › Чёрный › Цейлон, with a good in the innermost group."""
    groups = [group("tea", "Чай"), group("black", "Чёрный", "tea"), group("ceylon", "Цейлон", "black")]
    stock.put(groups=groups, products=[product("p1", "Димбула", "ceylon"), product("p2", "Ложка")])
    return stock


def shown(owner: Owner, product_id: str = "p1", store_id: str = "s1") -> tuple[str, str]:
    row = f"//tr[@data-evotor-id = '{product_id}']"
    page = owner.client.get(f"/catalog/products?store_id={store_id}").page
    (reason,) = page.texts(f"{row}/td[@class = 'result']//small")
    return page.texts(f"{row}/td[@class = 'result']//b")[0].rstrip(": "), reason


def test_without_any_rule_the_default_is_the_reason(stock: Stock, alice: Owner):
    assert shown(alice) == ("Публикуется", "по умолчанию")
    stock.default("exclude")
    assert shown(alice) == ("Не публикуется", "по умолчанию")


@pytest.mark.parametrize(
    ("kind", "id", "mode", "sentence"),
    [
        ("store", "s1", "include", ("Публикуется", "магазин «Чайная» включён")),
        ("store", "s1", "exclude", ("Не публикуется", "магазин «Чайная» исключён")),
        ("group", "tea", "exclude", ("Не публикуется", "исключена группа «Чай»")),
        ("group", "black", "include", ("Публикуется", "включена группа «Чёрный»")),
        ("group", "ceylon", "exclude", ("Не публикуется", "исключена группа «Цейлон»")),
        ("product", "p1", "exclude", ("Не публикуется", "правило товара")),
    ],
)
def test_the_reason_names_the_rule_that_decided(stock: Stock, alice: Owner, kind, id, mode, sentence):
    stock.rule(kind, id, mode)
    assert shown(alice) == sentence


def test_the_nearest_of_nested_groups_is_the_reason(stock: Stock, alice: Owner):
    stock.rule("group", "tea", "exclude")
    stock.rule("group", "black", "include")
    assert shown(alice) == ("Публикуется", "включена группа «Чёрный»")
    stock.rule("group", "black", None)
    assert shown(alice) == ("Не публикуется", "исключена группа «Чай»")
    assert shown(alice, "p2") == ("Публикуется", "по умолчанию")


def test_the_reason_of_a_group_that_the_cloud_no_longer_lists(stock: Stock, alice: Owner):
    stock.put("s2", products=[product("p9", group="gone")])
    stock.rule("group", "gone", "exclude", "s2")
    sentence = ("Не публикуется", "исключена группа, которой больше нет в Эвоторе")
    assert shown(alice, "p9", "s2") == sentence


def test_groups_and_stores_say_how_much_of_them_is_published(stock: Stock, alice: Owner):
    stock.rule("group", "black", "exclude")
    page = alice.client.get("/catalog/groups?store_id=s1").page
    (result,) = page.texts("//tr[@data-evotor-id = 'ceylon']/td[3]")
    assert result.startswith("0 из 1") and result.endswith("исключена группа «Чёрный»")
    stores = alice.client.get("/catalog").page
    assert "1 из 2" in stores.texts("//tr[@data-entity = 'store']")[0]


def test_a_store_s_rule_leads_to_the_row_of_that_store(stock: Stock, alice: Owner, bob: Owner):
    stock.put("s2", "Киоск", products=[product("p9")])
    stock.rule("store", "s1", "exclude")
    reason = "//tr[@data-evotor-id = 'p1']/td[@class = 'result']//a/@href"
    (link,) = alice.client.get("/catalog/products?store_id=s1").page.select(reason)
    good = alice.client.get("/catalog/product?store_id=s1&product_id=p1", follow_redirects=True).page
    assert good.select(f"//*[@id = 'rules']//a[@href = '{link}']")
    led = alice.client.get(link).location
    assert alice.client.get(led).page.select("//tr[@data-evotor-id = 's1']/th/@id") == [led.partition("#")[2]]
    assert bob.client.get(link).status_code == 404
    # Of many stores the list has several pages.
    for number in range(50):
        stock.put(f"m{number}", f"А {number}")
    led = alice.client.get(link).location
    assert alice.client.get(led).page.select("//tr/@data-evotor-id") == ["s1"]
