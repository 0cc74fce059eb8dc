"""Rules on what the catalogue no longer holds are counted, wait, and can be cleared in one step."""

import pytest

from tests.catalog.inbox.test_new_goods import INBOX
from tests.catalog.lists.conftest import Changing
from tests.catalog.pages import ids_at
from tests.owners import Owner
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

LIVING = {("store", "s1", "s1"), ("group", "s1", "tea"), ("group", "s1", "root"), ("group", "s1", "unlisted")}
LIVING |= {("product", "s1", "p1")}
GONE = {("store", "s9", "s9"), ("group", "s1", "cups"), ("group", "s9", "tea"), ("product", "s1", "p9")}
# The same id in another store is another good.
GONE |= {("product", "s9", "p1")}
GOODS = "/catalog/products?store_id=s1"


@pytest.fixture
def changing(alice: Owner) -> Changing:
    """Alice's catalogue, empty at first."""
    return Changing(alice)


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


@pytest.mark.parametrize("excludes", ["product", "group", "store"])
def test_what_is_away_waits_when_it_returns_without_the_rule_that_kept_it_back(
    alice: Owner, changing: Changing, stock: Stock, excludes: str
):
    tea, stays = [group("tea")], product("stays")
    good, other = product("good", group="tea"), product("other")
    changing.refresh(tea, s1=[stays, good, other], s2=[stays])
    stock.news({}, {}, waits=True)
    stock.decide(excludes, {"product": "good", "group": "tea", "store": "s1"}[excludes], "exclude")
    changing.refresh(s1=None if excludes == "store" else [stays])
    assert alice.client.post("/sync/stale/clear").status_code == 303 and stock.rules() == {}
    changing.refresh(tea, s1=[stays, good, other])
    # Which group a good lay in that is away nobody knows, nor what it was in with its store.
    wait = {"product": ["good"], "group": ["good", "other"], "store": ["good", "other", "stays"]}[excludes]
    assert sorted(ids_at(alice, INBOX)) == wait
    assert sorted(ids_at(alice, f"{GOODS}&result=hidden")) == wait


@pytest.mark.parametrize("way", ["undone", "included", "of a place that is there"])
def test_what_is_away_is_no_news_when_its_owner_meant_it_to_be_published(
    alice: Owner, changing: Changing, stock: Stock, way: str
):
    tea, stays, good = [group("tea")], product("stays", group="tea"), product("good", group="tea")
    changing.refresh(tea, s1=[stays, good])
    stock.news({}, {}, waits=True)
    place = ("group", "tea") if way == "of a place that is there" else ("product", "good")
    stock.decide(*place, "include" if way == "included" else "exclude")
    changing.refresh(tea, s1=[stays])
    if way == "undone":
        history = alice.client.get("/sync/history").page
        (revert,) = history.select("//form[contains(@action, '/revert')]/@action")
        plan = alice.client.post(revert, follow_redirects=True).page
        (apply,) = plan.select("//form[contains(@action, '/apply')]/@action")
        alice.client.post(apply)
    elif way == "included":
        alice.client.post("/sync/stale/clear")
    else:
        (number,) = alice.client.get("/sync/rules").page.select("//button[@name = 'only']/@value")
        alice.client.post("/sync/rules/remove", data={"only": number})
    assert stock.rules() == {}
    changing.refresh(tea, s1=[stays, good])
    assert ids_at(alice, INBOX) == [] == ids_at(alice, f"{GOODS}&result=hidden")


def test_it_waits_as_well_when_a_click_on_an_old_page_takes_its_rule_off(
    alice: Owner, changing: Changing, stock: Stock
):
    stays, good = product("stays"), product("good")
    changing.refresh(s1=[stays, good])
    stock.decide("product", "good", "exclude")
    changing.refresh(s1=[stays])
    fields = {"entity_type": "product", "entity_id": "good", "store_id": "s1", "filter_mode": "none"}
    alice.client.htmx_post("/catalog/filter", fields)
    changing.refresh(s1=[stays, good])
    assert stock.rules() == {} and ids_at(alice, INBOX) == ["good"]
