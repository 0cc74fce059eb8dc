"""What owners upload by the hundred, as it lies on disk: in a folder of its own below MEDIA_DIR.

The files of one upload are written into one, one after the other, so that an upload of any number of files
holds one open file, and memory for a piece of one. Names from outside are never names here.
"""

import errno
import fcntl
import io
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from app.publishing.photos.picture_files import PictureFiles, check_room

_SUFFIX = ".upload"
_FOLDER = "incoming"


class Place:
    """One owner's folder for what is not kept yet: uploads, and the pictures of each archive."""

    def __init__(self, media_dir: Path, user_id: int) -> None:
        self._folder = media_dir / _FOLDER / str(user_id)

    def new_upload(self, expected: int) -> "Bundle":
        """Begin an upload of `expected` bytes."""
        return Bundle(self._folder / f"{secrets.token_hex(16)}{_SUFFIX}", expected)

    def upload(self, name: str) -> Path:
        """Where an upload lies that was begun here."""
        return self._folder / Path(name).name

    def files(self, archive_id: int) -> PictureFiles:
        """The prepared pictures of an archive."""
        return PictureFiles(self._folder, archive_id)

    def forget(self, archive_id: int, upload: str | None) -> None:
        """Delete what lies here of an archive."""
        self.files(archive_id).clear()
        if upload:
            self.upload(upload).unlink(missing_ok=True)

    def clear(self) -> None:
        """Delete everything of the owner's."""
        shutil.rmtree(self._folder, ignore_errors=True)


def forget_older(media_dir: Path, seconds: float) -> None:
    """Delete whatever has lain in any owner's folder for so long, and whoever has forgotten it."""
    oldest = time.time() - seconds
    for path in (media_dir / _FOLDER).glob("*/*"):
        try:
            if path.stat().st_mtime > oldest:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


class PartOfUpload(NamedTuple):
    """One file within an upload."""

    offset: int
    size: int


class Bundle:
    """The files of a request, received into one file on disk.

    `error` is what the disk said once it would not take more, or what would not have left enough of it free;
    what had come is deleted then, and what comes after that is let pass unwritten, so that the owner gets an
    answer.
    """

    def __init__(self, path: Path, expected: int) -> None:
        self._path = path
        self._size = 0
        self._file: io.FileIO | None = None
        self.error: OSError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            check_room(path.parent, expected)
            self._file = io.FileIO(path, "x")
        except OSError as error:
            self.error = error

    @property
    def name(self) -> str:
        """By which `Place.upload` finds it."""
        return self._path.name

    def new_part(self) -> "_Part":
        """Begin a file within the upload."""
        return _Part(self, self._size)

    def append(self, data: bytes) -> None:
        """Write a piece at the end."""
        if self._file is None or self.error is not None:
            return
        try:
            self._look(len(data))
            rest = memoryview(data)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
            self._size += len(data)
        except OSError as error:
            self.error = error
            self.discard()

    def _look(self, size: int) -> None:
        """Raise OSError when there is no room: others may have come since this one was begun."""
        folder = self._path.parent
        with suppress(OSError):
            return check_room(folder, size)
        # One by one, in all processes: the room that one upload gives up may do for the next.
        common = os.open(folder.parent, os.O_RDONLY)
        try:
            fcntl.flock(common, fcntl.LOCK_EX)
            check_room(folder, size)
        except OSError:
            self.discard()
            raise
        finally:
            os.close(common)

    def keep(self) -> None:
        """Let it stay when the request ends."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def discard(self) -> None:
        """Delete it unless it is kept."""
        if self._file is not None:
            self.keep()
            self._path.unlink(missing_ok=True)


class _Part(io.RawIOBase):
    """One file of a bundle as a form's parser writes it; it is read later, from the bundle."""

    def __init__(self, bundle: Bundle, offset: int) -> None:
        self._bundle = bundle
        self._offset = offset
        self._size = 0

    @property
    def extent(self) -> PartOfUpload:
        return PartOfUpload(self._offset, self._size)

    def write(self, data: Any) -> int:
        self._bundle.append(data)
        self._size += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        return offset

    def writable(self) -> bool:
        return True


class Extent(io.RawIOBase):
    """A stretch of an open file as a file of its own, to be read only."""

    def __init__(self, file: io.FileIO, part: PartOfUpload) -> None:
        self._file = file
        self._part = part
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        length = max(0, min(len(buffer), self._part.size - self._at))
        data = os.pread(self._file.fileno(), length, self._part.offset + self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._part.size}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at
