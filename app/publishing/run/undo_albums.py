"""What takes back what a run did about albums: goods and titles where they were, new albums gone."""

from collections.abc import Mapping
from typing import NamedTuple

from app.data.db import db
from app.publishing.ledger.album_writing import ALBUM, TITLE
from app.publishing.ledger.albums import albums_of
from app.publishing.ledger.of_run import TAKEN
from app.publishing.planning.albums import FOREIGN, REMOVE, RENAME, AlbumChange
from app.publishing.planning.comparing import Change
from app.publishing.planning.existing import ALBUMS, LIVE, Entry
from app.publishing.planning.plan import CHANGE, Item
from app.publishing.planning.steps import Phase, Step
from app.publishing.run.models import Publication, PublicationItem


class AlbumsBefore(NamedTuple):
    """The changes of albums that take a run back, and the titles of our albums by VK's ids."""

    changes: list[AlbumChange]
    titles: Mapping[int, str]

    def step_back(self, entry: Entry, item: PublicationItem) -> Step | None:
        """The step that puts a listing back into its album, if it still is where the run has put it."""
        if ALBUMS not in item.before:
            return None
        held = (self.titles[each] for each in entry.now(ALBUMS, ()) if each in self.titles)
        now, before = ", ".join(held) or None, item.before[ALBUMS]
        if now != item.after[ALBUMS] or now == before:
            return None
        # By then the albums have their former titles.
        titles = {change.entry.title: change.title for change in self.changes if change.entry}
        wanted = titles.get(before, before)
        back = Item(CHANGE, entry.sku, None, entry, (Change(ALBUMS, now, wanted),))
        return Step(Phase.ALBUMS, back, {ALBUMS: wanted})


def albums_before(run: Publication) -> AlbumsBefore:
    """Read what the run that `run` takes back did about albums; those that changed since are left alone."""
    known = {entry.row_id: entry for entry in albums_of(run.user_id, run.community_id)}
    titles = {
        entry.album_id: entry.title
        for entry in known.values()
        if entry.album_id is not None and entry.state != FOREIGN
    }
    done = db.session.scalars(
        db.select(PublicationItem)
        .filter_by(publication_id=run.undoes, outcome=TAKEN, action=ALBUM)
        .order_by(PublicationItem.id.desc())
    )
    changes = []
    for item in done:
        entry = known.get(item.after.get(ALBUM, 0))
        if entry is not None and entry.state == LIVE and entry.title == item.after[TITLE]:
            title = item.before.get(TITLE)
            kind = RENAME if title else REMOVE
            changes.append(AlbumChange(kind, title or entry.title, entry, entry.groups))
    return AlbumsBefore(changes, titles)
