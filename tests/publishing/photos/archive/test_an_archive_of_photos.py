"""Photos by the hundred: told whose each is before anything is kept, then kept on the owner's word."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.data.db import db
from app.data.types import now
from app.mirror.models import CatalogRefresh
from app.publishing.photos.archive.models import ArchivePicture, PhotoArchive
from app.publishing.photos.archive.requests import choose, forget_old_archives
from app.publishing.photos.archive.run import archives
from app.work.queue import LANES, PHOTOS_QUEUE_NAME
from tests.databases import on_both
from tests.jobs import work_off
from tests.owners import Owner
from tests.publishing.photos.archive.archives import ADDRESS, lines, looked_at, report, send, zipped
from tests.publishing.photos.uploading import jpeg, shown
from tests.stock import Stock, group, product

RunJobs = Callable[[], None]
GOODS = [
    product("p1", "Улун молочный", barcodes=("4601234567890",), article_number="A-1", code="1"),
    product("p2", "Пуэр «Шу», лист", article_number="A/2", code="2"),
    product("p3", "Ложка мерная", code="30"),
]


@pytest.fixture(autouse=True)
def tea(stock: Stock) -> None:
    """The same oolong in two stores; two goods of one article in the second."""
    stock.put(groups=[group("g1")], products=GOODS)
    twins = [
        product("q2", "Кружка синяя", article_number="K-7"),
        product("q3", "Кружка белая", article_number="K-7"),
    ]
    stock.put("s2", "Киоск", products=[product("q1", "Улун молочный", barcodes=("4601234567890",)), *twins])


def photos(*goods: str, store: str = "s1") -> dict[str, str]:
    return {"store_id": store, "product_id": goods[0]}


ARCHIVE = zipped(
    ("фото/4601234567890-2.jpg", jpeg("red")),
    ("фото/4601234567890-1.jpg", jpeg("green")),
    ("A_2.png", jpeg("blue")),
    ("ложка  МЕРНАЯ (1).jpg", jpeg("gold")),
    ("K-7.jpg", jpeg("pink")),
    ("неизвестное.jpg", jpeg("navy")),
    ("30.jpg", jpeg(size=(90, 90))),
    ("__MACOSX/._30.jpg", b"nothing"),
)


def test_the_report_says_whose_each_photo_is_and_nothing_is_kept_yet(alice: Owner, run_jobs: RunJobs) -> None:
    address = looked_at(alice, run_jobs, ("фото.zip", ARCHIVE))
    found = report(alice, address)
    assert found["matched"] == [
        "Улун молочный · 2 магазина 4601234567890-2.jpg · По штрихкоду 4601234567890",
        "Улун молочный · 2 магазина 4601234567890-1.jpg · По штрихкоду 4601234567890",
        "Пуэр «Шу», лист · Чайная A_2.png · По артикулу A_2",
        "Ложка мерная · Чайная ложка МЕРНАЯ (1).jpg · По названию",
    ]
    assert found["ambiguous"] == ["K-7.jpg По артикулу K-7"]
    assert found["unknown"][0].startswith("неизвестное.jpg")
    assert "слишком маленькое: 90×90. ВКонтакте принимает от 400×400" in found["refused"][0]
    assert shown(alice, photos("p1")) == []


@on_both
def test_what_was_seen_is_kept_in_its_order_in_every_store(
    alice: Owner, run_jobs: RunJobs, settings: Settings
) -> None:
    address = looked_at(alice, run_jobs, ("фото.zip", ARCHIVE))
    page = alice.client.get(address).page
    (small,) = page.select("//section[@data-kind='ambiguous']//img/@src")
    assert alice.client.get(small).mimetype == "image/webp"
    (choose,) = page.select("//section[@data-kind='ambiguous']//form/@action")
    assert alice.client.post(choose, data={"good": "1"}).status_code == 303
    assert "Загрузить 5 фото" in alice.client.get(address).page.text
    assert alice.client.htmx_post(f"{address}/keep").status_code == 200
    run_jobs()
    page = alice.client.get(address).page
    assert "Загружено 5 фото." in page.text and "matched" not in lines(page)
    for store, good in (("s1", "p1"), ("s2", "q1")):
        first, second = shown(alice, photos(good, store=store))
        assert first != second
        green = alice.client.get(first).data
        assert green == alice.client.get(shown(alice, photos("p1"))[0]).data
    assert len(shown(alice, photos("q3", store="s2"))) == 1 and shown(alice, photos("q2", store="s2")) == []
    # Nothing waits on the disk any more.
    assert [path for path in (settings.media_dir / "incoming").rglob("*") if path.is_file()] == []


def test_a_photo_left_out_is_not_kept_and_the_same_photo_twice_is_no_failure(
    alice: Owner, run_jobs: RunJobs
) -> None:
    for _ in range(2):
        address = looked_at(alice, run_jobs, ("A-1.jpg", jpeg()), ("2.jpg", jpeg("red")))
        (_first, second) = alice.client.get(address).page.select(
            "//section[@data-kind='matched']//form/@action"
        )
        alice.client.post(second, data={"good": "none"})
        alice.client.post(f"{address}/keep")
        run_jobs()
        assert alice.client.get(address).page.select("//*[@id='archive']/@data-state") == ["done"]
    assert (len(shown(alice, photos("p1"))), shown(alice, photos("p2"))) == (1, [])


def test_a_good_that_is_full_fails_alone_and_is_tried_again(alice: Owner, run_jobs: RunJobs) -> None:
    many = [(f"A-1-{n}.jpg", jpeg(size=(500, 300 + n))) for n in range(1, 7)]
    address = looked_at(alice, run_jobs, *many, ("30.jpg", jpeg()))
    alice.client.post(f"{address}/keep")
    run_jobs()
    page = alice.client.get(address).page
    assert "не сохранилось 1" in page.text
    assert "Больше 5 фото у товара не бывает" in lines(page)["failed"][0]
    assert len(shown(alice, photos("p1"))) == 5 and len(shown(alice, photos("p3"))) == 1
    delete = alice.client.get("/catalog/photos", query_string=photos("p1")).page
    alice.client.post(delete.select("//form/@action[contains(., '/delete')]")[0])
    alice.client.post(f"{address}/keep")
    run_jobs()
    assert "Загружено 7 фото." in alice.client.get(address).page.text


@on_both
def test_one_archive_at_a_time_and_a_new_one_closes_the_last(
    alice: Owner, run_jobs: RunJobs, settings: Settings
) -> None:
    first = send(alice, ("A-1.jpg", jpeg())).location
    busy = send(alice, ("A-1.jpg", jpeg()))
    assert busy.status_code == 422 and "ещё в работе" in busy.page.text
    uploads = list(settings.media_dir.glob("incoming/*/*.upload"))
    assert len(uploads) == 1
    run_jobs()
    second = looked_at(alice, run_jobs, ("2.jpg", jpeg()))
    assert alice.client.get(first).status_code == 404
    assert alice.client.post(f"{second}/discard").status_code == 303
    assert alice.client.get(second).status_code == 404
    assert [path for path in settings.media_dir.rglob("*") if path.is_file()] == []


def test_an_archive_keeps_nothing_waiting_but_other_archives(
    alice: Owner, bob: Owner, app: Flask, db_session: Session
) -> None:
    bob.connect_evotor()
    send(alice, ("фото.zip", ARCHIVE))
    bob.client.post("/catalog/refresh")
    lanes = [names for names in LANES if PHOTOS_QUEUE_NAME not in names]
    assert len(lanes) == len(LANES) - 1 and (PHOTOS_QUEUE_NAME,) in LANES
    work_off(app, [name for names in lanes for name in names])
    assert db_session.scalars(select(CatalogRefresh.status).filter_by(user_id=bob.id)).all() == ["done"]
    assert db_session.scalars(select(PhotoArchive.status)).all() == ["queued"]


def test_a_run_that_was_stopped_is_begun_anew(alice: Owner, run_jobs: RunJobs) -> None:
    address = send(alice, ("A-1.jpg", jpeg())).location
    assert "Ждёт своей очереди" in alice.client.get(address).page.text
    stopped = alice.client.htmx_post(f"{address}/cancel").page
    assert "Просмотр остановлен" in stopped.text and not stopped.select("//@hx-trigger")
    alice.client.post(f"{address}/again")
    run_jobs()
    assert len(report(alice, address)["matched"]) == 1


def test_nobody_else_sees_or_keeps_an_archive(alice: Owner, bob: Owner, run_jobs: RunJobs) -> None:
    Stock(bob).put(products=GOODS)
    address = looked_at(alice, run_jobs, ("A-1.jpg", jpeg()))
    (small,) = alice.client.get(address).page.select("//li/img/@src")
    assert {bob.client.get(url).status_code for url in (address, small)} == {404}
    for action in ("keep", "again", "cancel", "discard"):
        assert bob.client.post(f"{address}/{action}").status_code == 404
    assert bob.client.post(small, data={"good": "none"}).status_code == 404
    # Nor does an archive of one's own open a photo of somebody else's.
    own = looked_at(bob, run_jobs, ("A-1.jpg", jpeg()))
    assert bob.client.get(f"{own}/{small.rpartition('/')[2]}").status_code == 404
    assert len(report(alice, address)["matched"]) == 1


def test_without_a_file_the_field_says_so(alice: Owner, settings: Settings) -> None:
    assert alice.client.get(ADDRESS).status_code == 200
    for answer in (send(alice), send(alice, ("A-1.jpg", b"")), alice.client.post(ADDRESS, data={"x": "1"})):
        assert answer.status_code == 422
        assert answer.page.texts("//*[@id='photo-error']") == ["Выберите архив ZIP или фотографии."]
    assert not list(Path(settings.media_dir).glob("incoming/*/*"))


def test_what_was_left_open_can_still_be_chosen_after_the_rest_is_kept(
    alice: Owner, run_jobs: RunJobs, settings: Settings
) -> None:
    address = looked_at(alice, run_jobs, ("A-1.jpg", jpeg()), ("K-7.jpg", jpeg("pink")))
    alice.client.post(f"{address}/keep")
    run_jobs()
    (choose,) = alice.client.get(address).page.select("//section[@data-kind='ambiguous']//form/@action")
    page = alice.client.htmx_post(choose, {"good": "0"}).page
    assert "Загружено 1 фото, осталось 1." in page.text
    alice.client.post(f"{address}/keep")
    run_jobs()
    assert "Загружено 2 фото." in alice.client.get(address).page.text
    assert len(shown(alice, photos("q2", store="s2"))) == 1
    assert not [path for path in (settings.media_dir / "incoming").rglob("*") if path.is_file()]


@on_both
def test_what_is_chosen_in_the_moment_of_keeping_changes_nothing_under_the_workers_hands(
    alice: Owner, run_jobs: RunJobs, app: Flask, db_session: Session
) -> None:
    address = looked_at(alice, run_jobs, ("A-1.jpg", jpeg()), ("K-7.jpg", jpeg("pink")))
    open_one = db_session.scalars(select(ArchivePicture.id).filter_by(state="ambiguous")).one()
    db_session.rollback()
    with app.app_context():
        as_seen = archives.own(alice.id, int(address.rpartition("/")[2]))
        assert as_seen is not None
        db.session.expunge(as_seen)
        alice.client.post(f"{address}/keep")
        assert choose(as_seen, open_one, 0)
    run_jobs()
    found = report(alice, address)
    assert (len(found["kept"]), len(found["ambiguous"]), found.get("matched")) == (1, 1, None)


@on_both
def test_an_archive_left_lying_goes_with_its_files_after_a_day(
    alice: Owner, run_jobs: RunJobs, settings: Settings, db_session: Session, app: Flask
) -> None:
    address = looked_at(alice, run_jobs, ("A-1.jpg", jpeg()))
    lost = settings.media_dir / "incoming" / str(alice.id) / "left-by-a-crash.upload"
    lost.write_bytes(b"x")
    for days, is_there in ((0, True), (3, False)):
        db_session.execute(update(PhotoArchive).values(requested_at=now() - timedelta(days=days)))
        long_ago = time.time() - days * 86_400
        for path in (settings.media_dir / "incoming").rglob("*"):
            os.utime(path, (long_ago, long_ago))
        with app.app_context():
            forget_old_archives()
        assert (alice.client.get(address).status_code == 200) == is_there
        assert bool([p for p in settings.media_dir.rglob("*") if p.is_file()]) == is_there


def test_an_owner_who_leaves_takes_what_waits_along(alice: Owner, settings: Settings) -> None:
    send(alice, ("A-1.jpg", jpeg()))
    alice.client.post("/profile/delete", data={"password": alice.password})
    assert not [path for path in settings.media_dir.rglob("*") if path.is_file()]
