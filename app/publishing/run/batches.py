"""Steps of a run that one writing call carries together, and how each is told from the others."""

from collections.abc import Iterable, Iterator

from app.publishing.planning.steps import Phase, Step, part_of
from app.publishing.run.apply import BATCH

# Of many listings that go into albums a few calls tell.
ALBUM_BATCH = 1000
# What one call to a listing is about: each is tried once in a turn, unless its outcome stayed unknown.
Mark = tuple[str, Phase | None]


def batches(todo: Iterable[Step]) -> Iterator[tuple[Phase, list[Step]]]:
    """Up to 25 steps at a time; new goods, albums and new pictures go apart, all else goes together."""
    batch: list[Step] = []
    for step in todo:
        most = ALBUM_BATCH if step.phase == Phase.ALBUMS else BATCH
        if batch and (len(batch) == most or _way(batch[0]) != _way(step)):
            yield batch[0].phase, batch
            batch = []
        batch.append(step)
    if batch:
        yield batch[0].phase, batch


def _way(step: Step) -> Phase | None:
    return step.phase if step.phase >= Phase.NEW else None


def mark_of(step: Step) -> Mark:
    """What tells a step from the others of a turn: a later turn may take the same one again."""
    # A new good is edited no more in the turn that has added it, but it goes into its album.
    return step.item.sku, part_of(step.item.kind, step.fields)
