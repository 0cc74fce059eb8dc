"""In the history a step and the one that took it back are one line, which opens to both."""

import pytest

from tests.checking_client import Page
from tests.owners import Owner
from tests.stock import Stock, product

HISTORY = "/sync/history?kind=rules"


@pytest.fixture
def tea(stock: Stock) -> Stock:
    """The same goods in two stores: their names do not tell them apart."""
    for store_id in ("s1", "s2"):
        stock.put(store_id, products=[product("p1", "Чай"), product("p2", "Мёд")])
    return stock


def click(owner: Owner, mode: str, store_id: str = "s1", product_id: str = "p1") -> None:
    fields = {"entity_type": "product", "entity_id": product_id, "store_id": store_id, "filter_mode": mode}
    assert owner.client.htmx_post("/catalog/filter", fields).status_code == 200


def lines(page: Page) -> list[str]:
    """The lines as they stand while all are closed."""
    found = page.texts("//main//ol[contains(@class, 'timeline')]/li/*[1][self::div]/a | //main//summary")
    return [" ".join(line.split()).partition(" — ")[2] or "стоит" for line in found]


def test_what_was_done_and_undone_is_one_line_that_opens_to_both(alice: Owner, tea: Stock):
    for mode in ("exclude", "none"):
        click(alice, mode)
    page = alice.client.get(HISTORY).page
    assert lines(page) == ["сделано и отменено"]
    assert len(page.select("//details/ol/li[@data-change-id]")) == 2
    # Among all that happened, too.
    assert lines(alice.client.get("/sync/history").page)[:1] == ["сделано и отменено"]
    # Made anew it stands, whatever was before it.
    click(alice, "exclude")
    assert lines(alice.client.get(HISTORY).page) == ["стоит", "сделано и отменено"]


def test_a_default_that_was_turned_and_turned_back_is_one_line(alice: Owner, tea: Stock):
    for mode in ("exclude", "include"):
        alice.client.post("/sync", data={"default_mode": mode})
    assert lines(alice.client.get(HISTORY).page) == ["сделано и отменено"]


@pytest.mark.parametrize(
    "steps",
    [
        [("exclude", "s1", "p1"), ("exclude", "s2", "p1")],
        [("exclude", "s1", "p1"), ("include", "s1", "p1")],
        [("exclude", "s1", "p1"), ("exclude", "s1", "p2"), ("none", "s1", "p1")],
        # The same title and the way back, but of a good in another store.
        [("exclude", "s1", "p1"), ("exclude", "s1", "p2"), ("exclude", "s2", "p1"), ("none", "s1", "p1")],
    ],
)
def test_what_was_not_taken_back_by_the_next_step_stays_by_itself(
    alice: Owner, tea: Stock, steps: list[tuple[str, str, str]]
):
    for step in steps:
        click(alice, *step)
    assert lines(alice.client.get(HISTORY).page) == ["стоит"] * len(steps)


@pytest.mark.parametrize("address", [HISTORY, "/sync/history"])
def test_a_pair_that_the_edge_of_a_page_parts_is_one_line_on_the_second(
    alice: Owner, tea: Stock, monkeypatch: pytest.MonkeyPatch, address: str
):
    monkeypatch.setattr("app.publishing.pages.timeline.PAGE", 2)
    for product_id, mode in (("p1", "exclude"), ("p2", "exclude"), ("p2", "none"), ("p1", "include")):
        click(alice, mode, product_id=product_id)
    first = alice.client.get(address).page
    assert lines(first) == ["стоит"]
    second = alice.client.get(first.select("//a[@rel='next']/@href")[0]).page
    assert lines(second)[:2] == ["сделано и отменено", "стоит"]
