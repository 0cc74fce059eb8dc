"""Whatever VK refuses, or leaves without an answer, each album is there once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.clients.vk.meanings import TABLE
from app.data.db import db
from app.publishing.ledger.albums import forget_refused_albums
from app.publishing.ledger.models import Listing, MarketAlbum
from app.publishing.run.models import Publication, PublicationItem
from bench.time_travel import let_pass
from sandbox.vk.world import VkWorld
from tests.databases import on_both, on_sqlite
from tests.owners import Owner
from tests.publishing.album_stock import FILLED, shown
from tests.publishing.conftest import Publishing, let_vk_show_within
from tests.publishing.test_every_refusal import assert_told, settle, ways_of
from tests.thoroughness import IS_LONG

pytestmark = pytest.mark.usefixtures("hasty")

# What may go wrong on the way of albums, and what writes in it.
METHODS = ("market.getAlbums", "market.addAlbum", "market.addToAlbum", "execute")
# Who is told that a good is in an album already has no reason to doubt it.
SOME = (1, 6, 9, 14, 15, 100, 1402, 1403, 1406, 1407, 1438, 4242)


def codes_of(method: str) -> list[int]:
    """Every code to each call; when there is little time the calls share some of them."""
    return sorted(TABLE.keys() - {1404}) if IS_LONG else list(SOME[METHODS.index(method) :: len(METHODS)])


def start_anew(app: Flask, publishing: Publishing) -> None:
    """Empty every album of ours, here and there, and let the runs go."""
    with app.app_context():
        for table in (PublicationItem, Publication, MarketAlbum):
            db.session.execute(delete(table))
        for listing in db.session.scalars(select(Listing)):
            listing.sent = {name: value for name, value in listing.sent.items() if name != "albums"}
            listing.seen = {name: value for name, value in listing.seen.items() if name != "albums"}
            listing.refused, listing.problem = {}, None
        db.session.commit()
    for album in list(publishing.market.albums.values()):
        if album.title != "События":
            del publishing.market.albums[album.id]


def forget_refusals(app: Flask, publishing: Publishing) -> None:
    """Do what «Повторить эти» does."""
    with app.app_context():
        owner = db.session.scalars(select(MarketAlbum.user_id)).first()
        if owner is not None:
            forget_refused_albums(owner, publishing.community_id)
        db.session.commit()


@pytest.mark.parametrize("method", METHODS)
def test_whatever_vk_refuses_each_album_is_there_once(
    app: Flask, albums: Publishing, vk: VkWorld, method: str, subtests: pytest.Subtests
) -> None:
    albums.publish()
    for code in codes_of(method):
        with subtests.test(f"{method}: {code}"):
            start_anew(app, albums)
            vk.faults.refuse(code, method)
            run = albums.publish()
            vk.faults.clear()
            vk.pass_captcha()
            assert_told(run)
            forget_refusals(app, albums)
            # What is gone for VK is not touched again without a look.
            albums.read()
            assert settle(app, albums).status == "done"
            assert shown(albums.market) == FILLED
            assert not albums.plan().has_work


@pytest.mark.parametrize("method", METHODS)
def test_whatever_answer_is_lost_each_album_is_there_once(
    app: Flask, albums: Publishing, vk: VkWorld, method: str, subtests: pytest.Subtests
) -> None:
    albums.publish()
    for way, is_done in ways_of(method, METHODS, "execute"):
        with subtests.test(f"{method}: {way}, {'done' if is_done else 'not done'}"):
            start_anew(app, albums)
            vk.faults.add(way, method=method, times=1, done=is_done)
            run = albums.publish()
            vk.faults.clear()
            assert_told(run)
            assert settle(app, albums).status == "done"
            assert shown(albums.market) == FILLED
            assert len(albums.market.albums) == 3
            assert not albums.plan().has_work


@on_both
@pytest.mark.parametrize("is_done", [True, pytest.param(False, marks=on_sqlite)], ids=["done", "not done"])
def test_an_album_whose_answer_was_lost_is_not_made_again_while_vk_may_yet_show_it(
    app: Flask, albums: Publishing, vk: VkWorld, tick: Callable[[], None], is_done: bool
) -> None:
    let_vk_show_within(app, 120)
    vk.habits.shows_added_after = 60
    vk.faults.lose("market.addAlbum", how="cut" if is_done else "status_500", done=is_done)
    run = albums.publish()
    assert (run.status, run.problem) == ("paused", "unknown_outcome")
    told = albums.owner.client.get(f"/sync/publish/{run.id}").page.text
    assert "Продолжим сами" in told and "не задвоится" in told
    albums.read()
    assert albums.publish().status == "paused"
    titles = [album.title for album in albums.market.albums.values()]
    assert len(titles) == len(set(titles))
    with app.app_context():
        let_pass(timedelta(seconds=121), vk)
    tick()
    assert albums.run(run.id).status == "done"
    assert shown(albums.market) == FILLED and len(albums.market.albums) == 3


def test_an_album_made_a_moment_ago_is_not_taken_for_deleted(
    app: Flask, albums: Publishing, vk: VkWorld
) -> None:
    let_vk_show_within(app, 120)
    assert albums.publish().status == "done"
    vk.habits.shows_added_after = 60
    albums.read()
    assert not albums.plan().has_work and not albums.plan().counts["ask"]


def test_an_album_that_was_refused_before_a_pause_is_told_at_the_end(albums: Publishing, vk: VkWorld) -> None:
    vk.faults.add("error", method="market.addAlbum", code=100, times=1)
    vk.faults.add("error", method="market.addToAlbum", code=14, times=1)
    run = albums.publish()
    assert run.status == "paused"
    vk.pass_captcha()
    assert albums.owner.client.post(f"/sync/publish/{run.id}/resume").status_code == 303
    albums.run_jobs()
    assert (albums.run(run.id).status, len(shown(albums.market))) == ("partial", 2)


def test_what_another_account_has_made_is_not_taken_for_the_one_that_was_lost(
    app: Flask, publishing: Publishing, bob: Owner
) -> None:
    album_id = publishing.market.add_album("Чай").id
    with app.app_context():
        place = {"community_id": publishing.community_id, "title": "Чай"}
        db.session.add(MarketAlbum(**place, user_id=bob.id, album_id=album_id, state="live"))
        db.session.add(MarketAlbum(**place, user_id=publishing.owner.id, state="sending"))
        db.session.commit()
    publishing.read()
    with app.app_context():
        hers = select(MarketAlbum).filter_by(user_id=publishing.owner.id, album_id=album_id)
        assert [row.state for row in db.session.scalars(hers)] == ["foreign"]
