"""The page of groups is a tree: each group below the one it lies in, folded branch by branch."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.lists import indented
from app.catalog.lists.indented import in_order
from tests.catalog.pages import ROWS, ids_at, parameters, row_ids, walk
from tests.checking_client import Page
from tests.databases import on_both
from tests.owners import Owner
from tests.stock import Stock, group, product

GROUPS = "/catalog/groups?store_id=s1"


@pytest.fixture
def stock(stock: Stock) -> Stock:
    """A branch within a branch, a group of an unlisted one, and a ring."""
    groups = [group("tea", "Чай"), group("black", "Чёрный", "tea"), group("ceylon", "Цейлон", "black")]
    groups += [group("green", "Зелёный", "tea"), group("cups", "Чашки"), group("lost", "Потерянная", "away")]
    groups += [group("x", "Архив", "y"), group("y", "Старое", "x")]
    stock.put(groups=groups, products=[product("p1", group="ceylon"), product("p2", group="tea")])
    return stock


def depths(page: Page) -> list[str]:
    return page.select(f"{ROWS}/@data-depth")


def fold(page: Page, evotor_id: str) -> str:
    """The address that folds a branch, or unfolds it."""
    (url,) = page.select(f"{ROWS}[@data-evotor-id = '{evotor_id}']//a[@aria-expanded]/@href")
    return str(url)


@on_both
def test_children_stand_below_their_parents_in_the_order_of_names(stock: Stock, alice: Owner):
    page = alice.client.get(GROUPS).page
    assert row_ids(page) == ["lost", "tea", "green", "black", "ceylon", "cups", "x", "y"]
    assert depths(page) == ["0", "0", "1", "1", "2", "0", "0", "1"]
    # With what lies within them.
    assert page.texts(f"{ROWS}[@data-evotor-id = 'tea']/td[@class = 'count']") == ["2"]


def test_a_branch_is_folded_by_a_link_and_the_rest_of_the_address_stays(stock: Stock, alice: Owner):
    folded = fold(alice.client.get(f"{GROUPS}&per_page=25").page, "tea")
    assert parameters(folded)["per_page"] == "25"
    page = alice.client.get(folded).page
    assert row_ids(page) == ["lost", "tea", "cups", "x", "y"]
    assert page.select(f"{ROWS}//a[@aria-expanded = 'false']/@aria-label") == ["Подгруппы: Чай"]
    # What is hidden is found, changed and exported all the same.
    assert page.texts("//*[@id = 'export']") == ["Экспорт CSV · 8"]
    assert "folded" not in page.select("//form[@id = 'bulk']/@action")[0]
    assert ids_at(alice, fold(page, "tea")) == ids_at(alice, GROUPS)


@on_both
def test_a_search_a_filter_and_another_order_make_it_a_list(stock: Stock, alice: Owner):
    page = alice.client.get(f"{GROUPS}&q=ч").page
    assert row_ids(page) == ["tea", "cups", "black"] and not depths(page)
    turned = alice.client.get(GROUPS).page.select("//th[contains(@class, 'name')]/a/@href")[0]
    assert ids_at(alice, turned)[:3] == ["black", "cups", "tea"]
    stock.rule("group", "black", "exclude")
    assert ids_at(alice, f"{GROUPS}&rule=exclude") == ["black"]


def test_its_pages_follow_each_other_and_begin_with_the_way_to_their_place(stock: Stock, alice: Owner):
    groups = [group("root", "А")] + [group(f"g{n:02}", parent="root") for n in range(59)]
    stock.put(groups=groups)
    pages = list(walk(alice, f"{GROUPS}&per_page=25"))
    assert [id for page in pages for id in row_ids(page)] == ["root", *(f"g{n:02}" for n in range(59))]
    assert pages[1].select(f"{ROWS}[1]/th/small[not(@class)]") and "26–50 из 60" in pages[1].text
    (back,) = pages[2].select("//a[@rel = 'prev']/@href")
    assert ids_at(alice, back) == row_ids(pages[1])
    # Folded from the third page: the place is kept as far as there is one.
    assert ids_at(alice, fold(pages[0], "root")) == ["root"]


@on_both
def test_a_store_of_thousands_of_groups_is_a_flat_list(
    stock: Stock, alice: Owner, count_statements, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(indented, "MOST", 7)
    with count_statements() as statements:
        page = alice.client.get(GROUPS).page
    assert not depths(page) and len(row_ids(page)) == 8
    assert len(statements) <= 11


@on_both
def test_a_click_answers_with_the_row_in_its_place_of_the_tree(stock: Stock, alice: Owner):
    page = alice.client.get(GROUPS).page
    (action,) = page.select(f"{ROWS}[@data-evotor-id = 'ceylon']//form/@action")
    row = alice.client.htmx_post(action, {"filter_mode": "exclude"}).page
    assert row.select("//tr/@data-depth") == ["2"]


@pytest.mark.parametrize("folded", ["x", "1.", "1..2", "-1", "9" * 19])
def test_an_unreadable_list_of_folded_branches_is_refused(stock: Stock, alice: Owner, folded: str):
    assert alice.client.get(f"{GROUPS}&folded={folded}").status_code == 400


@on_both
@given(st.lists(st.none() | st.integers(0, 12), max_size=12), st.sets(st.integers(0, 11)))
def test_every_group_is_in_the_tree_once_whatever_the_parents(
    parents: Sequence[int | None], folded: set[int]
):
    groups = [(n, str(n), None if parent is None else str(parent)) for n, parent in enumerate(parents)]
    order = [twig.group[0] for twig in in_order(groups, ())]
    assert sorted(order) == list(range(len(parents)))
    shown = [twig.group[0] for twig in in_order(groups, folded)]
    assert [number for number in order if number in shown] == shown
    assert len(shown) == len(set(shown))
