"""An owner's pictures of goods and groups: added, put in order, deleted, and seen by nobody else."""

import errno
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.config import Settings
from app.data.db import db
from app.data.types import now
from app.publishing.photos import refusal
from app.publishing.photos.form import NONE_CHOSEN
from app.publishing.photos.models import GoodPhoto, Photo
from app.publishing.settings.models import PublicationSettings
from tests.owners import Owner
from tests.publishing.conftest import settle
from tests.publishing.photos.uploading import GOOD, GROUP, acts, jpeg, shown, upload
from tests.stock import Stock, group, product


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    """Two goods in a group that lies in another."""
    groups = [group("g0", "Напитки"), group("g1", "Чай", parent="g0")]
    stock.put(groups=groups, products=[product("p1", "Улун", "g1"), product("p2", "Пуэр", "g1")])


def files(settings: Settings) -> list[Path]:
    """The pictures and the small ones beside them, in this order."""
    return sorted(path for path in settings.media_dir.rglob("*") if path.is_file())


def test_pictures_are_shown_in_the_order_in_which_they_came(alice: Owner) -> None:
    answer = upload(alice, ("a.jpg", jpeg("red")), ("b.jpg", jpeg("green")))
    assert answer.status_code == 303
    assert len(shown(alice)) == 2
    picture = alice.client.get(shown(alice)[0])
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")
    assert picture.headers["Cache-Control"].startswith("private")
    assert picture.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_with_htmx_the_part_with_the_pictures_is_answered(alice: Owner) -> None:
    answer = upload(alice, ("a.jpg", jpeg()), htmx=True)
    assert answer.status_code == 200 and not answer.page.is_whole
    assert len(answer.page.select("//*[@id='photos']//img")) == 1
    assert answer.headers["HX-Trigger"] == "photos-changed"


def test_one_bad_file_is_named_and_the_others_are_kept(alice: Owner) -> None:
    for htmx in (False, True):
        answer = upload(
            alice, ("ценник.pdf", b"%PDF-1.7"), (f"{htmx}.jpg", jpeg(size=(500, 300 + htmx))), htmx=htmx
        )
        assert answer.status_code == 422
        (said,) = answer.page.texts("//*[@id='photo-error']")
        assert "ценник.pdf: Это документ PDF" in said and "Остальное сохранено: 1 фото" in said
    assert len(shown(alice)) == 2


def test_without_a_file_the_field_says_so(alice: Owner) -> None:
    answer = alice.client.post("/catalog/photos", data=GOOD)
    assert answer.status_code == 422
    assert answer.page.texts("//*[@id='photo-error']") == [NONE_CHOSEN]


def test_a_good_has_five_pictures_at_most(alice: Owner) -> None:
    upload(alice, *((f"{n}.jpg", jpeg(size=(500, 300 + n))) for n in range(3)))
    answer = upload(alice, *((f"{n}.jpg", jpeg(size=(500, 300 + n))) for n in range(3, 7)))
    assert answer.status_code == 422
    assert answer.page.text.count(refusal.full()) == 2
    assert len(shown(alice)) == 5


def test_the_same_picture_is_kept_once_however_often_it_is_sent(alice: Owner, settings: Settings) -> None:
    upload(alice, ("a.jpg", jpeg()))
    assert refusal.DOUBLE in upload(alice, ("again.jpg", jpeg())).page.text
    upload(alice, ("a.jpg", jpeg()), to={"store_id": "s1", "product_id": "p2"})
    assert [path.suffix for path in files(settings)] == [".jpg", ".webp"]


def test_a_file_goes_when_nothing_shows_it_any_more(
    alice: Owner, settings: Settings, db_session: Session
) -> None:
    other = {"store_id": "s1", "product_id": "p2"}
    for good in (GOOD, other):
        upload(alice, ("a.jpg", jpeg()), to=good)
    (first,) = acts(alice, "delete")
    assert alice.client.post(first).status_code == 303
    assert shown(alice) == [] and len(files(settings)) == 2
    (second,) = acts(alice, "delete", other)
    alice.client.htmx_post(second)
    assert files(settings) == []
    assert db_session.scalar(select(func.count()).select_from(Photo)) == 0


def test_pictures_change_places_one_step_at_a_time(alice: Owner) -> None:
    upload(alice, *((f"{n}.jpg", jpeg(size=(500, 300 + n))) for n in range(3)))
    one, two, three = shown(alice)
    # The forms stand in this order: first later, second earlier and later, third earlier.
    last = acts(alice, "order")[-1]
    assert alice.client.post(last, data={"to": "earlier"}).status_code == 303
    assert shown(alice) == [one, three, two]
    assert alice.client.htmx_post(last, {"to": "earlier"}).status_code == 200
    assert shown(alice) == [three, one, two]
    alice.client.post(last, data={"to": "earlier"})
    assert shown(alice) == [three, one, two]
    alice.client.post(last, data={"to": "later"})
    assert shown(alice) == [one, three, two]
    assert alice.client.post(last, data={"to": "upwards"}).status_code == 400


def test_goods_without_pictures_show_those_of_the_nearest_group(alice: Owner) -> None:
    upload(alice, ("g.jpg", jpeg("navy")), to={"store_id": "s1", "group_id": "g0"})
    page = alice.client.get("/catalog/photos", query_string=GOOD).page
    assert "фото группы «Напитки»" in page.text
    upload(alice, ("g.jpg", jpeg("gold")), to=GROUP)
    page = alice.client.get("/catalog/photos", query_string=GOOD).page
    assert "фото группы «Чай»" in page.text
    upload(alice, ("own.jpg", jpeg("pink")))
    assert "фото группы" not in alice.client.get("/catalog/photos", query_string=GOOD).page.text


def test_nobody_else_sees_or_changes_a_picture(alice: Owner, bob: Owner) -> None:
    upload(alice, ("a.jpg", jpeg()), ("b.jpg", jpeg("red")))
    before = shown(alice)
    assert bob.client.get(before[0]).status_code == 404
    assert bob.client.get("/catalog/photos", query_string=GOOD).status_code == 404
    assert bob.client.get("/sync/settings/picture", query_string=GOOD).status_code == 404
    assert upload(bob, ("b.jpg", jpeg())).status_code == 404
    assert bob.client.post(acts(alice, "delete")[0]).status_code == 404
    assert bob.client.post(acts(alice, "order")[0], data={"to": "later"}).status_code == 404
    assert shown(alice) == before


def test_two_owners_of_the_same_picture_do_not_share_it(alice: Owner, bob: Owner, settings: Settings) -> None:
    Stock(bob).put(products=[product("p1")])
    for owner in (alice, bob):
        upload(owner, ("a.jpg", jpeg()))
    assert len(files(settings)) == 4
    alice.client.post(acts(alice, "delete")[0])
    assert bob.client.get(shown(bob)[0]).status_code == 200


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"store_id": "s1"},
        {"product_id": "p1"},
        {"store_id": "s1", "product_id": "p1", "group_id": "g1"},
        {"store_id": "s1", "product_id": "п" * 300},
    ],
)
def test_a_request_that_names_nothing_is_told_so(alice: Owner, named: dict[str, str]) -> None:
    assert upload(alice, ("a.jpg", jpeg()), to=named).status_code == 400


def test_a_full_disk_is_said_and_nothing_is_half_kept(
    alice: Owner, settings: Settings, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", no_space)
        answer = upload(alice, ("a.jpg", jpeg()))
    assert answer.status_code == 422
    assert refusal.NO_SPACE in answer.page.text
    assert files(settings) == [] and shown(alice) == []
    assert db_session.scalar(select(func.count()).select_from(Photo)) == 0


def test_a_database_that_refuses_leaves_no_file_behind(
    alice: Owner, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise RuntimeError("the database refused")

    with app.app_context():
        monkeypatch.setattr(db.session, "commit", refuse)
    with pytest.raises(RuntimeError):
        upload(alice, ("a.jpg", jpeg()))
    assert files(settings) == []


def test_a_database_that_goes_away_as_it_commits_loses_no_file(
    alice: Owner, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def go_away() -> None:
        monkeypatch.undo()
        db.session.commit()
        raise OperationalError("COMMIT", {}, Exception("the connection was lost"))

    with app.app_context():
        monkeypatch.setattr(db.session, "commit", go_away)
    with pytest.raises(OperationalError):
        upload(alice, ("a.jpg", jpeg()))
    (picture,) = shown(alice)
    assert alice.client.get(picture).status_code == 200


def test_the_automatic_run_hears_of_every_change(alice: Owner, app: Flask, db_session: Session) -> None:
    settle(app, alice.id)
    for change in (
        lambda: upload(alice, ("a.jpg", jpeg()), ("b.jpg", jpeg("red"))),
        lambda: alice.client.post(acts(alice, "order")[0], data={"to": "later"}),
        lambda: alice.client.post(acts(alice, "delete")[0]),
    ):
        row = db_session.get_one(PublicationSettings, alice.id)
        row.updated_at = long_ago = now() - timedelta(days=1)
        db_session.flush()
        change()
        db_session.expire_all()
        assert db_session.get_one(PublicationSettings, alice.id).updated_at > long_ago


def test_a_picture_whose_file_is_lost_is_not_found(alice: Owner, settings: Settings) -> None:
    upload(alice, ("a.jpg", jpeg()))
    files(settings)[0].unlink()
    assert alice.client.get(shown(alice)[0]).status_code == 404


def test_a_picture_whose_file_is_lost_comes_back_when_it_is_sent_again(
    alice: Owner, settings: Settings
) -> None:
    other = {"store_id": "s1", "product_id": "p2"}
    for good in (GOOD, other):
        upload(alice, ("a.jpg", jpeg()), to=good)
    for sent_to in (GOOD, other, GROUP):
        for path in files(settings):
            path.unlink()
        assert upload(alice, ("a.jpg", jpeg()), to=sent_to).status_code == 303
        for good in (GOOD, other):
            (picture,) = shown(alice, good)
            assert alice.client.get(picture).status_code == 200


def test_an_owner_who_leaves_takes_all_pictures_along(
    alice: Owner, bob: Owner, settings: Settings, db_session: Session
) -> None:
    Stock(bob).put(products=[product("p1")])
    for owner in (alice, bob):
        upload(owner, ("a.jpg", jpeg()))
    alice.client.post("/profile/delete", data={"password": alice.password})
    assert [path.relative_to(settings.media_dir).parts[0] for path in files(settings)] == [str(bob.id)] * 2
    assert set(db_session.scalars(select(GoodPhoto.user_id))) == {bob.id}


def test_a_good_that_is_gone_keeps_its_pictures_for_its_return(alice: Owner, stock: Stock) -> None:
    upload(alice, ("a.jpg", jpeg()))
    stock.put(products=[product("p2")])
    assert alice.client.get("/catalog/photos", query_string=GOOD).status_code == 404
    stock.put(products=[product("p1"), product("p2")])
    assert len(shown(alice)) == 1
