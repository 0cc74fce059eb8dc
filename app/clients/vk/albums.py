"""The albums of a community's shop («подборки»), and which goods are in them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from app.clients.errors import BadPayload
from app.clients.vk.call import Call, as_params
from app.clients.vk.market_payload import Album, albums_reader, read_done, read_new_id
from app.clients.vk.meanings import Meaning
from app.clients.vk.session import VkSession

T = TypeVar("T")

PAGE = 100
ALBUMS_END = 10_000


class Albums:
    """Read and write the albums of one community, given by its positive id."""

    def __init__(self, session: VkSession, community_id: int) -> None:
        self.session = session
        self._owner_id = -community_id
        self._read_albums = albums_reader(community_id)

    # Reference: https://dev.vk.com/ru/method/market.getAlbums
    def get_albums(self) -> list[Album]:
        """Return the albums, each once; VK does not list the empty ones."""
        found: dict[int, Album] = {}
        for offset in range(0, ALBUMS_END, PAGE):
            params = as_params(owner_id=self._owner_id, offset=offset, count=PAGE)
            page = self.session.ask(Call("market.getAlbums", params, self._read_albums))
            found |= {album.id: album for album in page}
            if not page:
                return list(found.values())
        raise BadPayload("market.getAlbums: the pages do not end")

    # Reference: https://dev.vk.com/ru/method/market.getAlbumById
    def get_album_by_id(self, album_ids: Collection[int]) -> dict[int, Album]:
        """Return those of the albums that exist, by id, the empty ones too."""
        params = as_params(owner_id=self._owner_id, album_ids=album_ids)
        found = self.session.ask(Call("market.getAlbumById", params, self._read_albums))
        return {album.id: album for album in found}

    # Reference: https://dev.vk.com/ru/method/market.addAlbum
    def adding_album(self, title: str) -> Call[int]:
        """Make the call that adds an album and gives its id; asked twice, it adds two."""
        return self._writing("market.addAlbum", as_params(title=title), read_new_id("market_album_id"))

    # Reference: https://dev.vk.com/ru/method/market.editAlbum
    def editing_album(self, album: Album) -> Call[None]:
        """Make the call that gives an album this title and these two properties; VK wants all of them."""
        params = as_params(
            album_id=album.id, title=album.title, main_album=album.is_main, is_hidden=album.is_hidden
        )
        return self._writing("market.editAlbum", params, read_done)

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

    def add_album(self, title: str) -> int:
        """Add an album and return its id."""
        return self.session.ask(self.adding_album(title))

    def edit_album(self, album: Album) -> None:
        """Change an album."""
        self.session.ask(self.editing_album(album))

    def add_to_album(self, item_ids: Collection[int], album_ids: Collection[int]) -> None:
        """Put items into albums."""
        self.session.ask(self.adding_to_album(item_ids, album_ids))

    def remove_from_album(self, item_id: int, album_ids: Collection[int]) -> None:
        """Take an item out of albums."""
        self.session.ask(self.removing_from_album(item_id, album_ids))

    def _writing(
        self, method: str, params: dict[str, str], read: Callable[[Any], T], *done: Meaning
    ) -> Call[T]:
        params = as_params(owner_id=self._owner_id) | params
        return Call(method, params, read, writes=True, done=frozenset(done))
