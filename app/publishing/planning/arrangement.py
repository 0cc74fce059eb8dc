"""The community's albums («подборки») as the owner wants them, and what has to be made or renamed for it.

An album bears the name of its group; groups of several stores that bear the same name share one. Albums that
are not ours are never written to, and none is made beside another's of the same name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from app.mirror.folding import fold
from app.publishing.planning import texts
from app.publishing.planning.albums import (
    ADOPT,
    FOREIGN,
    MAKE,
    NO_ROOM,
    RENAME,
    AlbumChange,
    AlbumEntry,
    AlbumLimits,
    title_of,
)
from app.publishing.planning.desired import Desired
from app.publishing.planning.existing import ALBUMS, FAILED, GONE, LIVE, Entry
from app.publishing.planning.good import Key
from app.publishing.planning.reasons import Reason, Remedy
from app.publishing.planning.settings import TILL, Settings
from app.words import Sentence


class Album:
    """One album as it is wanted: known by `title`; `album_id` is None while it is to be made.

    `reason` says why nothing can be put into it; `room` is how many goods it takes yet.
    """

    __slots__ = ("change", "entry", "groups", "is_gone", "reason", "room", "title")

    def __init__(self, title: str, groups: frozenset[Key], entry: AlbumEntry | None, room: int) -> None:
        self.title = title
        self.groups = groups
        self.entry = entry
        self.room = room
        self.reason: Reason | None = None
        self.change: AlbumChange | None = None
        self.is_gone = entry is not None and entry.state == GONE

    @property
    def album_id(self) -> int | None:
        is_there = self.entry is not None and self.entry.state in (LIVE, FOREIGN)
        return self.entry.album_id if is_there and self.entry else None


class _Wanted:
    """Goods that want an album of one name, however it is spelt."""

    __slots__ = ("goods", "groups", "spellings")

    def __init__(self) -> None:
        self.spellings: Counter[str] = Counter()
        self.groups: set[Key] = set()
        self.goods = 0

    @property
    def title(self) -> str:
        """The commonest spelling; of equally common ones always the same."""
        return min(self.spellings, key=lambda spelling: (-self.spellings[spelling], spelling))


class Arrangement:
    """The albums of a community by the groups whose goods belong in them.

    `pairs` are the listings as they should be with those of the ledger, `entries` all that are in it.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[Desired, Entry | None]],
        entries: Iterable[Entry],
        known: Iterable[AlbumEntry],
        settings: Settings,
        most: AlbumLimits,
    ) -> None:
        known = sorted(known, key=lambda entry: entry.row_id)
        self.known = known
        self.ours = {each.album_id: each for each in known if each.album_id and each.state != FOREIGN}
        self.is_used = bool(self.ours) or settings.albums
        by_name = _by_name(want for want, _ in pairs)
        self._by_group: dict[Key, Album] = {}
        self.albums: list[Album] = []
        if by_name:
            self.is_used = True
            self._members = _members(entries)
            self._pairs = pairs
            self._match(by_name, settings, most)

    @property
    def in_vk(self) -> int:
        """How many albums the community has, as far as is known."""
        return sum(each.album_id is not None and each.state in (LIVE, FOREIGN) for each in self.known)

    def album_of(self, want: Desired) -> Album | None:
        """The album that a listing belongs in, None for none."""
        if not want.choice.album or want.good.group_id is None:
            return None
        return self._by_group.get((want.good.store_id, want.good.group_id))

    def _match(self, by_name: Mapping[str, _Wanted], settings: Settings, most: AlbumLimits) -> None:
        """Give each wanted album the one in the ledger that is it, the largest first."""
        by_title: dict[str, AlbumEntry] = {}
        foreign: dict[str, AlbumEntry] = {}
        for each in self.known:
            (foreign if each.state == FOREIGN else by_title).setdefault(fold(each.title), each)
        left = [each for each in self.ours.values() if each.state == LIVE and fold(each.title) not in by_name]
        # VK may take fewer than it says.
        free = 0 if any(each.state == NO_ROOM for each in self.known) else most.albums - self.in_vk
        for name, want in sorted(by_name.items(), key=lambda item: (-item[1].goods, item[0])):
            groups = frozenset(want.groups)
            entry = by_title.get(name) or _same_groups(left, groups)
            if entry is not None and entry in left:
                left.remove(entry)
            album = Album(want.title, groups, entry, most.items)
            if entry is not None and not (name in foreign and entry.state in (GONE, FAILED)):
                self._settle_known(album, settings, has_twin=name in foreign)
            elif name in foreign:
                self._settle_foreign(album, foreign[name])
            if album.album_id is None and album.reason is None:
                free -= 1
                album.reason = _no_room_for(album) if free < 0 else None
                album.change = AlbumChange(MAKE, album.title, entry, groups)
            album.room -= self._members[album.album_id or 0] + (album.entry.others if album.entry else 0)
            self.albums.append(album)
            self._by_group.update(dict.fromkeys(want.groups, album))

    def _settle_known(self, album: Album, settings: Settings, *, has_twin: bool) -> None:
        entry = album.entry
        assert entry is not None  # noqa: S101 (the caller has looked)
        # Capitals and «ё» alone are no reason to rename: groups of several stores may be spelt otherwise.
        is_same = fold(entry.title) == fold(album.title)
        if entry.state == FAILED and is_same:
            album.reason = _refused(entry)
        if entry.state != LIVE:
            return
        was_edited = entry.seen_title is not None and not texts.same(entry.title, entry.seen_title)
        if (is_same and not was_edited) or (was_edited and settings.own_albums != TILL) or has_twin:
            # What its name is in VK is its owner's affair.
            album.title = entry.title
        else:
            album.change = AlbumChange(RENAME, album.title, entry, album.groups)

    def _settle_foreign(self, album: Album, entry: AlbumEntry) -> None:
        members = self._members[entry.album_id or 0]
        if entry.others == 0 and 0 < members == self._belonging(entry.album_id, album.groups):
            # All that it holds would be put into it: it is one of ours that the ledger has forgotten.
            album.entry, album.title = entry, entry.title
            album.change = AlbumChange(ADOPT, entry.title, entry, album.groups)
            self.ours[entry.album_id or 0] = entry
        else:
            album.reason = _foreign(entry)

    def _belonging(self, album_id: int | None, groups: frozenset[Key]) -> int:
        """How many listings in an album are of these groups."""
        return sum(
            (want.good.store_id, want.good.group_id) in groups and album_id in entry.now(ALBUMS, ())
            for want, entry in self._pairs
            if entry is not None and entry.is_in_vk
        )


def _by_name(wanted: Iterable[Desired]) -> dict[str, _Wanted]:
    by_name: dict[str, _Wanted] = {}
    titles: dict[str | None, tuple[str, str]] = {}
    for want in wanted:
        good = want.good
        if not want.choice.album or good.group_id is None or not want.available:
            continue
        if good.group_name not in titles:
            title = title_of(good.group_name)
            titles[good.group_name] = title, fold(title)
        title, name = titles[good.group_name]
        if title:
            each = by_name.setdefault(name, _Wanted())
            each.spellings[title] += 1
            each.groups.add((good.store_id, good.group_id))
            each.goods += 1
    return by_name


def _members(entries: Iterable[Entry]) -> Counter[int]:
    """How many of our listings are in each album, by VK's id of it."""
    found: Counter[int] = Counter()
    for entry in entries:
        if entry.is_in_vk:
            found.update(entry.now(ALBUMS, ()))
    return found


def _same_groups(left: Iterable[AlbumEntry], groups: frozenset[Key]) -> AlbumEntry | None:
    """The album of groups that have another name now."""
    found = [entry for entry in left if entry.groups & groups]
    return min(found, key=lambda entry: (-len(entry.groups & groups), entry.row_id), default=None)


def _refused(entry: AlbumEntry) -> Reason:
    sentence = entry.problem or Sentence(
        "ВКонтакте не принял подборку «%(title)s». Переименуйте группу в кассе", title=entry.title
    )
    return Reason("album_refused", sentence, Remedy.TILL)


def _foreign(entry: AlbumEntry) -> Reason:
    sentence = Sentence(
        "Подборку «%(title)s» создали без Витрины. Разрешите складывать в неё товары", title=entry.title
    )
    return Reason("album_foreign", sentence, Remedy.ALBUMS)


def _no_room_for(album: Album) -> Reason:
    sentence = Sentence(
        "Для подборки «%(title)s» нет места: ВКонтакте не даёт сделать больше", title=album.title
    )
    return Reason("album_limit", sentence, Remedy.ALBUMS)


def full(album: Album) -> Reason:
    """Why one more good has no place in an album."""
    sentence = Sentence(
        "Подборка «%(title)s» полна: больше товаров ВКонтакте в неё не возьмёт", title=album.title
    )
    return Reason("album_full", sentence, Remedy.ALBUMS)
