"""Small pictures for lists: made when a picture is kept, or when an older one is first looked at."""

import logging

from app.publishing.photos.pictures import PictureRefused, thumbnail
from app.publishing.photos.shelf import PictureLost, Shelf

log = logging.getLogger(__name__)

# Shown at a third of it, sharp on any screen.
SIDE = 96


def small_picture(shelf: Shelf, digest: str) -> bytes:
    """Give the small WebP of a picture that is kept, and keep it beside; raises PictureLost."""
    return shelf.read_small(digest) or keep_small(shelf, digest, shelf.read(digest))


def keep_small(shelf: Shelf, digest: str, data: bytes) -> bytes:
    """Make the small WebP of a picture, and keep it if there is room; raises PictureLost for no picture."""
    try:
        small = thumbnail(data, SIDE)
    except PictureRefused as refused:
        raise PictureLost(digest) from refused
    try:
        shelf.put_small(digest, small)
    except OSError as error:
        # It is made anew whenever it is asked for.
        log.warning("a small picture was not kept: %s", error)
    return small
