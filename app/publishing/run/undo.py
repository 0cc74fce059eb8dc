"""What takes a run back: every field as it was before, as far as nothing else has changed it since."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from app.publishing.ledger.entries import entries_of
from app.publishing.ledger.of_run import Net, net_of
from app.publishing.ledger.touched_since import WHOLE, touched_since
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
    without,
)
from app.publishing.planning.good import Key
from app.publishing.planning.plan import CHANGE, HIDE, SHOW, Item
from app.publishing.planning.steps import Phase, Step
from app.publishing.run.kept_back import kept_back
from app.publishing.run.models import Publication
from app.publishing.run.undo_albums import AlbumsBefore


class Undo(NamedTuple):
    """The steps that put back what a run did, and how many listings are left alone, in whole or in part."""

    steps: list[Step]
    left_alone: int


class _Undone(NamedTuple):
    """The steps that put one listing back, and whether nothing of it is left alone."""

    steps: list[Step]
    is_whole: bool


def undo_of(run: Publication, albums: AlbumsBefore) -> Undo:
    """What puts back what the run that `run` takes back did; what was added is hidden.

    What was changed since, by later runs or in VK, or is in VK no more, is left alone. What buyers must not
    see by what holds now stays hidden, and what they see already by another listing.
    """
    done, touched = net_of(run.undoes), touched_since(run)
    shows = any(net.before.get(AVAILABLE) for net in done.values())
    hidden = kept_back(run.user_id, run.community_id) if shows else {}
    entries = entries_of(run.user_id, run.community_id)
    meant = [entry for entry in entries if entry.listing_id in done and _is_meant(run, entry)]

    def undone(entry: Entry, *, may_show: bool) -> _Undone:
        since = touched.get(entry.listing_id, frozenset())
        return _steps(entry, done[entry.listing_id], albums, since, may_show=may_show)

    found = {
        entry.listing_id: undone(entry, may_show=entry.listing_id not in hidden)
        for entry in meant
        if entry.is_in_vk
    }
    for entry in _seen_otherwise(entries, found):
        found[entry.listing_id] = undone(entry, may_show=False)
    steps = [step for each in found.values() for step in each.steps]
    gone = sum(not entry.is_in_vk and not done[entry.listing_id].is_added for entry in meant)
    left_alone = gone + sum(not each.is_whole for each in found.values())
    return Undo(sorted(steps, key=lambda step: step.phase), left_alone)


def _seen_otherwise(entries: Iterable[Entry], found: Mapping[int, _Undone]) -> Iterator[Entry]:
    """Those that would be shown though their good is seen by another listing: it was joined to that since."""
    phases = {listing_id: {step.phase for step in each.steps} for listing_id, each in found.items()}
    hidden_yet = [entry for entry in entries if Phase.SHOW in phases.get(entry.listing_id, ())]
    seen: set[Key] = set()
    for entry in entries if hidden_yet else ():
        if entry.is_visible and Phase.HIDE not in phases.get(entry.listing_id, ()):
            seen.update(entry.goods)
    # The wider ones first: a good alone may be behind one of them.
    for entry in sorted(hidden_yet, key=lambda entry: -len(entry.goods)):
        if seen.isdisjoint(entry.goods[:1]):
            seen.update(entry.goods)
        else:
            yield entry


def _is_meant(run: Publication, entry: Entry) -> bool:
    """Whether a run that tries once more what VK refused is about this listing; any other is about all."""
    return run.only is None or str(entry.listing_id) in run.only


def _steps(
    entry: Entry, done: Net, albums: AlbumsBefore, since: frozenset[str], *, may_show: bool
) -> _Undone:
    """What puts one listing back.

    since: the fields that later runs have touched, WHOLE among them for all.
    """

    def is_touched(field: str) -> bool:
        # Whatever it holds by now: later runs may have come back to the very value that this one left.
        return field in since or WHOLE in since

    wanted = {AVAILABLE: False} if done.is_added else done.before
    differing = [
        Change(field, entry.now(field), value)
        for field, value in without(wanted, PHOTO_IDS, CARD, ALBUMS).items()
        if not same_value(field, entry.now(field), value)
    ]
    after = done.after
    # What was changed since.
    left = {
        each.field
        for each in differing
        if is_touched(each.field) or not same_value(each.field, each.old, after.get(each.field))
    }
    if left & TOGETHER:
        left |= TOGETHER
    if not may_show and wanted.get(AVAILABLE) and not entry.is_visible:
        left.add(AVAILABLE)
    changes = [change for change in differing if change.field not in left]
    # Their ids alone tell of photos that somebody has changed in VK since.
    are_edited = entry.was_edited(PHOTO_IDS)
    photos = [change for change in changes if change.field == PHOTOS and not are_edited]
    others = [change for change in changes if change.field != PHOTOS]
    step_back = albums.step_back(entry, done)
    if step_back is not None and is_touched(ALBUMS):
        left.add(ALBUMS)
        step_back = None
    steps = [] if step_back is None else [step_back]
    if others:
        steps.append(_step(_phase(others), entry, others))
    if photos:
        step = _step(Phase.PHOTOS, entry, photos)
        # A card is drawn again from what was written on it, kept beside a picture that has replaced it.
        written = done.before.get(CARD, entry.sent.get(CARD))
        steps.append(step._replace(fields=step.fields | ({CARD: written} if written else {})))
    is_whole = not (left or (PHOTOS in wanted and are_edited) or albums.is_elsewhere(entry, done))
    return _Undone(steps, is_whole)


def _step(phase: Phase, entry: Entry, changes: list[Change]) -> Step:
    kind = {Phase.HIDE: HIDE, Phase.SHOW: SHOW}.get(phase, CHANGE)
    item = Item(kind, entry.sku, None, entry, tuple(changes))
    return Step(phase, item, {change.field: change.new for change in changes})


def _phase(changes: list[Change]) -> Phase:
    available = next((change.new for change in changes if change.field == AVAILABLE), None)
    if available is None:
        return Phase.PRICE
    return Phase.SHOW if available else Phase.HIDE
