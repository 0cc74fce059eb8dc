"""VK's error codes: what each means, and what is done about it. The one table of them."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from app.clients.errors import (
    Action,
    BadRequest,
    Blocked,
    CloudError,
    ConfirmationNeeded,
    MarketOff,
    NotFound,
    QuotaSpent,
    RateLimited,
    RoleLost,
    ScopeMissing,
    Unauthorized,
    Unavailable,
)


class Meaning(StrEnum):
    """What VK says no about."""

    INTERNAL = "internal"
    TOO_FAST = "too_fast"
    FLOOD = "flood"
    LIMIT = "limit"
    TOKEN_DEAD = "token_dead"  # noqa: S105 (a word, no secret)
    CAPTCHA = "captcha"
    VALIDATION = "validation"
    CONFIRMATION = "confirmation"
    SCOPE_MISSING = "scope_missing"
    ROLE_LOST = "role_lost"
    BLOCKED = "blocked"
    MARKET_OFF = "market_off"
    # Our own fault, or VK's change of its API: no owner can help.
    APP_REFUSED = "app_refused"
    BAD_BATCH = "bad_batch"
    BAD_PARAMETER = "bad_parameter"
    NAME_LENGTH = "name_length"
    DESCRIPTION_LENGTH = "description_length"
    CATEGORY_WRONG = "category_wrong"
    PRICE_WRONG = "price_wrong"
    PHOTO_MISSING = "photo_missing"
    # Taken by another item, expired, or its upload was not accepted: a new upload mends it.
    PHOTO_STALE = "photo_stale"
    PHOTO_TOO_SMALL = "photo_too_small"
    PHOTO_FORMAT = "photo_format"
    PHOTO_REFUSED = "photo_refused"
    BAD_LINKS = "bad_links"
    DIMENSIONS = "dimensions"
    VARIANTS = "variants"
    CONTENT_BLOCKED = "content_blocked"
    NOTHING_TO_CHANGE = "nothing_to_change"
    ITEM_GONE = "item_gone"
    ALBUM_GONE = "album_gone"
    ALREADY_IN_ALBUM = "already_in_album"
    TOO_MANY_ITEMS = "too_many_items"
    TOO_MANY_IN_ALBUM = "too_many_in_album"
    TOO_MANY_ALBUMS = "too_many_albums"
    ALBUM_MAIN = "album_main"
    RESTORE_TOO_LATE = "restore_too_late"
    NOT_DELETED = "not_deleted"
    SHOP_ALREADY_SO = "shop_already_so"
    UNKNOWN = "unknown"


class Row(NamedTuple):
    """One line of the table: what a code means, what to do, and the kind of error it becomes."""

    meaning: Meaning
    action: Action
    kind: type[CloudError]


_INTERNAL = Row(Meaning.INTERNAL, Action.RETRY, Unavailable)
_FLOOD = Row(Meaning.FLOOD, Action.PAUSE, RateLimited)
_LIMIT = Row(Meaning.LIMIT, Action.PAUSE, RateLimited)
_TOKEN = Row(Meaning.TOKEN_DEAD, Action.REFRESH_TOKEN, Unauthorized)
_VALIDATION = Row(Meaning.VALIDATION, Action.ASK_OWNER, ConfirmationNeeded)
_SCOPE = Row(Meaning.SCOPE_MISSING, Action.STOP, ScopeMissing)
_ROLE = Row(Meaning.ROLE_LOST, Action.STOP, RoleLost)
_BLOCKED = Row(Meaning.BLOCKED, Action.STOP, Blocked)
_MARKET_OFF = Row(Meaning.MARKET_OFF, Action.STOP, MarketOff)
_APP = Row(Meaning.APP_REFUSED, Action.STOP, BadRequest)
_BATCH = Row(Meaning.BAD_BATCH, Action.SMALLER_BATCH, BadRequest)
_STALE = Row(Meaning.PHOTO_STALE, Action.REPAIR, BadRequest)
_CROP = Row(Meaning.PHOTO_REFUSED, Action.THIS_ITEM, BadRequest)
_VARIANTS = Row(Meaning.VARIANTS, Action.THIS_ITEM, BadRequest)
_ALBUM_MAIN = Row(Meaning.ALBUM_MAIN, Action.THIS_ITEM, BadRequest)
_SAME = Row(Meaning.SHOP_ALREADY_SO, Action.SUCCESS, BadRequest)
_UNKNOWN = Row(Meaning.UNKNOWN, Action.THIS_ITEM, BadRequest)

# Reference: https://dev.vk.com/ru/reference/errors
TABLE: dict[int, Row] = {
    **dict.fromkeys((1, 10, 32, 36), _INTERNAL),
    6: Row(Meaning.TOO_FAST, Action.SLOW_DOWN, RateLimited),
    **dict.fromkeys((9, 601, 1105), _FLOOD),
    **dict.fromkeys((29, 103), _LIMIT),
    **dict.fromkeys((5, 1117, 3609), _TOKEN),
    14: Row(Meaning.CAPTCHA, Action.ASK_OWNER, ConfirmationNeeded),
    3300: Row(Meaning.CAPTCHA, Action.ASK_OWNER, ConfirmationNeeded),
    **dict.fromkeys((17, 3301, 3302, 3303, 3304, 11500), _VALIDATION),
    **dict.fromkeys((24, 25), Row(Meaning.CONFIRMATION, Action.ASK_OWNER, ConfirmationNeeded)),
    15: _SCOPE,
    **dict.fromkeys((7, 203, 205), _ROLE),
    **dict.fromkeys((18, 27, 37, 3610, 3611), _BLOCKED),
    **dict.fromkeys((43, 1438, 1525, 1526), _MARKET_OFF),
    **dict.fromkeys((2, 3, 4, 8, 11, 16, 20, 21, 23, 28, 33, 34, 35, 38, 42, 101, 9999), _APP),
    **dict.fromkeys((12, 13), _BATCH),
    19: Row(Meaning.CONTENT_BLOCKED, Action.THIS_ITEM, BadRequest),
    100: Row(Meaning.BAD_PARAMETER, Action.THIS_ITEM, BadRequest),
    **dict.fromkeys((22, 105, 118, 121, 122, 129), _STALE),
    1400: Row(Meaning.RESTORE_TOO_LATE, Action.THIS_ITEM, BadRequest),
    1402: Row(Meaning.ALBUM_GONE, Action.REPAIR, NotFound),
    1403: Row(Meaning.ITEM_GONE, Action.REPAIR, NotFound),
    1404: Row(Meaning.ALREADY_IN_ALBUM, Action.SUCCESS, BadRequest),
    1405: Row(Meaning.TOO_MANY_ITEMS, Action.STOP_ADDING, QuotaSpent),
    1406: Row(Meaning.TOO_MANY_IN_ALBUM, Action.STOP_ADDING, QuotaSpent),
    1407: Row(Meaning.TOO_MANY_ALBUMS, Action.STOP_ADDING, QuotaSpent),
    1408: Row(Meaning.BAD_LINKS, Action.THIS_ITEM, BadRequest),
    **dict.fromkeys(range(1409, 1420), _VARIANTS),
    **dict.fromkeys((1421, 1423, 1424, 1425, 1426), _VARIANTS),
    1429: Row(Meaning.DIMENSIONS, Action.THIS_ITEM, BadRequest),
    **dict.fromkeys((1431, 1432), _SAME),
    **dict.fromkeys((1433, 1434, 1435), _CROP),
    **dict.fromkeys((1446, 1457, 1458), _ALBUM_MAIN),
    1518: Row(Meaning.NOT_DELETED, Action.SUCCESS, BadRequest),
}

# Subcodes of 15: the app, not the person, has no right to the method.
_SCOPE_SUBCODES = frozenset({1133, 1134})
_SCOPE_WORDS = ("no access to call this method", "scope")

# What error 100 complains about, by words of its text; the first that fits counts.
_PARAMETERS: tuple[tuple[str, Row], ...] = (
    ("nothing to change", Row(Meaning.NOTHING_TO_CHANGE, Action.SUCCESS, BadRequest)),
    ("already assigned", _STALE),
    ("photo not found", _STALE),
    ("photo is undefined", Row(Meaning.PHOTO_MISSING, Action.THIS_ITEM, BadRequest)),
    ("photo crop", _CROP),
    ("crop photo", _CROP),
    ("upload_response", _STALE),
    ("name ", Row(Meaning.NAME_LENGTH, Action.THIS_ITEM, BadRequest)),
    ("description ", Row(Meaning.DESCRIPTION_LENGTH, Action.THIS_ITEM, BadRequest)),
    ("category", Row(Meaning.CATEGORY_WRONG, Action.THIS_ITEM, BadRequest)),
    ("price", Row(Meaning.PRICE_WRONG, Action.THIS_ITEM, BadRequest)),
)

# The upload server answers with names instead of codes; the rest of them say nothing about the picture.
_UPLOADS: tuple[tuple[str, Row], ...] = (
    ("ERR_UPLOAD_BAD_IMAGE_SIZE", Row(Meaning.PHOTO_TOO_SMALL, Action.THIS_ITEM, BadRequest)),
    ("ERR_UPLOAD_FILE_NOT_SUPPORTED", Row(Meaning.PHOTO_FORMAT, Action.THIS_ITEM, BadRequest)),
    ("ERR_UPLOAD_FILE_TOO_BIG", Row(Meaning.PHOTO_REFUSED, Action.THIS_ITEM, BadRequest)),
)


def row_of(code: int, *, subcode: int | None = None, text: str = "", writes: bool = False) -> Row:
    """Return what VK means by a code; a code that nobody knows is about this one call only.

    text: VK's own words, which tell apart what shares a code. writes: the call was to change something.
    """
    words = text.casefold()
    if code == 100:
        # The prefix is the same for each, and holds the word "parameters".
        about = words.rpartition("invalid: ")[2]
        return next((row for part, row in _PARAMETERS if part in about), TABLE[100])
    if code == 15 and writes:
        # Who could read has the scope; what is refused to them in writing is refused to their role.
        is_scope = subcode in _SCOPE_SUBCODES or any(part in words for part in _SCOPE_WORDS)
        return _SCOPE if is_scope else _ROLE
    return TABLE.get(code, _UNKNOWN)


def row_of_upload(text: str) -> Row:
    """Return what the upload server means by an error; what it does not know is mended by a new address."""
    return next((row for name, row in _UPLOADS if text.startswith(name)), _STALE)
