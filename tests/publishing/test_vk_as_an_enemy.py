"""Whatever shape VK gives its answers: runs end with words, nothing is twice, nothing foreign touched."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.data.db import db
from app.publishing.run.models import MarketReading
from sandbox.vk.faults import SHAPES
from sandbox.vk.goods import Item
from sandbox.vk.world import VkWorld
from tests.publishing.conftest import GOODS, Publishing
from tests.publishing.test_every_refusal import assert_agreed, assert_told, settle, start_anew
from tests.stock import Stock, product
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.usefixtures("hasty")

ENEMIES = [*SHAPES, "gigantic", "garbage"]
# Those that a reading believes.
MISLEADING = ["absent_fields", "escaped_texts", "page_skips_item", "lying_count", "empty_page"]
WRITING = ["market.saveProductPhoto", "execute"]
METHODS = {
    "foreign_upload_url": "market.getProductPhotoUploadServer",
    "gigantic": "market.get",
    "garbage": "market.get",
}


def last_reading(app: Flask) -> MarketReading:
    with app.app_context():
        reading = db.session.scalars(select(MarketReading).order_by(MarketReading.id.desc())).first()
        assert reading is not None
        db.session.expunge(reading)
        return reading


def foreign_of(publishing: Publishing) -> dict[int, str]:
    return {item.id: item.title for item in publishing.market.living() if not item.sku}


def written(item: Item) -> tuple[object, ...]:
    return item.title, item.description, item.price, item.hidden, tuple(item.photos)


@pytest.fixture
def crowded(publishing: Publishing) -> Publishing:
    """A community with more goods than one page of VK's list holds."""
    for number in range(230):
        publishing.market.add_item(f"Чужая чашка {number}")
    return publishing


@pytest.mark.parametrize("kind", ENEMIES)
def test_a_first_run_under_it_ends_and_the_next_one_agrees(
    app: Flask, crowded: Publishing, tea: Stock, vk: VkWorld, kind: str
) -> None:
    foreign = foreign_of(crowded)
    vk.faults.add(kind, method=METHODS.get(kind), times=None)
    crowded.read()
    run = crowded.publish()
    vk.faults.clear()
    assert_told(run)
    reading = last_reading(app)
    assert reading.status in ("done", "failed")
    assert reading.status == "done" or reading.error
    again = settle(app, crowded)
    crowded.read()
    assert again.status == "done", (again.status, again.error)
    assert_agreed(crowded, foreign)
    assert not crowded.plan().has_work


@pytest.mark.parametrize("kind", ENEMIES if IS_LONG else MISLEADING)
def test_a_reading_under_it_makes_no_run_write_to_what_is_as_it_should_be(
    app: Flask, crowded: Publishing, tea: Stock, vk: VkWorld, kind: str
) -> None:
    crowded.publish()
    before = {sku: (item.id, *written(item)) for sku, item in crowded.items.items()}
    foreign = foreign_of(crowded)
    vk.faults.add(kind, method=METHODS.get(kind), times=None)
    crowded.read()
    run = crowded.publish()
    vk.faults.clear()
    assert_told(run)
    crowded.read()
    assert settle(app, crowded).status == "done"
    assert {sku: (item.id, *written(item)) for sku, item in crowded.items.items()} == before
    assert_agreed(crowded, foreign)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("gigantic", "market.getProductPhotoUploadServer"),
        ("gigantic", "execute"),
        ("ids_not_numbers", "market.saveProductPhoto"),
        ("ids_not_numbers", "execute"),
    ],
)
def test_an_answer_to_a_call_that_writes(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, kind: str, method: str
) -> None:
    publishing.read()
    foreign = foreign_of(publishing)
    for is_done in (True, False) if IS_LONG else (True,):
        start_anew(app, publishing)
        vk.faults.add(kind, method=method, times=1, done=is_done)
        run = publishing.publish()
        vk.faults.clear()
        assert_told(run)
        assert settle(app, publishing).status == "done"
        assert_agreed(publishing, foreign)


@pytest.mark.parametrize("of_whom", ["foreign", "ours", "each other"])
def test_a_new_good_to_which_vk_gives_a_number_that_is_taken_is_looked_for_by_its_sku(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld, of_whom: str
) -> None:
    certificate = publishing.market.add_item("Подарочный сертификат")
    publishing.publish()
    foreign = foreign_of(publishing)
    known = {"foreign": certificate.id, "ours": publishing.items["A-1"].id, "each other": 1}
    tea.put(products=[*GOODS, *(product(f"p{n}", f"Новый чай {n}", price=50) for n in (4, 5, 6))])
    vk.faults.add("number_of_another", method="market.add", number=known[of_whom], times=3)
    run = publishing.publish()
    vk.faults.clear()
    assert (run.status, run.error) == ("done", None)
    assert not publishing.plan().has_work
    numbers = {sku: item.id for sku, item in publishing.items.items()}
    assert len(numbers) == len(publishing.market.living()) - len(foreign) == 6
    assert {sku: listing.item_id for sku, listing in publishing.listings().items()} == numbers
    assert foreign_of(publishing) == foreign
