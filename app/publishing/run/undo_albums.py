"""What takes back what a run did about albums: goods and titles where they were, new albums gone."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from app.data.db import db
from app.publishing.ledger.album_writing import ALBUM, TITLE
from app.publishing.ledger.albums import albums_of
from app.publishing.ledger.of_run import TAKEN, Net, net_of
from app.publishing.ledger.touched_since import albums_touched_since
from app.publishing.planning import texts
from app.publishing.planning.albums import FOREIGN, REMOVE, RENAME, AlbumChange
from app.publishing.planning.changes import Change
from app.publishing.planning.existing import ALBUMS, LIVE, Entry
from app.publishing.planning.plan import CHANGE, Item
from app.publishing.planning.steps import Phase, Step
from app.publishing.run.models import Publication, PublicationItem


class AlbumsBefore(NamedTuple):
    """The changes of albums that take a run back.

    `titles` are those of our albums by VK's ids, and `former` what each is called once all is taken back, by
    every title that it bore in the run. `on_the_way` are listings with the titles of the albums in which
    taking the run back has left them so far.
    """

    changes: list[AlbumChange]
    titles: Mapping[int, str]
    former: Mapping[str | None, str]
    on_the_way: Collection[tuple[int, str | None]]

    def step_back(self, entry: Entry, done: Net) -> Step | None:
        """The step that puts a listing back into its album, if it still is where the run has put it."""
        if ALBUMS not in done.before or self.is_elsewhere(entry, done):
            return None
        now, wanted = self._now(entry), self._called(done.before[ALBUMS])
        if self._called(now) == wanted:
            return None
        back = Item(CHANGE, entry.sku, None, entry, (Change(ALBUMS, now, wanted),))
        return Step(Phase.ALBUMS, back, {ALBUMS: wanted})

    def is_elsewhere(self, entry: Entry, done: Net) -> bool:
        """Whether a listing is neither where the run has put it nor where it was before."""
        if ALBUMS not in done.before:
            return False
        now = self._now(entry)
        known = [self._called(each) for each in (done.after[ALBUMS], done.before[ALBUMS])]
        return self._called(now) not in known and (entry.listing_id, now) not in self.on_the_way

    def _called(self, title: str | None) -> str | None:
        return self.former.get(title, title)

    def _now(self, entry: Entry) -> str | None:
        """The titles of the albums of ours that hold a listing, None for none."""
        held = (self.titles[each] for each in sorted(entry.now(ALBUMS, ())) if each in self.titles)
        return ", ".join(held) or None


def albums_before(run: Publication) -> AlbumsBefore:
    """Read what the run that `run` takes back did about albums; those that changed since are left alone."""
    known = albums_of(run.user_id, run.community_id)
    titles = {
        entry.album_id: entry.title
        for entry in known
        if entry.album_id is not None and entry.state != FOREIGN
    }
    steps: defaultdict[int, list[PublicationItem]] = defaultdict(list)
    for item in db.session.scalars(
        db.select(PublicationItem)
        .filter_by(publication_id=run.undoes, outcome=TAKEN, action=ALBUM)
        .order_by(PublicationItem.id)
    ):
        steps[item.after.get(ALBUM, 0)].append(item)
    touched = albums_touched_since(run) if steps else ()
    changes: list[AlbumChange] = []
    former: dict[str | None, str] = {}
    for entry in known:
        if entry.state != LIVE or entry.row_id not in steps:
            continue
        done = steps[entry.row_id]
        was_made = not done[0].before
        was_edited = entry.seen_title is not None and not texts.same(entry.title, entry.seen_title)
        is_as_left = entry.title == done[-1].after[TITLE] and not was_edited and entry.row_id not in touched
        title = done[0].before[TITLE] if is_as_left and not was_made else entry.title
        if is_as_left and (was_made or title != entry.title):
            changes.append(AlbumChange(REMOVE if was_made else RENAME, title, entry, entry.groups))
        # Goods were put into it, and taken out of it, by the title of that moment.
        former |= {
            each: title for item in done for each in (item.before.get(TITLE), item.after[TITLE]) if each
        }
    return AlbumsBefore(changes, titles, former, _on_the_way(run) if titles else ())


def _on_the_way(run: Publication) -> set[tuple[int, str | None]]:
    undos = db.session.scalars(db.select(Publication.id).filter_by(undoes=run.undoes)).all()
    return {
        (listing_id, done.after[ALBUMS])
        for undo in undos
        for listing_id, done in net_of(undo).items()
        if ALBUMS in done.after
    }
