"""What takes a run back: every field as it was before, as far as nothing else has changed it since."""

from app.publishing.ledger.entries import entries_of
from app.publishing.ledger.of_run import Net, net_of
from app.publishing.planning.changes import Change
from app.publishing.planning.existing import (
    ALBUMS,
    AVAILABLE,
    CARD,
    PHOTO_IDS,
    PHOTOS,
    TOGETHER,
    Entry,
    same_value,
)
from app.publishing.planning.plan import CHANGE, HIDE, SHOW, Item
from app.publishing.planning.steps import Phase, Step
from app.publishing.run.models import Publication
from app.publishing.run.undo_albums import AlbumsBefore


def undo_steps(run: Publication, albums: AlbumsBefore) -> list[Step]:
    """The steps that put back what the run that `run` takes back did; what was added is hidden."""
    done = net_of(run.undoes)
    found = [
        step
        for entry in entries_of(run.user_id, run.community_id)
        if entry.listing_id in done and entry.is_in_vk and _is_meant(run, entry)
        for step in _steps(entry, done[entry.listing_id], albums)
    ]
    return sorted(found, key=lambda step: step.phase)


def _is_meant(run: Publication, entry: Entry) -> bool:
    """Whether a run that tries once more what VK refused is about this listing; any other is about all."""
    return run.only is None or str(entry.listing_id) in run.only


def _steps(entry: Entry, done: Net, albums: AlbumsBefore) -> list[Step]:
    wanted = {AVAILABLE: False} if done.is_added else done.before
    changed_since = {
        field
        for field, value in wanted.items()
        if not same_value(field, entry.now(field), done.after.get(field))
        and not same_value(field, entry.now(field), value)
    }
    if changed_since & TOGETHER:
        changed_since |= TOGETHER
    changes = [
        Change(field, entry.now(field), value)
        for field, value in wanted.items()
        if field not in (PHOTO_IDS, CARD, ALBUMS)
        and field not in changed_since
        and not same_value(field, entry.now(field), value)
    ]
    # Their ids alone tell of photos that somebody has changed in VK since.
    photos = [change for change in changes if change.field == PHOTOS and not entry.was_edited(PHOTO_IDS)]
    others = [change for change in changes if change.field != PHOTOS]
    step_back = albums.step_back(entry, done)
    steps = [] if step_back is None else [step_back]
    if others:
        steps.append(_step(_phase(others), entry, others))
    if photos:
        step = _step(Phase.PHOTOS, entry, photos)
        # A card is drawn again from what was written on it, kept beside a picture that has replaced it.
        written = done.before.get(CARD, entry.sent.get(CARD))
        steps.append(step._replace(fields=step.fields | ({CARD: written} if written else {})))
    return steps


def _step(phase: Phase, entry: Entry, changes: list[Change]) -> Step:
    kind = {Phase.HIDE: HIDE, Phase.SHOW: SHOW}.get(phase, CHANGE)
    item = Item(kind, entry.sku, None, entry, tuple(changes))
    return Step(phase, item, {change.field: change.new for change in changes})


def _phase(changes: list[Change]) -> Phase:
    available = next((change.new for change in changes if change.field == AVAILABLE), None)
    if available is None:
        return Phase.PRICE
    return Phase.SHOW if available else Phase.HIDE
