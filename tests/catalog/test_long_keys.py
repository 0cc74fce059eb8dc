"""Keys longer than 32 bits: rows with such keys are shown, walked, ticked and opened like any other."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.mirror.models import CachedGroup, CachedProduct, CatalogRefresh
from app.rules.models import RuleChange, RuleChangeItem
from app.web.keys import LARGEST_KEY, read_key
from tests.catalog.pages import row_ids, walk
from tests.owners import Owner
from tests.stock import Stock, group, product

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FIRST_LONG = 2**31
NO_KEYS = ("0", "-1", "01", "1.5", "٣", "x", str(LARGEST_KEY + 1), "9" * 5000)


@pytest.fixture
def stock(stock: Stock, db_session: Session) -> Stock:
    """Sixty goods and sixty groups whose keys are beyond 32 bits."""
    count = range(60)
    stock.put(groups=[group(f"g{n:02}") for n in count], products=[product(f"p{n:02}") for n in count])
    for model in (CachedGroup, CachedProduct):
        db_session.execute(update(model).values(id=model.id + FIRST_LONG))
    return stock


@pytest.mark.parametrize("kind", ["groups", "products"])
def test_every_page_of_a_list_is_reached(stock: Stock, alice: Owner, kind: str):
    pages = list(walk(alice, f"/catalog/{kind}?store_id=s1&per_page=25"))
    assert [id for page in pages for id in row_ids(page)] == [f"{kind[0]}{n:02}" for n in range(60)]


def test_ticked_rows_change(stock: Stock, alice: Owner):
    page = alice.client.get("/catalog/products?store_id=s1").page
    (action,) = page.select("//form[@id='bulk']/@action")
    ticked = page.select("//tr[@data-evotor-id='p01' or @data-evotor-id='p02']//input[@name='n']/@value")
    assert all(int(key) > FIRST_LONG for key in ticked)
    plan = alice.client.post(action, data={"n": ticked, "filter_mode": "exclude"}, follow_redirects=True).page
    (apply,) = plan.select("//form/@action[contains(., '/apply')]")
    alice.client.post(apply)
    assert stock.rules() == {("product", "s1", id): "exclude" for id in ("p01", "p02")}


def test_a_ticked_row_that_no_list_holds_is_refused(stock: Stock, alice: Owner, subtests: pytest.Subtests):
    for key in NO_KEYS:
        with subtests.test(key[:30]):
            form = {"n": key, "filter_mode": "exclude"}
            assert alice.client.post("/catalog/bulk?type=stores", data=form).status_code == 400


def test_runs_and_changes_are_opened(stock: Stock, alice: Owner, db_session: Session):
    stock.decide("product", "p01", "exclude")
    run, change = db_session.query(CatalogRefresh.id).scalar(), db_session.query(RuleChange.id).scalar()
    db_session.query(RuleChangeItem).delete()
    for model in (CatalogRefresh, RuleChange):
        db_session.execute(update(model).values(id=model.id + FIRST_LONG))
    assert alice.client.htmx_get(f"/catalog/refresh/{run + FIRST_LONG}").status_code == 200
    assert alice.client.get(f"/sync/changes/{change + FIRST_LONG}").status_code == 200


def test_an_address_with_a_key_that_no_row_can_have_is_not_found(
    stock: Stock, alice: Owner, subtests: pytest.Subtests
):
    places = (
        "/catalog/group",
        "/catalog/rule/group",
        "/catalog/rule/store",
        "/catalog/refresh",
        "/catalog/exports",
        "/sync/changes",
    )
    for place in places:
        for key in (*NO_KEYS, str(LARGEST_KEY)):
            with subtests.test(place, key=key[:30]):
                assert alice.client.get(f"{place}/{key}").status_code == 404


def test_a_key_is_read_exactly():
    assert [read_key(text) for text in ("1", str(LARGEST_KEY))] == [1, LARGEST_KEY]
    assert {read_key(text) for text in (*NO_KEYS, "", " 1", "1\n")} == {None}
