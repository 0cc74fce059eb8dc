"""Small pictures for lists: made when a picture is kept, or when an older one is first looked at."""

import logging

from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.photos.pictures import PictureRefused, thumbnail

log = logging.getLogger(__name__)

# Shown at a third of it, sharp on any screen.
SIDE = 96


def small_picture(files: PictureFiles, digest: str) -> bytes:
    """Give the small WebP of a picture that is kept, and keep it beside; raises PictureLost."""
    return files.read_small(digest) or keep_small(files, digest, files.read(digest))


def keep_small(files: PictureFiles, digest: str, data: bytes) -> bytes:
    """Make the small WebP of a picture, and keep it if there is room; raises PictureLost for no picture."""
    try:
        small = thumbnail(data, SIDE)
    except PictureRefused as refused:
        raise PictureLost(digest) from refused
    try:
        files.put_small(digest, small)
    except OSError as error:
        # It is made anew whenever it is asked for.
        log.warning("a small picture was not kept: %s", error)
    return small
