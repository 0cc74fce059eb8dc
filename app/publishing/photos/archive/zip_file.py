"""The files of a ZIP that may be anything: what is in it is counted and weighed before it is unpacked.

Nothing is ever unpacked to a name: each file is read into memory, one at a time and never more than a picture
may weigh.
"""

import io
import re
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from flask_babel import gettext

from app.publishing.photos.pictures import UPLOAD_MAX
from app.web.formatting import number
from app.words import gettext_noop

ENTRIES_MAX = 20_000
# Of that many files the list weighs a fifth of this; each of its bytes costs a dozen in memory. All archives
# of an upload may have as much together: their lists are kept until the last file has been looked at.
_DIRECTORY_MAX = 8 * 1024 * 1024
UNPACKED_MAX = 4 * 1024**3
# Photos hardly get smaller in an archive. What is small altogether may be anything.
_RATIO_MAX = 20
_WEIGHED_FROM = 64 * 1024 * 1024
_MEGABYTE = 1024 * 1024

_ENCRYPTED = 0x1
_SAYS_UTF_8 = 0x800
_STRANGE = re.compile("[\u0800-\u1fff\u2c00-\ufdff]")
_JUNK = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_ARCHIVE = re.compile(r"\.(zip|rar|7z|tar|gz|tgz)$", re.IGNORECASE)
_LEADS_OUT = re.compile(r"(^|/)\.\.(/|$)|^/|^[A-Za-z]:")
# Names that Windows keeps for devices, with any extension.
_DEVICE = re.compile(r"(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?$", re.IGNORECASE)
_BROKEN = (
    BadZipFile,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zlib.error,
)

DAMAGED = gettext_noop("Архив повреждён или загружен не до конца. Соберите его заново")
OTHER_KIND = gettext_noop("Это архив другого вида. Сохраните его как ZIP")
ENCRYPTED = gettext_noop("Архив закрыт паролем. Соберите его без пароля")
TOO_MUCH = gettext_noop("Распакованные архивы заняли бы слишком много места. Загрузите их частями")
BOMB = gettext_noop("Архив сжат так, как фотографии не сжимаются. Соберите его заново только из фотографий")
_OTHER_ARCHIVES = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")


class ArchiveRefused(ValueError):
    """The archive cannot be used; the message is a sentence for the owner."""


def too_many() -> str:
    """The sentence about archives that hold more files than are looked at."""
    return gettext("В архивах больше %(most)s файлов. Загрузите их частями", most=number(ENTRIES_MAX))


class Entry(NamedTuple):
    """A file in an archive: its name there, and its content or else the sentence why it cannot be read."""

    name: str
    read: Callable[[], bytes]
    refusal: str | None = None


class Room:
    """How much may still come out of the archives of one upload, however many there are."""

    def __init__(self) -> None:
        self._files, self._listed, self._bytes = ENTRIES_MAX, _DIRECTORY_MAX, UNPACKED_MAX

    def take(self, files: int, listed: int, unpacked: int) -> None:
        """Take room for so many files, of which the list and they themselves weigh so much together.

        Raises ArchiveRefused.
        """
        if files > self._files or listed > self._listed:
            raise ArchiveRefused(too_many())
        if unpacked > self._bytes:
            raise ArchiveRefused(gettext(TOO_MUCH))
        self._files -= files
        self._listed -= listed
        self._bytes -= unpacked


def is_archive(start: bytes, name: str) -> bool:
    """Tell by its first bytes, or by its name, whether a file is to be read as an archive."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", *_OTHER_ARCHIVES)) or bool(_ARCHIVE.search(name))


def entries_of(file: io.RawIOBase, room: Room | None = None) -> list[Entry]:
    """Give the files of the archive in their order, unread, as far as there is room; raises ArchiveRefused.

    They can be read as long as `file` is open.
    """
    start = file.read(8) or b""
    if start.startswith(_OTHER_ARCHIVES):
        raise ArchiveRefused(gettext(OTHER_KIND))
    modest = _Modest(file)
    try:
        archive = ZipFile(modest, metadata_encoding="cp866")
    except ArchiveRefused:
        raise
    except _BROKEN as error:
        raise ArchiveRefused(gettext(DAMAGED)) from error
    modest.longest = UPLOAD_MAX + 1
    infos = [info for info in archive.infolist() if not _is_nothing(info)]
    _weigh(infos, sum(map(_listed, archive.infolist())), room or Room())
    return list(_entries(archive, infos))


def _listed(info: ZipInfo) -> int:
    return len(info.orig_filename) + len(info.extra) + len(info.comment)


def _weigh(infos: list[ZipInfo], listed: int, room: Room) -> None:
    packed, unpacked = sum(info.compress_size for info in infos), sum(info.file_size for info in infos)
    if unpacked > max(_WEIGHED_FROM, _RATIO_MAX * packed):
        raise ArchiveRefused(gettext(BOMB))
    if infos and all(info.flag_bits & _ENCRYPTED for info in infos):
        raise ArchiveRefused(gettext(ENCRYPTED))
    room.take(len(infos), listed, unpacked)


def _entries(archive: ZipFile, infos: list[ZipInfo]) -> Iterator[Entry]:
    for info in infos:
        name = _name(info)
        yield Entry(name, partial(_read, archive, info), _refusal(name, info))


def _is_nothing(info: ZipInfo) -> bool:
    """A folder, or what systems put beside the files by themselves."""
    return info.is_dir() or bool(_JUNK.search(info.filename))


def _name(info: ZipInfo) -> str:
    """The name as it was written: in DOS's letters by Windows, in UTF-8 without a word by macOS."""
    if info.flag_bits & _SAYS_UTF_8:
        return info.orig_filename
    try:
        name = info.orig_filename.encode("cp866").decode()
    except UnicodeError:
        return info.orig_filename
    # Some Russian words in DOS's letters happen to be UTF-8, too, of a script that nobody here writes.
    return info.orig_filename if _STRANGE.search(name) else name


def _refusal(name: str, info: ZipInfo) -> str | None:
    path = name.replace("\\", "/")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if _LEADS_OUT.search(path) or "\0" in name:
        return gettext("Путь в архиве ведёт наружу. Положите файл в архив заново")
    if _DEVICE.search(path):
        return gettext("Так файл называться не может: это служебное имя Windows")
    if kind not in (0, stat.S_IFREG):
        return gettext("Это ссылка, а не файл. Положите в архив саму фотографию")
    if info.flag_bits & _ENCRYPTED:
        return gettext("Файл закрыт паролем")
    if _ARCHIVE.search(path):
        return gettext("Архив внутри архива. Распакуйте его и положите фотографии прямо сюда")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return gettext("Файл сжат непривычным способом. Соберите обычный ZIP")
    if info.file_size > UPLOAD_MAX:
        return gettext("Файл больше %(most)s МБ. Уменьшите фотографию", most=UPLOAD_MAX // _MEGABYTE)
    return None


def _read(archive: ZipFile, info: ZipInfo) -> bytes:
    try:
        with archive.open(info) as content:
            return content.read(UPLOAD_MAX + 1)
    except _BROKEN as error:
        raise ArchiveRefused(gettext("Файл в архиве повреждён")) from error


class _Modest(io.BufferedReader):
    """The archive as `ZipFile` reads it: a list of files that is too long is not taken into memory."""

    longest = _DIRECTORY_MAX

    def read(self, size: int | None = -1, /) -> bytes:
        is_open = size is None or size < 0
        data = super().read(self.longest + 1 if is_open or size is None else min(size, self.longest + 1))
        if len(data) > self.longest:
            raise ArchiveRefused(too_many())
        return data
