"""Where pictures lie: a folder for each owner below MEDIA_DIR, each file named by its digest."""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from pathlib import Path

from app.publishing.photos.pictures import Picture

# What pictures and uploads leave free on the disk: the database has to go on.
LEFT_FREE = 256 * 1024 * 1024
_SMALL = ".small.webp"
_DIGEST = re.compile(r"[0-9a-f]{64}")


def check_room(folder: Path, size: int) -> None:
    """Raise OSError when `size` more bytes in a folder would not leave enough free."""
    if shutil.disk_usage(folder).free < LEFT_FREE + size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class PictureLost(Exception):
    """The file of a picture is not there, cannot be read, or is not as it was written: disks spoil some."""


class PictureFiles:
    """One owner's pictures. Nothing outside of the owner's folder is read or written."""

    def __init__(self, media_dir: Path, user_id: int) -> None:
        self._folder = media_dir / str(user_id)

    def put(self, picture: Picture) -> None:
        """Keep a picture; whole or not at all, also when the disk is full. Raises OSError."""
        path = self._path(picture.digest)
        if self.holds(picture):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, picture.data)

    def holds(self, picture: Picture) -> bool:
        """Tell whether the file of a picture is there, as it was written."""
        try:
            return self.read(picture.digest) == picture.data
        except PictureLost:
            return False

    def put_small(self, digest: str, data: bytes) -> None:
        """Keep the small WebP beside its picture, for as long as that is there. Raises OSError."""
        path = self._path(digest, _SMALL)
        _write(path, data)
        if not self._path(digest).exists():
            # It was removed meanwhile, and what stood beside it then.
            path.unlink(missing_ok=True)

    def read_small(self, digest: str) -> bytes | None:
        """Give the small WebP of a digest; None when it has not been made."""
        try:
            return self._path(digest, _SMALL).read_bytes() or None
        except (OSError, ValueError):
            return None

    def read(self, digest: str) -> bytes:
        """Give the JPEG of a digest; raises PictureLost."""
        try:
            data = self._path(digest).read_bytes()
        except (OSError, ValueError) as error:
            raise PictureLost(digest) from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise PictureLost(digest)
        return data

    def remove(self, digest: str) -> None:
        """Forget a picture that belongs to nothing any more."""
        if _DIGEST.fullmatch(digest):
            self._path(digest).unlink(missing_ok=True)
            self._path(digest, _SMALL).unlink(missing_ok=True)

    def clear(self) -> None:
        """Forget all pictures of the owner."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, digest: str, ending: str = ".jpg") -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a digest of a picture")
        return self._folder / digest[:2] / f"{digest}{ending}"


def _write(path: Path, data: bytes) -> None:
    check_room(path.parent, len(data))
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()
            os.replace(draft.name, path)
        except OSError:
            os.unlink(draft.name)
            raise
