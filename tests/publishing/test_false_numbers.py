"""Numbers that VK cannot have: none ends a reading with a fault of ours, none is asked for ever after."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clients.vk.category_payload import Category as Read
from app.data.db import db
from app.publishing.ledger.models import ForeignListing, Listing
from app.publishing.settings.categories import category_paths, keep_categories
from sandbox.vk.categories import ROOTS, Category
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.publishing.conftest import Publishing
from tests.publishing.test_vk_as_an_enemy import last_reading
from tests.stock import Stock

pytestmark = pytest.mark.usefixtures("hasty")

FALSE = 2**63 - 1
OUR_FAULT = "у нас"


def test_a_good_to_which_vk_gives_a_false_number_is_found_by_its_sku(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    vk.faults.add("number_of_another", method="market.add", number=FALSE, times=1)
    run = publishing.publish()
    vk.faults.clear()
    publishing.read()
    assert (run.status, last_reading(app).status) == ("done", "done")
    numbers = {sku: item.id for sku, item in publishing.items.items()}
    assert {sku: listing.item_id for sku, listing in publishing.listings().items()} == numbers
    assert len(numbers) == sum(1 for item in publishing.market.living() if item.sku) == 3


@on_both
def test_false_numbers_that_were_kept_before_are_forgotten_by_the_next_run(
    app: Flask, publishing: Publishing, tea: Stock
) -> None:
    publishing.publish()
    with app.app_context():
        db.session.execute(update(Listing).filter_by(sku="A-1").values(item_id=FALSE))
        place = {"user_id": publishing.owner.id, "community_id": publishing.community_id}
        db.session.add(ForeignListing(**place, item_id=FALSE - 1, name="Чужой", seen={}, is_available=True))
        db.session.commit()
    publishing.publish()
    assert publishing.listings()["A-1"].item_id == publishing.items["A-1"].id
    publishing.read()
    assert last_reading(app).status == "done"
    with app.app_context():
        numbers = set(db.session.scalars(select(ForeignListing.item_id)))
    assert numbers == {item.id for item in publishing.market.living() if not item.sku}


def test_a_call_that_vk_refuses_for_one_number_tells_of_the_others(
    app: Flask, publishing: Publishing, tea: Stock, vk: VkWorld
) -> None:
    publishing.publish()
    vk.faults.refuse(100, "market.getById", times=2)
    for item in list(publishing.market.living()):
        publishing.market.delete(item.id)
    publishing.read()
    assert last_reading(app).status == "done"
    vk.faults.clear()
    vk.faults.refuse(100, "market.getById")
    publishing.market.add_item("Чужой")
    publishing.read()
    publishing.market.delete(publishing.market.living()[0].id)
    publishing.read()
    assert last_reading(app).status == "failed", "nothing of what VK says so is believed"


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(
    "method", ["market.get", "market.getById", "market.getAlbums", "market.getCategories", "groups.getById"]
)
def test_no_number_of_vk_is_a_fault_of_ours(app: Flask, albums: Publishing, vk: VkWorld, method: str) -> None:
    albums.market.add_album("Чужая")
    albums.publish()
    for false in (2**31, 2**63, FALSE, -1, 1):
        vk.faults.add("false_numbers", method=method, false=false)
        albums.read()
        vk.faults.clear()
        reading = last_reading(app)
        assert reading.status in ("done", "failed")
        assert OUR_FAULT not in (reading.error or ""), false
    albums.read()
    assert last_reading(app).status == "done"
    assert not albums.plan().has_work


@on_both
@pytest.mark.parametrize("number", [2**31, FALSE, None], ids=["2**31", "2**63-1", "one of another"])
def test_a_category_that_cannot_be_leaves_the_others(
    app: Flask, publishing: Publishing, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    false = Category(number or ROOTS[0].id, "Чего нет", children=ROOTS[0].children)
    monkeypatch.setattr("sandbox.vk.categories.ROOTS", [*ROOTS, false])
    publishing.read()
    assert last_reading(app).status == "done"


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize("known", [[], [9, 3]], ids=["nothing is kept yet", "some are"])
def test_two_accounts_keep_the_categories_of_one_community_at_once(app: Flask, known: list[int]) -> None:
    def keep(session: Session, *numbers: int) -> None:
        keep_categories(session, 7, [Read(number, f"Категория {number}", ()) for number in numbers])

    def keep_theirs() -> None:
        with Session(engine) as session, session.begin():
            keep(session, 1, 2, 4)

    with app.app_context():
        engine = db.engine
        keep(db.session(), *known)
        db.session.commit()
        theirs = threading.Thread(target=keep_theirs)
        with Session(engine) as session, session.begin():
            keep(session, 2, 1, 3)
            theirs.start()
            theirs.join(0.3)
        theirs.join()
        assert category_paths(7) == {1: "Категория 1", 2: "Категория 2", 4: "Категория 4"}
