"""Many archives in one upload are as bounded as one, and pictures leave the database its room on the disk."""

import shutil
from collections.abc import Callable

import pytest

from app.publishing.photos.archive import looking, zip_file
from tests.owners import Owner
from tests.publishing.photos.archive.archives import lines, looked_at, report, send, zipped
from tests.publishing.photos.uploading import jpeg
from tests.stock import Stock, product

RunJobs = Callable[[], None]


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
