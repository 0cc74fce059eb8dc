"""Rules on what the catalogue no longer holds are counted, wait, and can be cleared in one step."""

import pytest

from tests.owners import Owner
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LIVING = {("store", "s1", "s1"), ("group", "s1", "tea"), ("group", "s1", "root"), ("group", "s1", "unlisted")}
LIVING |= {("product", "s1", "p1")}
GONE = {("store", "s9", "s9"), ("group", "s1", "cups"), ("group", "s9", "tea"), ("product", "s1", "p9")}
# The same id in another store is another good.
GONE |= {("product", "s9", "p1")}


@pytest.fixture
def ruled(alice: Owner, stock: Stock) -> Stock:
    """Rules on what is there, also on groups that only goods or other groups name, and on what is not."""
    goods = [product("p1", group="tea"), product("p2", group="unlisted")]
    stock.put(groups=[group("tea", parent="root")], products=goods)
    stock.rules_at_once(dict.fromkeys(LIVING | GONE, "exclude"))
    return stock


def test_only_rules_without_anything_to_decide_are_counted(alice: Owner, ruled: Stock):
    (sentence,) = alice.client.get("/sync").page.texts("//*[@id='stale']")
    assert sentence.startswith("5 правил ждут")


def test_they_are_cleared_in_one_step_and_come_back_with_it(alice: Owner, ruled: Stock):
    before = ruled.rules()
    alice.client.post("/sync/stale/clear")
    assert set(ruled.rules()) == LIVING
    page = alice.client.get("/sync").page
    assert not page.select("//*[@id='stale']")
    (undo,) = page.select("//form[contains(@action, '/undo')]/@action")
    alice.client.post(undo)
    assert ruled.rules() == before


def test_nothing_is_gone_before_the_catalogue_has_been_loaded(alice: Owner, bob: Owner, ruled: Stock):
    newcomer = Stock(bob)
    newcomer.rule("product", "p1", "exclude")
    assert not bob.client.get("/sync").page.select("//*[@id='stale']")
    bob.client.post("/sync/stale/clear")
    assert newcomer.rules() == {("product", "s1", "p1"): "exclude"}
