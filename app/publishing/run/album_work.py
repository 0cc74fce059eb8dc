"""The albums of one run: looked at before any is made, made before goods go into them, filled."""

from collections.abc import Iterable, Sequence

from app.publishing.planning.albums import MAKE, REMOVE, AlbumChange
from app.publishing.planning.plan import Plan
from app.publishing.planning.steps import Step
from app.publishing.run.albums import AlbumMaker
from app.publishing.run.apply import Applier
from app.publishing.run.fill_albums import AlbumFiller
from app.publishing.run.models import Publication
from app.publishing.run.reading import Reader
from app.publishing.run.shop import Shop
from app.work.runs.running import Running


class AlbumWork:
    """What a run does about albums; raises CloudError and RunStopped."""

    def __init__(self, running: Running[Publication], shop: Shop, applier: Applier, reader: Reader) -> None:
        self._reader = reader
        self._maker = AlbumMaker(running, shop)
        self._filler = AlbumFiller(running, shop, applier.count)
        self._left: Sequence[AlbumChange] = ()
        # What VK refused in earlier turns it may take after a pause.
        self._tried = set(self._maker.refused) if running.goes_on else set()
        self._was_read = False

    @property
    def is_left(self) -> bool:
        """Whether albums are to be made or renamed yet."""
        return bool(self._left)

    @property
    def is_full(self) -> bool:
        """Whether the community takes no more albums."""
        return self._maker.is_full

    @property
    def failed(self) -> int:
        """How many albums VK would not take."""
        return len(self._maker.refused)

    def must_read(self, plan: Plan) -> bool:
        """Tell whether VK has to be looked at before the plan is carried out.

        Before that none is made: an equal one may be there since the last reading, or from a run that broke.
        """
        changes = plan.albums.changes if plan.albums else ()
        return not self._was_read and any(change.kind == MAKE for change in changes)

    def read(self) -> None:
        """Look at the albums in VK. Raises CloudError."""
        self._reader.read_albums()
        self._was_read = True

    def look_again(self) -> None:
        """Nobody knows what became of the last call: try everything again, after another look."""
        self._tried.clear()
        self._was_read = False

    def take(self, changes: Iterable[AlbumChange]) -> None:
        """Take over what is to be done; what was tried, or may have been done, is not tried twice."""
        self._left = [
            change
            for change in changes
            if (change.kind, change.title) not in self._tried and not change.is_awaited
        ]

    def make(self) -> None:
        """Make and rename what is to be."""
        self._do([change for change in self._left if change.kind != REMOVE])

    def remove(self) -> None:
        """Remove what is to go and is empty, once goods are out of it."""
        self._do([change for change in self._left if change.kind == REMOVE])

    def _do(self, changes: Sequence[AlbumChange]) -> None:
        self._left = [change for change in self._left if change not in changes]
        self._maker.carry_out(changes)
        self._tried.update((change.kind, change.title) for change in changes)

    def fill(self, steps: Iterable[Step]) -> set[str]:
        """Put goods into albums and take them out; give the skus of those that were tried."""
        steps = list(steps)
        outcomes = self._filler.fill(steps)
        listing_ids = {outcome.listing_id for outcome in outcomes}
        return {
            step.item.sku for step in steps if step.item.entry and step.item.entry.listing_id in listing_ids
        }
