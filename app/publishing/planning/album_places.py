"""Which goods go into an album or leave one: by difference, as far as there is room."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from app.publishing.planning.albums import AlbumChange
from app.publishing.planning.arrangement import Album, Arrangement, full
from app.publishing.planning.changes import Change
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import ALBUMS, MOVING, Entry
from app.publishing.planning.reasons import Reason
from app.publishing.planning.settings import TILL, VK


class Place(NamedTuple):
    """What is to be done about one listing's album.

    `change` holds titles, None for no album, and is to be sent; `question` was edited in VK, and is the
    owner's to answer; `refused` would be sent, had VK not refused it. `reason` says why it cannot be where it
    belongs.
    """

    change: Change | None = None
    question: Change | None = None
    refused: Change | None = None
    reason: Reason | None = None


NOWHERE = Place()


class Places:
    """Gives listings their places, one after the other; `owner` has the last word on albums."""

    def __init__(self, arrangement: Arrangement, owner: str) -> None:
        self._arrangement = arrangement
        self._owner = owner
        self._needed: dict[str, Album] = {}
        self.is_used = arrangement.is_used

    def of_new(self, want: Desired) -> Place:
        """The place of a listing that is to be added."""
        album = self._arrangement.album_of(want)
        if album is None or (album.is_gone and self._owner != TILL):
            return NOWHERE
        return self._put(album, Change(ALBUMS, None, album.title))

    def of_known(self, want: Desired, entry: Entry) -> Place:
        """The place of a listing that is in VK."""
        owner = entry.owners.get(ALBUMS, self._owner)
        album = self._arrangement.album_of(want)
        now = self._ours(entry.now(ALBUMS, ()))
        wanted = () if album is None else (album.album_id,)
        # A run was cut off when it moved it, and nobody has looked since.
        is_open = bool(entry.sent.get(MOVING)) and ALBUMS not in entry.seen
        if owner == VK or (now == wanted and not is_open):
            return NOWHERE
        titles = [each.title for each in self._arrangement.known if each.album_id in now]
        change = Change(ALBUMS, ", ".join(titles) or None, album.title if album else None)
        is_known = ALBUMS in entry.seen and not entry.sent.get(MOVING)
        was_edited = is_known and set(now) != set(self._ours(entry.sent.get(ALBUMS, ())))
        if was_edited and owner != TILL:
            return Place(question=change)
        if album is None:
            return Place(change)
        if album.is_gone and owner != TILL:
            # Deleted in VK: it is not made again without the owner's word.
            return NOWHERE
        if album.album_id is not None and entry.was_refused(ALBUMS, [album.album_id]):
            return Place(refused=change)
        return self._put(album, change, is_there=album.album_id in now)

    def changes(self) -> Iterator[AlbumChange]:
        """What has to be done about albums for the places that were given."""
        for album in self._arrangement.albums:
            change = album.change
            if change is None or album.reason is not None:
                continue
            is_known = change.entry is not None and album.album_id is not None
            if album.title in self._needed or (is_known and change.is_written):
                yield change

    def _put(self, album: Album, change: Change, *, is_there: bool = False) -> Place:
        if album.reason is not None:
            return Place(reason=album.reason)
        if not is_there:
            if album.room <= 0:
                return Place(reason=full(album))
            album.room -= 1
        self._needed[album.title] = album
        return Place(change)

    def _ours(self, album_ids: Iterable[int]) -> tuple[int, ...]:
        """Those of the albums that are ours, or were until they were deleted in VK."""
        return tuple(album_id for album_id in album_ids if album_id in self._arrangement.ours)
