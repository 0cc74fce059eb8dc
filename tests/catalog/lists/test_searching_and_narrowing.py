"""Search, filters and order of a list: what they find, and that the address holds all of it."""

from decimal import Decimal

import pytest

from app.catalog.lists import by_name, keyset, products
from app.mirror.folding import fold
from tests.catalog.pages import ids_at, parameters, row_ids
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

LIST = "/catalog/products?store_id=s1"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    goods = [
        product("ceylon", "Чай ЦЕЙЛОНСКИЙ", "tea", price=Decimal("350"), quantity=Decimal("5")),
        product("honey", "Мёд липовый", price=Decimal("99.90"), quantity=Decimal("-1.5"), allow_to_sell=True),
        product("half", "Скидка 50% на всё", price=Decimal("0"), allow_to_sell=False),
        product("code", "tea_black\\loose", "tea", article_number="ab-007", code="4711"),
        product("cup", "Чашка", quantity=Decimal("0"), barcodes=("4600000000015", "2000000000060")),
        product("gap", "Набор  из   двух", article_number="AB-007"),
    ]
    stock.put(groups=[group("tea", "Чай"), group("pots", "Чайники")], products=goods)
    return stock


FOUND: list[tuple[str, list[str]]] = [
    ("цейлон", ["ceylon"]),
    ("ЦЕЙЛОН", ["ceylon"]),
    ("чай цейлонский", ["ceylon"]),
    ("мед", ["honey"]),
    ("МЁД", ["honey"]),
    ("всё", ["half"]),
    ("все", ["half"]),
    ("50%", ["half"]),
    ("%", ["half"]),
    ("_", ["code"]),
    ("a_b", ["code"]),
    ("\\", ["code"]),
    ("ab-007", ["gap", "code"]),
    ("4711", ["code"]),
    ("4600000000015", ["cup"]),
    ("46000", ["cup"]),
    ("0060", []),  # Codes are found by their beginning.
    ("  из   двух ", ["gap"]),
    ("набор  из", ["gap"]),
    ("двух набор", ["gap"]),
    ("цейлонский чай", ["ceylon"]),
    ("чай кофе", []),
    ("из", ["gap"]),
    ("аб", []),  # Two letters begin a word.
    ("xfq", ["ceylon"]),  # «чай» in the other layout.
    ("ЬУВ", []),  # In the other layout it is «med», and nothing is called so.
    (",kfxr", []),
    ("' OR 1=1 --", []),
    ("\0", ["half", "code", "honey", "gap", "ceylon", "cup"]),
    ("нет такого", []),
]


@on_both
def test_search_finds_names_articles_codes_and_barcodes(
    stock: Stock, alice: Owner, subtests: pytest.Subtests
):
    for words, found in FOUND:
        with subtests.test(words):
            answer = alice.client.get("/catalog/products", query_string={"store_id": "s1", "q": words})
            assert sorted(row_ids(answer.page)) == sorted(found)


@on_both
def test_stores_and_groups_are_found_by_name(stock: Stock, alice: Owner):
    assert ids_at(alice, "/catalog/groups?store_id=s1&q=ЧАЙН") == ["pots"]
    assert ids_at(alice, "/catalog?q=чАй") == ["s1"]
    assert ids_at(alice, "/catalog?q=склад") == []


@on_both
@pytest.mark.parametrize(
    ("sort", "upwards"),
    [
        ("name", ["code", "honey", "gap", "half", "ceylon", "cup"]),
        ("price", ["code", "cup", "gap", "half", "honey", "ceylon"]),
        ("quantity", ["half", "code", "gap", "honey", "cup", "ceylon"]),
        ("article_number", ["ceylon", "honey", "half", "cup", "gap", "code"]),
    ],
)
def test_every_offered_order_works_both_ways(stock: Stock, alice: Owner, sort: str, upwards: list[str]):
    stable = {"price": 3, "quantity": 3, "article_number": 4}.get(sort, 0)
    shown = ids_at(alice, f"{LIST}&sort={sort}")
    # Goods that have no such value stand together, at the lower end.
    assert set(shown[:stable]) == set(upwards[:stable])
    assert shown[stable:] == upwards[stable:]
    assert ids_at(alice, f"{LIST}&sort={sort}&dir=desc") == shown[::-1]


@on_both
def test_headers_sort_and_turn_the_order_round(stock: Stock, alice: Owner):
    page = alice.client.get(f"{LIST}&q=а&sort=price").page
    (chosen,) = page.select("//th[@aria-sort]")
    assert chosen.get("aria-sort") == "ascending" and chosen.text_content().strip() == "Цена"
    links = {link.text: parameters(link.get("href")) for link in page.select("//thead//a")}
    assert {name: query.get("sort", "name") for name, query in links.items()} == {
        "Название": "name",
        "Артикул": "article_number",
        "Цена": "price",
        "Кол-во": "quantity",
    }
    assert links["Цена"]["dir"] == "desc" and "dir" not in links["Кол-во"]
    assert all(query["q"] == "а" for query in links.values())


@on_both
def test_filters_narrow_by_rule_result_and_sale(stock: Stock, alice: Owner):
    stock.rule("group", "tea", "exclude")
    stock.rule("product", "ceylon", "include")
    stock.rule("product", "cup", "exclude")
    everything = {"ceylon", "honey", "half", "code", "cup", "gap"}
    for query, found in (
        ("rule=include", {"ceylon"}),
        ("rule=exclude", {"cup"}),
        ("rule=none", everything - {"ceylon", "cup"}),
        ("result=published", {"ceylon", "honey", "half", "gap"}),
        ("result=hidden", {"code", "cup"}),
        ("on_sale=yes", {"honey"}),
        ("on_sale=no", {"half"}),
        ("result=published&rule=none&on_sale=no", {"half"}),
        ("result=hidden&q=loose", {"code"}),
        ("group_id=tea&result=published", {"ceylon"}),
    ):
        assert set(ids_at(alice, f"{LIST}&{query}")) == found, query
    assert ids_at(alice, "/catalog/groups?store_id=s1&result=hidden") == ["tea"]
    assert ids_at(alice, "/catalog/groups?store_id=s1&rule=none") == ["pots"]
    assert ids_at(alice, "/catalog?rule=exclude") == []


def test_the_number_of_rows_found_is_shown(stock: Stock, alice: Owner):
    page = alice.client.get(f"{LIST}&group_id=tea").page
    assert page.texts("//nav[contains(@class, 'pager')]/span")[0] == "Показано 1–2 из 2"
    assert page.texts("//a[@id = 'export']") == ["Экспорт CSV · 2"]


NOT_OFFERED = [
    (LIST, "sort=fetched_at"),
    (LIST, "dir=up"),
    (LIST, "rule=maybe"),
    (LIST, "result=all"),
    (LIST, "on_sale=1"),
    (LIST, "per_page=10"),
    (LIST, "per_page=1000000"),
    (LIST, "per_page=x"),
    (LIST, "per_page=50.0"),
    (LIST, f"q={'х' * 201}"),
    (LIST, f"group_id={'x' * 256}"),
    ("/catalog?", "sort=price"),
    ("/catalog/groups?store_id=s1", "sort=quantity"),
    ("/catalog/groups?", "store_id="),
    ("/catalog/products?", ""),
    ("/catalog/products?", f"store_id={'x' * 256}"),
    ("/catalog/products?", "store_id=%00"),
]


def test_what_a_list_does_not_offer_is_refused_with_a_sentence(
    stock: Stock, alice: Owner, subtests: pytest.Subtests
):
    for address, change in NOT_OFFERED:
        with subtests.test(address, change=change):
            answer = alice.client.get(f"{address}&{change}")
            assert answer.status_code == 400
            (sentence,) = answer.page.texts("//*[@data-error]")
            assert sentence.endswith(".")


def test_an_unknown_store_or_group_is_not_found(stock: Stock, alice: Owner):
    for address in (
        "/catalog/groups?store_id=nowhere",
        "/catalog/products?store_id=nowhere",
        "/catalog/products?store_id=s1&group_id=nowhere",
        "/catalog/export?type=groups&store_id=nowhere",
        "/catalog/export?type=products&store_id=s1&group_id=nowhere",
    ):
        assert alice.client.get(address).status_code == 404


def test_another_owners_lists_are_not_found(stock: Stock, alice: Owner, bob: Owner):
    for address in (
        "/catalog/groups?store_id=s1",
        LIST,
        f"{LIST}&group_id=tea",
        "/catalog/export?type=groups&store_id=s1",
        "/catalog/export?type=products&store_id=s1",
    ):
        assert alice.client.get(address).status_code == 200
        assert bob.client.get(address).status_code == 404
    assert bob.client.get("/catalog/export?type=stores").text.count("\r\n") == 1
    assert ids_at(bob, "/catalog") == []


@on_both
def test_the_whole_state_of_a_list_is_in_each_of_its_links(stock: Stock, alice: Owner):
    stock.put(
        groups=[group("tea")],
        products=[product(f"p{n:03}", "Чай", "tea", allow_to_sell=True) for n in range(60)],
    )
    stock.rule("store", "s1", "include")
    state = {"store_id": "s1", "group_id": "tea", "q": "чай", "sort": "price", "dir": "desc"}
    state |= {"rule": "none", "result": "published", "on_sale": "yes", "per_page": "25"}
    page = alice.client.get("/catalog/products", query_string=state).page

    def link(xpath: str) -> dict[str, str]:
        (href,) = page.select(f"//a[{xpath}]/@href")
        return parameters(str(href))

    assert link("@rel = 'next'") == state | {"after": link("@rel = 'next'")["after"]}
    upwards = {name: value for name, value in state.items() if name != "dir"}
    assert link(". = 'Артикул'") == upwards | {"sort": "article_number"}
    assert link(". = 'Публикуется'") == {name: value for name, value in state.items() if name != "result"}
    assert link(". = 'Исключено'") == state | {"rule": "exclude"}
    assert link(". = '100'") == state | {"per_page": "100"}
    without_page_size = {name: value for name, value in state.items() if name != "per_page"}
    assert link("@id = 'export'") == without_page_size | {"type": "products"}
    fields = {
        field.get("name"): field.get("value") for field in page.select("//form[@role = 'search']//input")
    }
    assert fields == state


NAMES = [
    *("Чай чёрный", "Чай зелёный", "Белый чай", "Чай «Чайка»", "Кофе, не чай", "Мате и чай", "Начайник"),
    *("Чайник", "Заварочный чайник", "Сухочай", "Чашка для чая", "Чай", "Молочный улун", "Улун молочный"),
]


def expected(q: str, names: list[str]) -> list[str]:
    """What a search finds, the best first, told by the words of the contract."""
    words = fold(q).split()

    def tier(name: str) -> int:
        folded = fold(name)
        if folded.startswith(fold(q)):
            return 0
        return 1 if all(f" {word}" in f" {folded}" for word in words) else 2

    def has(name: str, word: str) -> bool:
        # Two letters begin a word.
        return f" {word}" in f" {fold(name)}" if len(word) == 2 else word in fold(name)

    fits = [name for name in names if all(has(name, word) for word in words)]
    return sorted(fits, key=lambda name: (tier(name), fold(name)))


@on_both
@pytest.mark.parametrize("bound", [1000, 3])
def test_what_begins_with_the_words_comes_first_then_where_words_begin_with_them(
    stock: Stock, alice: Owner, bound: int, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
):
    for module in (keyset, products, by_name):
        monkeypatch.setattr(module, "FOUND", bound)
    stock.put("s2", "Чаи", products=[product(name, name) for name in NAMES])
    for q in ("чай", "ча", "чайник", "улун молочный", "молочный улун", "чай че", "не чай"):
        with subtests.test(q):
            goods = expected(q, NAMES)
            url = f"/catalog/products?store_id=s2&per_page=25&q={q}"
            page = alice.client.get(url).page
            assert row_ids(page) == goods
            total = page.texts("//nav[contains(@class, 'pager')]/span")[0]
            assert total.endswith(str(len(goods)) if len(goods) <= bound else f"более {bound}")
            exported = alice.client.get(f"/catalog/export?type=products&store_id=s2&q={q}").text
            assert [line.split(",")[2].strip('"') for line in exported.splitlines()[1:]] == [
                name.split(",")[0] for name in goods
            ]


def test_words_in_the_other_layout_are_shown_as_such_and_changed_together(stock: Stock, alice: Owner):
    page = alice.client.get(f"{LIST}&q=XFQ").page
    assert "Ничего не нашлось по «XFQ». Показаны результаты для «чай»" in page.text
    (action,) = page.select("//form[@id='bulk']/@action")
    plan = alice.client.post(action, data={"scope": "found", "filter_mode": "exclude"})
    assert "Чай ЦЕЙЛОНСКИЙ" in alice.client.get(plan.headers["Location"]).page.text
    assert "ЦЕЙЛОНСКИЙ" in alice.client.get("/catalog/export?type=products&store_id=s1&q=XFQ").text


def test_groups_that_are_called_so_stand_above_the_goods(stock: Stock, alice: Owner):
    page = alice.client.get(f"{LIST}&q=чай").page
    assert page.texts("//nav[@aria-label='Группы с таким названием']//a") == ["Чай", "Чайники"]
    assert not alice.client.get(f"{LIST}&q=мёд").page.select("//nav[@aria-label='Группы с таким названием']")
