"""What takes a run back: every field as it was before, as far as nothing else has changed it since."""

from sqlalchemy import select

from app.data.db import db
from app.publishing.ledger.entries import entries_of
from app.publishing.ledger.of_run import TAKEN
from app.publishing.planning.comparing import Change
from app.publishing.planning.existing import ALBUMS, AVAILABLE, CARD, PHOTO_IDS, PHOTOS, Entry, same_value
from app.publishing.planning.plan import CHANGE, CREATE, HIDE, SHOW, Item
from app.publishing.planning.steps import Phase, Step
from app.publishing.run.batches import Mark, mark_of
from app.publishing.run.models import Publication, PublicationItem
from app.publishing.run.undo_albums import AlbumsBefore


def undo_steps(run: Publication, albums: AlbumsBefore) -> list[Step]:
    """The steps that put back what the run that `run` takes back did; what was added is hidden."""
    entries = {entry.listing_id: entry for entry in entries_of(run.user_id, run.community_id)}
    done = db.session.scalars(
        select(PublicationItem)
        .filter_by(publication_id=run.undoes, outcome=TAKEN)
        .order_by(PublicationItem.id.desc())
    )
    found: dict[Mark, Step] = {}
    for item in done:
        entry = entries.get(item.listing_id or 0)
        if entry is None or not entry.is_in_vk or not _is_meant(run, entry):
            continue
        for step in _steps(entry, item, albums):
            found.setdefault(mark_of(step), step)
    return sorted(found.values(), key=lambda step: step.phase)


def _is_meant(run: Publication, entry: Entry) -> bool:
    """Whether a run that tries once more what VK refused is about this listing; any other is about all."""
    return run.only is None or str(entry.listing_id) in run.only


def _steps(entry: Entry, item: PublicationItem, albums: AlbumsBefore) -> list[Step]:
    wanted = {AVAILABLE: False} if item.action == CREATE else item.before
    changes = [
        Change(field, entry.now(field), value)
        for field, value in wanted.items()
        if field not in (PHOTO_IDS, CARD, ALBUMS)
        and same_value(field, entry.now(field), item.after.get(field))
        and not same_value(field, entry.now(field), value)
    ]
    # Their ids alone tell of photos that somebody has changed in VK since.
    photos = [change for change in changes if change.field == PHOTOS and not entry.was_edited(PHOTO_IDS)]
    others = [change for change in changes if change.field != PHOTOS]
    step_back = albums.step_back(entry, item)
    steps = [] if step_back is None else [step_back]
    if others:
        steps.append(_step(_phase(others), entry, others))
    if photos:
        step = _step(Phase.PHOTOS, entry, photos)
        # A card is drawn again from what was written on it.
        card = {CARD: item.before[CARD]} if CARD in item.before else {}
        steps.append(step._replace(fields=step.fields | card))
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
