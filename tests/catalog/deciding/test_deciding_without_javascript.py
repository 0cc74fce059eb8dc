"""The forms of a row without HTMX: a redirect back to the list, and never off the site."""

import pytest

from tests.owners import Owner
from tests.stock import Stock, group, product

LIST = "/catalog/products?store_id=s1&q=%D1%87%D0%B0%D0%B9&sort=price&dir=desc&per_page=25"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    stock.put(groups=[group("tea")], products=[product("p1", "Чай", "tea")])
    return stock


def decide(owner: Owner, referrer: str | None, entity_type: str = "product", entity_id: str = "p1"):
    headers = {} if referrer is None else {"Referer": referrer}
    form = {"entity_type": entity_type, "entity_id": entity_id, "store_id": "s1", "filter_mode": "exclude"}
    return owner.client.post("/catalog/filter", data=form, headers=headers)


def test_the_owner_returns_to_the_very_list(stock: Stock, alice: Owner):
    answer = decide(alice, f"http://localhost{LIST}")
    assert (answer.status_code, answer.location) == (303, LIST)
    page = alice.client.get(LIST).page
    (said,) = page.texts("//*[@role = 'status' and @data-kind = 'success']")
    assert said.startswith("«Чай» не публикуется")
    assert "✗ Исключено" in page.texts("//tbody/tr")[0]


FOREIGN = [
    None,
    "",
    "https://evil.example/catalog",
    "http://localhost.evil.example/catalog",
    "http://localhost@evil.example/",
    "http://localhost:81/catalog",
    "//evil.example/catalog",
    "http://localhost//evil.example",
    r"http://localhost/\evil.example",
    r"\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://localhost/catalog",
    "http://[evil",
    "evil.example",
]


@pytest.mark.parametrize(
    ("entity_type", "entity_id", "home"),
    [
        ("store", "s1", "/catalog"),
        ("group", "tea", "/catalog/groups?store_id=s1"),
        ("product", "p1", "/catalog/products?store_id=s1"),
    ],
)
def test_a_foreign_or_missing_referrer_leads_to_the_list_of_the_row(
    stock: Stock, alice: Owner, entity_type: str, entity_id: str, home: str
):
    for referrer in FOREIGN:
        answer = decide(alice, referrer, entity_type, entity_id)
        assert (answer.status_code, answer.location) == (303, home), referrer


def test_every_form_of_a_page_works_as_it_stands(stock: Stock, alice: Owner):
    for address in ("/catalog", "/catalog/groups?store_id=s1", "/catalog/products?store_id=s1"):
        page = alice.client.get(address).page
        for form in page.select("//tr[@data-entity]//form"):
            fields = {field.get("name"): field.get("value") for field in form.xpath(".//input")}
            assert form.get("method") == "post"
            for button in form.xpath(".//button"):
                fields[button.get("name")] = button.get("value")
                answer = alice.client.post(form.get("action"), data=fields, csrf=False)
                assert answer.status_code == 303
    assert stock.rules() == {
        ("store", "s1", "s1"): "exclude",
        ("group", "s1", "tea"): "exclude",
        ("product", "s1", "p1"): "exclude",
    }
