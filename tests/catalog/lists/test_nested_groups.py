"""A group means its goods and those of the groups within it, everywhere; a switch shows only its own."""

import pytest

from app.catalog.lists.nesting import COUNTED_DEEP
from tests.catalog.pages import cells, ids_at, parameters
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

GROUP = "/catalog/products?store_id=s1&group_id=tea"
DIRECT = f"{GROUP}&nested=0"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """Чай › Чёрный › Цейлон with a good in each; groups in a ring; the same ids in another store."""
    groups = [group("tea", "Чай"), group("black", "Чёрный", "tea"), group("ceylon", "Цейлон", "black")]
    ring = [group("x", "Архив", "y"), group("y", "Старое", "x")]
    goods = [product("p1", "Ассам", "ceylon"), product("p2", "Вода", "tea"), product("p3", "Кимун", "black")]
    goods += [product("p4", "Ложка"), product("p5", "Мёд", "x"), product("p6", "Няня", "y")]
    stock.put(groups=[*groups, *ring], products=goods)
    stock.put("s2", "Склад", groups=groups, products=[product("p1", "Ассам", "ceylon")])
    return stock


def published(owner: Owner, address: str) -> str:
    (url,) = owner.client.get(address).page.select("//*[@id = 'published']/@*[name() = 'hx-get']")
    # What follows tells of photos, and of what cannot be published.
    return owner.client.get(url).text.partition(" ·")[0].strip()


@on_both
def test_a_list_holds_the_goods_of_all_groups_within(stock: Stock, alice: Owner):
    assert ids_at(alice, GROUP) == ["p1", "p2", "p3"]
    assert ids_at(alice, "/catalog/products?store_id=s1&group_id=x") == ["p5", "p6"]
    assert ids_at(alice, f"{GROUP}&q=а&sort=price&dir=desc") == ["p2", "p1"]


def test_the_switch_leaves_only_what_lies_directly_in_the_group(stock: Stock, alice: Owner):
    page = alice.client.get(GROUP).page
    (switch,) = page.select("//a[. = 'Только прямо в этой группе']/@href")
    assert parameters(switch)["nested"] == "0"
    assert ids_at(alice, switch) == ["p2"]
    back = alice.client.get(switch).page.select("//a[. = 'Только прямо в этой группе']/@href")[0]
    assert ids_at(alice, back) == ["p1", "p2", "p3"]
    innermost = alice.client.get("/catalog/products?store_id=s1&group_id=ceylon").page
    assert not innermost.select("//a[. = 'Только прямо в этой группе']")


def test_the_switch_leads_back_where_it_leaves_nothing(stock: Stock, alice: Owner):
    stock.put(
        groups=[group("tea", "Чай"), group("black", "Чёрный", "tea")], products=[product("p", group="black")]
    )
    page = alice.client.get(DIRECT).page
    assert page.texts("//h2") == ["Прямо в этой группе товаров нет"]
    (back,) = page.select("//a[. = 'Показать товары подгрупп']/@href")
    assert ids_at(alice, back) == ["p"]


def test_counts_mean_the_same_goods_as_lists(stock: Stock, alice: Owner):
    stock.rule("product", "p3", "exclude")
    page = alice.client.get("/catalog/groups?store_id=s1").page
    assert {id: cells(page, id)[1] for id in ("tea", "black", "ceylon", "x")} == {
        **{"tea": "3", "black": "2", "ceylon": "1"},
        "x": "2",
    }
    assert [cells(page, id)[3].partition(" Пуб")[0] for id in ("tea", "black")] == ["2 из 3", "1 из 2"]
    assert published(alice, GROUP) == "Решено 2 из 3"
    assert published(alice, DIRECT) == "Решено 1 из 1"
    for address, total in ((GROUP, 3), (DIRECT, 1), (f"{GROUP}&result=published", 2)):
        assert alice.client.get(address).page.texts("//*[@id = 'export']") == [f"Экспорт CSV · {total}"]


def test_files_hold_what_the_list_shows(stock: Stock, alice: Owner):
    for address, names in ((GROUP, ["Ассам", "Вода", "Кимун"]), (DIRECT, ["Вода"])):
        (link,) = alice.client.get(address).page.select("//a[@id = 'export']/@href")
        lines = alice.client.get(link).text.splitlines()[1:]
        assert [line.split(",")[2] for line in lines] == names


@on_both
@pytest.mark.parametrize(("address", "ids"), [(GROUP, {"p1", "p2", "p3"}), (DIRECT, {"p2"})])
def test_a_rule_for_all_found_is_put_on_what_the_list_shows(
    stock: Stock, alice: Owner, address: str, ids: set
):
    (action,) = alice.client.get(address).page.select("//form[@id = 'bulk']/@action")
    form = {"scope": "found", "filter_mode": "exclude"}
    plan = alice.client.post(action, data=form, follow_redirects=True).page
    assert ("только прямо в этой группе" in plan.text) == (address == DIRECT)
    (apply,) = plan.select("//form/@action[contains(., '/apply')]")
    alice.client.post(apply)
    assert stock.rules() == {("product", "s1", id): "exclude" for id in ids}


def test_a_click_on_a_group_is_heard_by_the_groups_around_it(stock: Stock, alice: Owner):
    for id in ("tea", "ceylon"):
        form = {"entity_type": "group", "entity_id": id, "store_id": "s1", "filter_mode": "exclude"}
        assert alice.client.htmx_post("/catalog/filter", form).headers["HX-Trigger"] == "catalog-changed"


def test_an_unknown_value_of_the_switch_is_refused(stock: Stock, alice: Owner):
    assert alice.client.get(f"{GROUP}&nested=2").status_code == 400


@on_both
def test_counts_look_only_so_deep_and_rules_to_the_end(stock: Stock, alice: Owner):
    """Each row of a page would else read nearly all of thousands of groups that lie in each other."""
    deepest = 2 * COUNTED_DEEP
    chain = [group(f"g{n:03}", parent=f"g{n - 1:03}" if n else None) for n in range(deepest + 1)]
    goods = [product("near", group="g005"), product("deep", group=f"g{deepest}")]
    stock.put("s3", "Склад", groups=chain, products=goods)
    stock.rule("group", "g000", "exclude", store_id="s3")
    page = alice.client.get("/catalog/groups?store_id=s3&per_page=200").page
    shown = {id: (cells(page, id)[1], cells(page, id)[3]) for id in ("g000", "g150")}
    assert {id: counted for id, (counted, _) in shown.items()} == {"g000": "1", "g150": "1"}
    assert all("0 из 1" in published for _, published in shown.values())
    # Whatever is counted, the list holds the goods, and nothing that lies within is published.
    assert ids_at(alice, "/catalog/products?store_id=s3&group_id=g000") == ["deep", "near"]
    assert ids_at(alice, "/catalog/products?store_id=s3&group_id=g000&result=published") == []
