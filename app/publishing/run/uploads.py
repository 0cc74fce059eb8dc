"""Pictures brought to VK just before their listing, each to one listing only."""

from collections.abc import Callable

from sqlalchemy import select

from app.clients.vk.photos import ProductPhotos
from app.data.db import db
from app.publishing.photos.card_picture import draw_card
from app.publishing.photos.models import Photo
from app.publishing.photos.picture_files import PictureFiles, PictureLost
from app.publishing.planning.card import Card, is_card
from app.publishing.planning.existing import CARD, PHOTO_IDS, PHOTOS
from app.publishing.planning.steps import Step


class Uploads:
    """The pictures of one run: read from the owner's files or drawn, uploaded one call each."""

    def __init__(self, photos: ProductPhotos, files: PictureFiles) -> None:
        self._photos = photos
        self._files = files

    def of(self, step: Step, check: Callable[[], None], *, anew: bool = False) -> list[int]:
        """Give VK's ids of a step's pictures, in their order; those that its listing has are not sent again.

        check: called before each upload. anew: nothing that was uploaded before is of use. Raises
        PictureLost and CloudError.
        """
        known = {} if anew else _known(step)
        ids = []
        for mark in step.fields[PHOTOS]:
            if mark not in known:
                check()
                known[mark] = self._photos.upload(self._picture(mark, step))
            ids.append(known[mark])
        return ids

    def _picture(self, mark: str, step: Step) -> bytes:
        if not is_card(mark):
            return self._files.read(mark)
        card = card_of(step)
        if card is None or card.mark != mark:
            raise PictureLost(mark)
        return draw_card(card).data


def is_kept(user_id: int, mark: str) -> bool:
    """Tell whether a picture is the owner's still, wherever its file is. Rolls back."""
    # What other processes wrote since the last look.
    db.session.rollback()
    found = db.session.scalar(select(Photo.id).filter_by(user_id=user_id, digest=mark))
    db.session.rollback()
    return found is not None


def card_of(step: Step) -> Card | None:
    """The card among a step's pictures: the good's, or that of an earlier time which is put back."""
    if not any(map(is_card, step.fields[PHOTOS])):
        return None
    if written := step.fields.get(CARD):
        return Card(*written)
    return step.item.want.card if step.item.want else None


def _known(step: Step) -> dict[str, int]:
    """VK's ids by the marks of the pictures that the listing has."""
    entry = step.item.entry
    if entry is None or not entry.is_in_vk or entry.was_edited(PHOTO_IDS):
        return {}
    marks, ids = entry.sent.get(PHOTOS, ()), entry.sent.get(PHOTO_IDS, ())
    return dict(zip(marks, ids, strict=True)) if len(marks) == len(ids) else {}
