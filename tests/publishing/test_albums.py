"""Goods lie in the albums of their groups, by difference, whatever breaks; others' albums are left alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.data.db import db
from app.publishing.ledger.models import Listing, MarketAlbum
from app.publishing.planning.albums import NO_ROOM
from app.publishing.run import fill_albums
from app.publishing.run.models import Publication, PublicationItem
from app.publishing.run.requests import take_back as request_undo
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both
from tests.owners import Owner
from tests.publishing.album_stock import COFFEE, FILLED, GOODS, TEA, shown
from tests.publishing.conftest import Publishing
from tests.publishing.test_a_run_that_is_cut_off import stop as cut_off
from tests.stock import Stock, group, product

pytestmark = pytest.mark.usefixtures("hasty")


def test_albums_are_made_and_filled_once(albums: Publishing, vk: VkWorld) -> None:
    run = albums.publish()
    assert (run.status, run.done, run.failed, run.total) == ("done", 3, 0, 3)
    assert shown(albums.market) == FILLED
    assert not albums.plan().has_work
    before = vk.calls.writing
    assert albums.publish().status == "done"
    assert vk.calls.writing == before


def test_an_album_of_others_is_none_of_ours_though_vk_gives_its_number_to_a_new_one(
    albums: Publishing, vk: VkWorld
) -> None:
    (foreign,) = albums.market.albums
    vk.faults.add("number_of_another", method="market.addAlbum", number=foreign, times=1)
    run = albums.publish()
    assert (run.status, run.error) == ("done", None)
    assert shown(albums.market) == FILLED


def test_a_good_that_changes_its_group_changes_its_album(albums: Publishing, stock: Stock) -> None:
    albums.publish()
    moved = product("p2", "Пуэр шу, лист", "coffee", price=420, article_number="A-2")
    stock.put(groups=[TEA, COFFEE], products=[GOODS[0], moved, GOODS[2]])
    run = albums.publish()
    assert (run.status, run.done, run.to_change) == ("done", 1, 1)
    assert shown(albums.market) == {**FILLED, "Чай": ["A-1"], "Кофе": ["A-2", "A-3"]}
    assert not albums.plan().has_work


def test_a_renamed_group_renames_its_album(albums: Publishing, stock: Stock, vk: VkWorld) -> None:
    albums.publish()
    numbers = set(albums.market.albums)
    stock.put(groups=[group("tea", "Чай и травы"), COFFEE], products=GOODS)
    vk.calls.clear()
    run = albums.publish()
    assert run.status == "done"
    assert shown(albums.market) == {"События": ["", ""], "Чай и травы": ["A-1", "A-2"], "Кофе": ["A-3"]}
    assert set(albums.market.albums) == numbers
    assert [call.method for call in vk.calls.writing if "Album" in call.method] == ["market.editAlbum"]
    assert not albums.plan().has_work


def test_the_plan_names_albums_and_each_goods_own(albums: Publishing) -> None:
    page = albums.owner.client.get("/sync/plan").page
    (made,) = page.select("//section[@data-kind='albums']")
    assert made.get("data-count") == "2"
    (row,) = page.select("//tr[@data-sku='A-3']")
    assert "Подборка «Кофе»" in " ".join(row.text_content().split())
    assert "Подборок 2 из 100" in " ".join(page.text.split())
    file = albums.owner.client.get("/sync/plan/export").text
    assert "Подборка: «Чай»" in file
    run = albums.publish()
    done = " ".join(albums.owner.client.get(f"/sync/publish/{run.id}").page.text.split())
    assert "Чай Подборка сделана" in done


def take_back(app: Flask, publishing: Publishing, run_id: int) -> Publication:
    with app.app_context():
        undo_id = request_undo(db.session.get_one(Publication, run_id)).id
    publishing.run_jobs()
    return publishing.run(undo_id)


@on_both
def test_a_run_taken_back_leaves_albums_as_they_were(app: Flask, albums: Publishing, stock: Stock) -> None:
    first = albums.publish()
    stock.put(
        groups=[group("tea", "Чай и травы"), COFFEE],
        products=[
            GOODS[0],
            product("p2", "Пуэр шу, лист", "coffee", price=420, article_number="A-2"),
            GOODS[2],
        ],
    )
    moved = albums.publish()
    assert shown(albums.market) == {"События": ["", ""], "Чай и травы": ["A-1"], "Кофе": ["A-2", "A-3"]}
    assert take_back(app, albums, moved.id).status == "done"
    assert shown(albums.market) == FILLED
    assert take_back(app, albums, first.id).status == "done"
    assert [album.title for album in albums.market.albums.values()] == ["События"]


def test_an_album_of_anothers_is_filled_only_on_its_owners_word(albums: Publishing) -> None:
    cup = albums.market.add_item("Чайная пара")
    theirs = albums.market.add_album("чай", items=[cup.id])
    run = albums.publish()
    assert run.status == "done" and theirs.items == [cup.id]
    assert [album.title for album in albums.market.albums.values()] == ["События", "чай", "Кофе"]
    assert "создали без Витрины" in albums.owner.client.get("/sync/plan?kind=blocked").page.text
    page = albums.owner.client.get("/sync/listings").page
    (number,) = page.select(f"//li[@data-album-id='{theirs.id}']//input[@name='album']/@value")
    assert albums.owner.client.post("/sync/listings/album", data={"album": number}).status_code == 303
    assert albums.publish().status == "done"
    assert len(theirs.items) == 3 and theirs.title == "чай"
    assert not albums.plan().has_work


def test_a_strangers_album_is_not_found(albums: Publishing, bob: Owner) -> None:
    albums.publish()
    assert bob.client.post("/sync/listings/album", data={"album": 1}).status_code == 404
    assert bob.client.post("/sync/listings/album", data={"album": "x"}).status_code == 400


@pytest.mark.parametrize("own", ["till", "vk", "ask"])
def test_what_was_edited_in_vk_has_the_owner_that_was_chosen(albums: Publishing, own: str) -> None:
    albums.publish()
    albums.choose(own_albums=own)
    by_title = {album.title: album for album in albums.market.albums.values()}
    by_title["Чай"].items.remove(albums.items["A-1"].id)
    by_title["Кофе"].title = "Зёрна"
    albums.read()
    albums.publish()
    if own == "till":
        assert shown(albums.market) == FILLED
    else:
        assert shown(albums.market) == {"События": ["", ""], "Чай": ["A-2"], "Зёрна": ["A-3"]}
    questions = albums.plan().items["ask"]
    assert [change.new for item in questions for change in item.changes] == (["Чай"] if own == "ask" else [])
    assert not albums.plan().has_work


def test_an_album_deleted_in_vk_comes_back_on_the_owners_word_alone(albums: Publishing) -> None:
    albums.publish()
    (gone,) = (album for album in albums.market.albums.values() if album.title == "Кофе")
    del albums.market.albums[gone.id]
    albums.read()
    assert not albums.plan().has_work
    assert (
        albums.owner.client.post("/sync/questions/edited", data={"all": "1", "answer": "till"}).status_code
        == 303
    )
    assert albums.publish().status == "done"
    assert shown(albums.market) == FILLED


def test_vks_limits_are_told_before_they_are_met(app: Flask, albums: Publishing, vk: VkWorld) -> None:
    kept = app.extensions["settings"]
    app.extensions["settings"] = replace(kept, vk_album_limit=2, vk_album_item_limit=1)
    vk.limits.albums, vk.limits.items_in_album = 2, 1
    try:
        run = albums.publish()
        reasons = sorted(item.reason.code for item in albums.plan().items["blocked"] if item.reason)
    finally:
        app.extensions["settings"] = kept
    assert (run.status, run.failed) == ("done", 0)
    assert shown(albums.market) == {"События": ["", ""], "Чай": ["A-2"]}
    assert reasons == ["album_full", "album_limit"]
    assert not [call for call in vk.calls.writing if call.error]


def test_a_wiped_ledger_finds_its_albums_again(app: Flask, albums: Publishing) -> None:
    albums.publish()
    with app.app_context():
        for table in (PublicationItem, Publication, MarketAlbum, Listing):
            db.session.execute(delete(table))
        db.session.commit()
    albums.read()
    assert albums.owner.client.post("/sync/listings/pair", data={"all": "1"}).status_code == 303
    assert albums.publish().status == "done"
    assert shown(albums.market) == FILLED
    assert len(albums.market.albums) == 3


def test_many_goods_take_as_few_calls_as_that_needs(
    publishing: Publishing, stock: Stock, vk: VkWorld
) -> None:
    vk.habits.needs_photo = False
    groups = [group(f"g{number}", f"Группа {number}") for number in range(30)]
    goods = [
        product(
            f"p{number}", f"Товар номер {number}", f"g{number % 30}", price=10, article_number=f"A-{number}"
        )
        for number in range(60)
    ]
    stock.put(groups=groups, products=goods)
    publishing.read()
    publishing.publish()
    publishing.choose(albums=True)
    vk.calls.clear()
    run = publishing.publish()
    assert (run.status, run.done) == ("done", 60)
    assert sum(bool(album.items) for album in publishing.market.albums.values()) == 31
    # Thirty albums made and filled, 25 to a call; and one look before they were made.
    assert vk.calls.by_method["execute"] == 4
    assert vk.calls.total == 5


def test_a_good_that_a_run_was_moving_when_it_was_cut_off_is_looked_for(
    albums: Publishing, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    albums.publish()
    stock.put(groups=[TEA, COFFEE], products=[GOODS[0]._replace(parent_id="coffee"), *GOODS[1:]])
    with monkeypatch.context() as patched:
        patched.setattr(fill_albums, "record", cut_off)
        albums.publish()
    assert shown(albums.market)["Кофе"] == ["A-1", "A-3"]
    stock.put(groups=[TEA, COFFEE], products=GOODS)
    assert albums.plan().has_work, "nobody relies on where it was before"
    assert albums.publish().status == "done"
    assert shown(albums.market) == FILLED and not albums.plan().has_work


def test_a_community_that_takes_fewer_albums_than_vk_says_holds_no_good(
    albums: Publishing, vk: VkWorld
) -> None:
    vk.limits.albums = 2
    run = albums.publish()
    assert (run.status, run.done, run.failed) == ("partial", 3, 0)
    assert shown(albums.market) == {"События": ["", ""], "Чай": ["A-1", "A-2"]}
    plan = albums.plan()
    assert not plan.has_work
    assert [item.reason.code for item in plan.items["blocked"] if item.reason] == ["album_limit"]
    vk.calls.clear()
    assert albums.publish().status == "done" and not vk.calls.writing
    assert "Для подборки «Кофе» нет места" in albums.owner.client.get("/sync/plan?kind=blocked").page.text
    # Once there are fewer, there may be room for another.
    (foreign,) = (album for album in albums.market.albums.values() if album.title == "События")
    del albums.market.albums[foreign.id]
    albums.read()
    assert albums.publish().status == "done"
    assert shown(albums.market) == {"Чай": ["A-1", "A-2"], "Кофе": ["A-3"]}


def test_it_is_tried_once_a_day_whether_there_is_room_for_more_albums(
    app: Flask, albums: Publishing, vk: VkWorld
) -> None:
    vk.limits.albums = 2
    albums.publish()
    with app.app_context():
        let_pass(timedelta(hours=25), vk)
    assert albums.publish().status == "partial"
    with app.app_context():
        assert list(db.session.scalars(select(MarketAlbum.title).filter_by(state=NO_ROOM))) == ["Кофе"]
    vk.limits.albums = 100
    albums.read()
    assert not albums.plan().has_work
    with app.app_context():
        let_pass(timedelta(hours=25), vk)
    albums.read()
    assert albums.publish().status == "done" and shown(albums.market) == FILLED
