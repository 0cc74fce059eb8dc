"""The community's albums («подборки») as the ledger knows them, and what may have to be done about one."""

from typing import NamedTuple

from app.publishing.planning import texts
from app.publishing.planning.existing import SENDING
from app.publishing.planning.good import Key

FOREIGN = "foreign"
NO_ROOM = "no_room"
MAKE, RENAME, ADOPT, REMOVE = "make", "rename", "adopt", "remove"
TITLE_MAX = 128


class AlbumLimits(NamedTuple):
    """How many albums a community may have, and how many goods an album."""

    albums: int = 100
    items: int = 1000


class AlbumEntry(NamedTuple):
    """An album in the ledger.

    `state`: `sending` was committed before the album was made, and its outcome is unknown; `live` is ours and
    in VK; `gone` was ours and was deleted in VK by hand; `failed`: VK would not take its title; `no_room`: VK
    took no more albums, neither this nor others; `foreign` is another's. `title` is as we last sent it,
    `seen_title` as VK last showed it. Goods of `groups` are in it; `others` counts what is in it and is not
    ours.
    """

    row_id: int
    album_id: int | None
    title: str
    state: str
    groups: frozenset[Key] = frozenset()
    seen_title: str | None = None
    others: int = 0
    problem: str | None = None


class AlbumChange(NamedTuple):
    """What has to be done about an album before goods go into it; `entry` is what the ledger knows of it."""

    kind: str
    title: str
    entry: AlbumEntry | None
    groups: frozenset[Key]

    @property
    def is_written(self) -> bool:
        """Whether VK is told of it."""
        return self.kind != ADOPT

    @property
    def is_awaited(self) -> bool:
        """Whether VK may have made the album already without showing it yet."""
        return self.kind == MAKE and self.entry is not None and self.entry.state == SENDING


def title_of(group_name: str | None) -> str:
    """The title of a group's album; empty where the group has no name."""
    return texts.cut(texts.one_line(group_name), 1, TITLE_MAX)
