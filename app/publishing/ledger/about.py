"""Which fields of a listing a refusal of VK is about: those alone are not sent again as they are."""

from collections.abc import Mapping

from app.clients.vk.meanings import Meaning
from app.publishing.planning.existing import (
    BESIDE_PICTURES,
    CATEGORY,
    DESCRIPTION,
    NAME,
    OLD_PRICE,
    PHOTOS,
    PRICE,
    Fields,
    without,
)

# The code of what was not sent because the file of its picture was not there.
NO_PICTURE = "no_picture"
# The code of a refusal that VK gives no meaning of.
UNEXPLAINED = "unknown"

_PICTURES = frozenset({PHOTOS, *BESIDE_PICTURES})
_ABOUT: Mapping[str, frozenset[str]] = {
    Meaning.NAME_LENGTH: frozenset({NAME}),
    Meaning.DESCRIPTION_LENGTH: frozenset({DESCRIPTION}),
    Meaning.BAD_LINKS: frozenset({DESCRIPTION}),
    Meaning.CONTENT_BLOCKED: frozenset({NAME, DESCRIPTION}),
    Meaning.CATEGORY_WRONG: frozenset({CATEGORY}),
    Meaning.PRICE_WRONG: frozenset({PRICE, OLD_PRICE}),
    Meaning.PHOTO_MISSING: _PICTURES,
    Meaning.PHOTO_STALE: _PICTURES,
    Meaning.PHOTO_TOO_SMALL: _PICTURES,
    Meaning.PHOTO_FORMAT: _PICTURES,
    Meaning.PHOTO_REFUSED: _PICTURES,
    NO_PICTURE: _PICTURES,
}


def named_by(code: str | None, fields: Fields) -> frozenset[str]:
    """Those of the fields that a refusal of this code names, none where it does not say."""
    return frozenset(_ABOUT.get(code or "", frozenset()) & fields.keys())


def left_of(refused: Fields, code: str | None, taken: Fields) -> tuple[Fields, bool]:
    """What stays refused once VK has taken these fields, and whether the refusal of this code stands.

    Of fields that were refused as one VK may have meant any: another value of one lets it be asked anew.
    """
    together = named_by(code, refused)
    touching = together or _ABOUT.get(code or "") or refused.keys()
    left = without(refused, *taken)
    if touching & taken.keys():
        return without(left, *(together or left)), False
    return left, bool(left)
