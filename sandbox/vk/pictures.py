"""The pictures that VK keeps, the doors to upload them by, and the uploads that wait to be saved."""

import hashlib
import secrets
from dataclasses import dataclass

from sandbox.vk.picture_header import Header, read_header

SMALLEST_SIDE, LARGEST_SUM = 400, 14_000
LEAST_RATIO, MOST_RATIO = 0.1, 10.0


@dataclass(frozen=True)
class Door:
    """An upload address: for whom, for which community, one picture at a time or up to five."""

    community_id: int
    person_id: int
    bulk: bool
    opened_at: float


@dataclass(frozen=True)
class Upload:
    """A picture that was sent and not yet saved."""

    community_id: int
    digest: str
    header: Header


class BadPicture(Exception):
    """VK does not take the picture; the text is its own."""


class Pictures:
    """Pictures by their digest; equal ones are kept once."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.doors: dict[str, Door] = {}
        self.uploads: dict[str, Upload] = {}

    def open_door(self, door: Door) -> str:
        """Return the key of a new upload address."""
        key = secrets.token_urlsafe(24)
        self.doors[key] = door
        return key

    def keep(self, data: bytes) -> tuple[str, Header]:
        """Keep a picture; return its digest and header, BadPicture for what is none."""
        header = read_header(data)
        if header is None:
            raise BadPicture("ERR_UPLOAD_FILE_NOT_SUPPORTED: file type is not supported")
        digest = hashlib.sha256(data).hexdigest()
        self.files[digest] = data
        return digest, header

    def take_upload(self, digest: str, header: Header, community_id: int) -> str:
        """Note that a picture was uploaded; return the hash that saves it."""
        saved_by = secrets.token_hex(16)
        self.uploads[saved_by] = Upload(community_id, digest, header)
        return saved_by


def check_picture(data: bytes, largest: int) -> Header:
    """Return the header of a picture that VK takes; BadPicture in VK's words for any other."""
    if not data:
        raise BadPicture("ERR_UPLOAD_FILE_NOT_UPLOADED: file not uploaded")
    if len(data) > largest:
        raise BadPicture("ERR_UPLOAD_FILE_TOO_BIG: file is too big")
    header = read_header(data)
    if header is None:
        raise BadPicture("ERR_UPLOAD_FILE_NOT_SUPPORTED: file type is not supported")
    if min(header.width, header.height) < SMALLEST_SIDE:
        raise BadPicture("ERR_UPLOAD_BAD_IMAGE_SIZE: market photo min size 400x400")
    if header.width + header.height > LARGEST_SUM:
        raise BadPicture("ERR_UPLOAD_BAD_IMAGE_SIZE: market photo max sum of sides 14000")
    if not LEAST_RATIO <= header.width / header.height <= MOST_RATIO:
        raise BadPicture("ERR_UPLOAD_BAD_IMAGE_SIZE: market photo bad ratio of sides")
    return header
