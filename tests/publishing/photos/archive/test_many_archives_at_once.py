"""Many archives in one upload are as bounded as one, and pictures leave the database its room on the disk."""

import shutil
from collections.abc import Callable

import pytest
from flask import Flask

from app.publishing.photos.archive import looking, placing, zip_file
from app.work.queue import PHOTOS_QUEUE_NAME
from tests.databases import on_both
from tests.jobs import work_off
from tests.owners import Owner
from tests.publishing.photos.archive.archives import lines, looked_at, report, send, zipped
from tests.publishing.photos.uploading import jpeg, shown
from tests.stock import Stock, product

RunJobs = Callable[[], None]
PICTURES = {"A-0": "red", "A-0 (1)": "blue", "A-1": "gold", "A-0 (2)": "pink"}


@pytest.mark.parametrize(
    ("bound", "value", "words"),
    [
        ("ENTRIES_MAX", 5, "больше 5 файлов"),
        # Their lists, too, are kept until the end: of names, here.
        ("_DIRECTORY_MAX", 5 * len("0-0.jpg"), "файлов. Загрузите их частями"),
        ("UNPACKED_MAX", 1000, "слишком много места"),
    ],
)
def test_their_files_are_counted_and_weighed_together(
    alice: Owner, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, words: str
) -> None:
    monkeypatch.setattr(zip_file, bound, value)
    archives = [(f"{n}.zip", zipped(*((f"{n}-{i}.jpg", b"x" * 200) for i in range(2)))) for n in range(4)]
    found = report(alice, looked_at(alice, run_jobs, *archives))
    assert len(found["unknown"]) == 4
    assert len(found["refused"]) == 2 and all(words in line for line in found["refused"])


def test_names_that_weigh_more_than_pictures_are_not_taken_into_memory(alice: Owner) -> None:
    assert send(alice, ("a" * 200_000 + ".jpg", jpeg())).status_code == 413
    assert send(alice, ("a" * 2_000 + ".jpg", jpeg())).status_code == 303


def test_looking_ends_before_the_disk_is_full(
    alice: Owner, stock: Stock, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock.put(products=[product("p1", article_number="A-1")])
    address = send(alice, ("A-1.jpg", jpeg())).location
    with monkeypatch.context() as patch:
        nearly_full = shutil._ntuple_diskusage(10**12, 10**12 - 200 * 2**20, 200 * 2**20)
        patch.setattr(shutil, "disk_usage", lambda _path: nearly_full)
        run_jobs()
    assert "На сервере закончилось место" in alice.client.get(address).page.text
    alice.client.post(f"{address}/again")
    run_jobs()
    assert lines(alice.client.get(address).page)["matched"]


def test_thousands_of_files_of_one_good_are_not_made_into_pictures(
    alice: Owner, stock: Stock, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "LOOKED_AT_MAX", 2)
    stock.put(products=[product("p1", article_number="A-1"), product("p2", article_number="B-2")])
    names = ("A-1.jpg", "A-1 (1).jpg", "A-1 (2).jpg", "A-1 (3).jpg", "B-2.jpg")
    found = report(alice, looked_at(alice, run_jobs, *((name, jpeg()) for name in names)))
    assert (len(found["matched"]), len(found["refused"])) == (3, 2)
    assert all("не бывает" in line for line in found["refused"])


@on_both
def test_an_archive_lets_others_go_first_once_it_has_had_its_turn(
    app: Flask, alice: Owner, bob: Owner, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "TURN_SECONDS", -1)
    monkeypatch.setattr(placing, "TURN_SECONDS", -1)
    monkeypatch.setattr(looking, "LOOKED_AT_MAX", 2)
    goods = [product(f"p{n}", f"Улун {n}", article_number=f"A-{n}") for n in range(3)]
    stock.put(products=goods)
    Stock(bob).put(products=goods)
    files = zipped(*((f"{name}.jpg", jpeg(colour)) for name, colour in PICTURES.items()))

    def turn() -> None:
        work_off(app, [PHOTOS_QUEUE_NAME], most=1)

    hers, his = (send(owner, ("фото.zip", files)).location for owner in (alice, bob))
    turn()
    page = alice.client.get(hers).page
    assert "Ждёт своей очереди и продолжится" in page.text and "1 из 4" in page.text
    # The last picture of the first good is one too many, whichever turn it falls into.
    for _ in range(7):
        turn()
    for owner, address in ((alice, hers), (bob, his)):
        found = report(owner, address)
        assert (len(found["matched"]), len(found["refused"])) == (3, 1)
        owner.client.post(f"{address}/keep")
    turn()
    assert "2 из 3" in alice.client.get(hers).page.text and not shown(
        bob, {"store_id": "s1", "product_id": "p0"}
    )
    for _ in range(5):
        turn()
    for owner in (alice, bob):
        kept = [len(shown(owner, {"store_id": "s1", "product_id": f"p{n}"})) for n in range(3)]
        assert kept == [2, 1, 0]
