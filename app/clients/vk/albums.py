"""The albums of a community's shop («подборки»), and which goods are in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple, TypeVar

from app.clients.errors import BadPayload
from app.clients.vk.by_ids import ask_by_ids
from app.clients.vk.call import Call, as_params
from app.clients.vk.market_payload import Album, AlbumPage, albums_reader, read_done, read_new_id
from app.clients.vk.meanings import Meaning
from app.clients.vk.session import VkSession

T = TypeVar("T")

PAGE = 100
ALBUMS_END = 10_000


class AllAlbums(NamedTuple):
    """Albums, each once; not complete when VK counts more than it has shown."""

    albums: list[Album]
    is_complete: bool


class Albums:
    """Read and write the albums of one community, given by its positive id."""

    def __init__(self, session: VkSession, community_id: int) -> None:
        self.session = session
        self._owner_id = -community_id
        self._read_albums = albums_reader(community_id)

    # Reference: https://dev.vk.com/ru/method/market.getAlbums
    def get_albums(self) -> AllAlbums:
        """Return the albums, each once; VK does not list the empty ones."""
        found: dict[int, Album] = {}
        sent = 0
        for offset in range(0, ALBUMS_END, PAGE):
            params = as_params(owner_id=self._owner_id, offset=offset, count=PAGE)
            page = self.session.ask(Call("market.getAlbums", params, self._read_albums))
            found |= {album.id: album for album in page.albums}
            sent += page.sent
            total = page.total
            if len(found) > ALBUMS_END:
                break
            if not page.sent or (total is not None and offset + PAGE >= total):
                return AllAlbums(list(found.values()), sent >= (total or 0))
        raise BadPayload("market.getAlbums: the pages do not end")

    # Reference: https://dev.vk.com/ru/method/market.getAlbumById
    def get_album_by_id(self, album_ids: Sequence[int]) -> AllAlbums:
        """Return those of the albums that exist, the empty ones too."""
        pages = list(ask_by_ids(self.session, album_ids, PAGE, self._showing_albums))
        is_complete = all(page.sent >= (page.total or 0) for page in pages)
        return AllAlbums([album for page in pages for album in page.albums], is_complete)

    # Reference: https://dev.vk.com/ru/method/market.addAlbum
    def adding_album(self, title: str) -> Call[int]:
        """Make the call that adds an album and gives its id; asked twice, it adds two."""
        return self._writing("market.addAlbum", as_params(title=title), read_new_id("market_album_id"))

    # Reference: https://dev.vk.com/ru/method/market.editAlbum
    def editing_album(self, album: Album) -> Call[None]:
        """Make the call that gives an album this title, these two properties and this cover.

        VK wants all of them: what is left out it takes for none.
        """
        params = as_params(
            album_id=album.id,
            title=album.title,
            photo_id=album.photo_id,
            main_album=album.is_main,
            is_hidden=album.is_hidden,
        )
        return self._writing("market.editAlbum", params, read_done)

    # Reference: https://dev.vk.com/ru/method/market.deleteAlbum
    def deleting_album(self, album_id: int) -> Call[None]:
        """Make the call that deletes an album; its goods stay. One that is gone already counts as deleted."""
        return self._writing(
            "market.deleteAlbum", as_params(album_id=album_id), read_done, Meaning.ALBUM_GONE
        )

    # Reference: https://dev.vk.com/ru/method/market.addToAlbum
    def adding_to_album(self, item_ids: Collection[int], album_ids: Collection[int]) -> Call[None]:
        """Make the call that puts items into albums; name only those that are not there yet.

        VK does not say which of several it has put there before it refuses one.
        """
        params = as_params(item_ids=item_ids, album_ids=album_ids)
        one = len(item_ids) == len(album_ids) == 1
        done = (Meaning.ALREADY_IN_ALBUM,) if one else ()
        return self._writing("market.addToAlbum", params, read_done, *done)

    # Reference: https://dev.vk.com/ru/method/market.removeFromAlbum
    def removing_from_album(self, item_id: int, album_ids: Collection[int]) -> Call[None]:
        """Make the call that takes an item out of albums."""
        params = as_params(item_id=item_id, album_ids=album_ids)
        return self._writing("market.removeFromAlbum", params, read_done)

    def _showing_albums(self, album_ids: Sequence[int]) -> Call[AlbumPage]:
        params = as_params(owner_id=self._owner_id, album_ids=album_ids)
        return Call("market.getAlbumById", params, self._read_albums)

    def _writing(
        self, method: str, params: dict[str, str], read: Callable[[Any], T], *done: Meaning
    ) -> Call[T]:
        params = as_params(owner_id=self._owner_id) | params
        return Call(method, params, read, writes=True, done=frozenset(done))
