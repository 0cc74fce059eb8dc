"""Archives that nobody makes of photos: each is refused or told of in words, and costs next to nothing."""

import errno
import io
import os
import resource
import shutil
import stat
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipInfo

import pytest

from app.config import Settings
from app.publishing.photos.archive import uploading
from app.publishing.photos.archive.incoming import Extent, PartOfUpload, Place
from app.publishing.photos.archive.routes import how_much
from app.publishing.photos.archive.zip_file import (
    BOMB,
    DAMAGED,
    ENCRYPTED,
    OTHER_KIND,
    ArchiveRefused,
    Entry,
    entries_of,
    too_many,
)
from app.publishing.photos.picture_files import LEFT_FREE
from tests.checking_client import CheckingClient
from tests.owners import Owner
from tests.publishing.photos.archive.archives import ADDRESS, looked_at, report, send, zipped
from tests.publishing.photos.uploading import jpeg, shown, upload
from tests.stock import Stock, product

RunJobs = Callable[[], None]
Opener = Callable[[bytes], list[Entry]]
MEGABYTE = 1024 * 1024


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opener]:
    """The files of an archive with these bytes."""
    files: list[io.FileIO] = []

    def open_archive(data: bytes) -> list[Entry]:
        # Somewhere within a bigger file, as an upload has it.
        path = tmp_path / "upload"
        path.write_bytes(b"before" + data + b"after")
        files.append(io.FileIO(path))
        return entries_of(Extent(files[-1], PartOfUpload(6, len(data))))

    yield open_archive
    for file in files:
        file.close()


def entry(name: str, mode: int = 0, **fields: Any) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = ZIP_DEFLATED
    info.external_attr = mode << 16
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def flagged(data: bytes, flag: int) -> bytes:
    """The archive with a flag set at each of its files, there and in the list of them."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := changed.find(mark, start)) >= 0:
            flags = struct.unpack_from("<H", changed, start + at)[0]
            struct.pack_into("<H", changed, start + at, flags | flag)
            start += 4
    return bytes(changed)


@pytest.mark.parametrize(
    ("name", "mode", "part"),
    [
        ("../../etc/cron.d/a.jpg", 0, "ведёт наружу"),
        ("a/../../b.jpg", 0, "ведёт наружу"),
        ("/etc/passwd.jpg", 0, "ведёт наружу"),
        ("..\\..\\boot.jpg", 0, "ведёт наружу"),
        ("C:\\Windows\\a.jpg", 0, "ведёт наружу"),
        ("фото/CON.jpg", 0, "служебное имя"),
        ("link.jpg", stat.S_IFLNK | 0o777, "ссылка"),
        ("device.jpg", stat.S_IFCHR | 0o666, "ссылка"),
        ("pipe.jpg", stat.S_IFIFO | 0o666, "ссылка"),
        ("more.zip", 0, "Архив внутри архива"),
    ],
)
def test_an_entry_that_is_no_plain_file_is_told_of(opened: Opener, name: str, mode: int, part: str) -> None:
    good, bad = opened(zipped(("A-1.jpg", jpeg()), (entry(name, mode), b"/etc/passwd")))
    assert good.refusal is None and part in (bad.refusal or "")


def test_nothing_is_ever_written_by_the_names_of_an_archive(
    alice: Owner, stock: Stock, run_jobs: RunJobs, settings: Settings, tmp_path: Path
) -> None:
    stock.put(products=[product("p1", "Улун", article_number="A-1")])
    before = set(tmp_path.rglob("*"))
    names = ("../A-1.jpg", "/srv/A-1.jpg", "..\\A-1.jpg", "x/A-1.jpg")
    address = looked_at(alice, run_jobs, ("../../a.zip", zipped(*((name, jpeg()) for name in names))))
    found = report(alice, address)
    assert (len(found["refused"]), len(found["matched"])) == (3, 1)
    alice.client.post(f"{address}/keep")
    run_jobs()
    after = set(tmp_path.rglob("*")) - before
    assert all(settings.media_dir == path or settings.media_dir in path.parents for path in after)
    assert {path.suffix for path in after if path.is_file()} == {".jpg", ".webp"}


UNUSABLE: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "of zeros": (lambda: b"PK\x03\x04" + b"\0" * 100, DAMAGED),
    "cut off": (lambda: zipped(("A-1.jpg", jpeg()))[:-30], DAMAGED),
    "empty": (lambda: b"PK\x05\x06" + b"\0" * 18, None),
    "RAR": (lambda: b"Rar!\x1a\x07\x00" + b"\0" * 100, OTHER_KIND),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + b"\0" * 100, OTHER_KIND),
    "with a password": (lambda: flagged(zipped(("A-1.jpg", jpeg())), 0x1), ENCRYPTED),
    "a bomb": (lambda: zipped(("a.bmp", b"\0" * 65 * MEGABYTE)), BOMB),
    "five small bombs": (lambda: zipped(*((f"{n}.bmp", b"\0" * 13 * MEGABYTE) for n in range(5))), BOMB),
    "a name not in the letters it claims": (
        lambda: flagged(zipped(("x", b"")), 0x800).replace(b"x", b"\xff"),
        DAMAGED,
    ),
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_archive_that_cannot_be_used_is_refused_with_what_to_do(opened: Opener, kind: str) -> None:
    made, sentence = UNUSABLE[kind]
    data = made()
    if sentence is None:
        assert opened(data) == []
        return
    with pytest.raises(ArchiveRefused) as refused:
        opened(data)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("count", [100_000, 400_000])
def test_too_many_files_are_refused_before_they_take_memory(opened: Opener, count: int) -> None:
    # The list of files alone: what it lists need not be there.
    one = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, count * len(one), 0, 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ArchiveRefused) as refused:
        opened(one * count + end)
    assert str(refused.value) == too_many()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 130 * 1024


def test_a_file_that_says_it_is_small_is_not_unpacked_beyond_that(
    opened: Opener,
) -> None:
    data = bytearray(zipped(("A-1.jpg", b"\0" * 10 * MEGABYTE)))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.find(mark) + at, 1000)
    (only,) = opened(bytes(data))
    with pytest.raises(ArchiveRefused, match="повреждён"):
        only.read()


def test_other_ways_to_compress_and_a_damaged_file_are_told_of(
    opened: Opener,
) -> None:
    (other,) = opened(zipped(("A-1.jpg", jpeg()), compression=ZIP_BZIP2))
    assert "непривычным способом" in (other.refusal or "")
    data = bytearray(zipped(("A-1.jpg", jpeg()), compression=ZIP_STORED))
    data[100] ^= 0xFF
    (damaged,) = opened(bytes(data))
    with pytest.raises(ArchiveRefused, match="повреждён"):
        damaged.read()


# «список» in the letters of Windows happens to be good UTF-8, too.
@pytest.mark.parametrize("name", ["Улун молочный.jpg", "список.jpg", "Чай №\N{NO-BREAK SPACE}5 🌱.jpg"])
@pytest.mark.parametrize("letters", ["cp866", "utf-8"])
def test_names_are_read_in_the_letters_of_windows_and_of_macos(
    opened: Opener, name: str, letters: str
) -> None:
    # Both come without a word about their letters.
    raw = name.encode(letters, "ignore")
    data = zipped(("x" * len(raw), b"")).replace(b"x" * len(raw), raw)
    assert [found.name for found in opened(data)] == [raw.decode(letters)]
    assert [found.name for found in opened(zipped((name, b"")))] == [name]


def test_a_picture_in_an_archive_is_tried_like_any_other(
    alice: Owner, stock: Stock, run_jobs: RunJobs, settings: Settings
) -> None:
    stock.put(products=[product(f"p{n}", f"Товар {n}", code=str(n)) for n in range(5)])
    files = (
        ("0.jpg", jpeg()[:300]),
        ("1.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("2.jpg", b""),
        ("3.jpg", zipped(("a.jpg", jpeg()))),
        ("4.jpg", jpeg() + b"<script>alert(1)</script>"),
    )
    address = looked_at(alice, run_jobs, ("a.zip", zipped(*files)))
    found = report(alice, address)
    assert (len(found["refused"]), len(found["matched"])) == (4, 1)
    (waiting,) = [path for path in settings.media_dir.rglob("*.jpg")]
    assert b"script" not in waiting.read_bytes()


def test_the_body_is_bounded_for_owners_and_as_everywhere_for_strangers(
    alice: Owner, client: CheckingClient
) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.zip"\r\n\r\n'
    for visitor, size in ((alice.client, uploading.ALL_MAX + 2 * MEGABYTE), (client, 2 * MEGABYTE)):
        answer = visitor.open(
            ADDRESS,
            method="POST",
            input_stream=io.BytesIO(head),
            environ_overrides={"CONTENT_LENGTH": str(size)},
            headers={"X-CSRFToken": visitor.csrf_token()},
            content_type="multipart/form-data; boundary=x",
        )
        assert answer.status_code == 413 and how_much() in answer.page.text


def test_a_forged_form_leaves_nothing_on_the_disk(alice: Owner, settings: Settings) -> None:
    assert send(alice, ("A-1.jpg", jpeg()), csrf=False).status_code == 400
    assert not [path for path in settings.media_dir.rglob("*") if path.is_file()]


@pytest.mark.parametrize("where", ["free", "write"])
def test_a_full_disk_is_told_of_and_what_was_kept_stays(
    alice: Owner, stock: Stock, settings: Settings, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    stock.put(products=[product("p1", article_number="A-1")])
    upload(alice, ("a.jpg", jpeg("red")))
    with monkeypatch.context() as patch:
        if where == "free":
            patch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1000))
        else:
            patch.setattr(uploading.Bundle, "append", _no_space)
        answer = send(alice, ("A-1.jpg", jpeg()))
    assert answer.status_code == 422
    assert answer.page.texts("//*[@id='photo-error']") == [uploading.NOT_WRITTEN]
    assert not list(settings.media_dir.glob("incoming/*/*"))
    assert len(shown(alice)) == 1


def test_uploads_at_once_leave_the_database_its_room_and_one_that_fits_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def free() -> int:
        return LEFT_FREE + 10 * MEGABYTE - sum(path.stat().st_size for path in tmp_path.rglob("*.upload"))

    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, free()))
    # Of two owners: each would fit alone, and is begun before anything of the other has come.
    bundles = [Place(tmp_path, user_id).new_upload(6 * MEGABYTE) for user_id in (1, 2)]
    lowest = free()
    for _ in range(6):
        for bundle in bundles:
            bundle.append(bytes(MEGABYTE))
            lowest = min(lowest, free())
    assert lowest >= LEFT_FREE
    errors = [bundle.error.errno for bundle in bundles if bundle.error]
    assert errors == [errno.ENOSPC]
    assert [path.stat().st_size for path in tmp_path.rglob("*.upload")] == [6 * MEGABYTE]
    for bundle in bundles:
        bundle.discard()


def _no_space(bundle: Any, _data: bytes) -> None:
    bundle.error = OSError(errno.ENOSPC, "No space left on device")


def test_a_disk_that_fills_up_later_stops_the_run_and_it_goes_on_when_there_is_room(
    alice: Owner, stock: Stock, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    stock.put(products=[product("p1", article_number="A-1")])
    address = send(alice, ("A-1.jpg", jpeg())).location
    for action, said in (
        ("again", "Просмотреть фото не получилось"),
        ("keep", "Загрузить всё не получилось"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", no_space)
            run_jobs()
        page = alice.client.get(address).page
        assert said in page.text and "На сервере закончилось место" in page.text
        alice.client.post(f"{address}/{action}")
        if action == "again":
            run_jobs()
            alice.client.post(f"{address}/keep")
    run_jobs()
    assert "Загружено 1 фото." in alice.client.get(address).page.text
    assert len(shown(alice)) == 1
